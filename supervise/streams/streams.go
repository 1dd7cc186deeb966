// Package streams makes the first three descriptors of processes: what they read, and where
// what they print goes.
package streams

import (
	"slipway/supervise/bus"
	"slipway/supervise/config"
	"slipway/supervise/events"
	"slipway/supervise/fcgi"
	"slipway/supervise/kernel"
	"slipway/supervise/logs"
	"slipway/supervise/logs/auto"
	"slipway/supervise/logs/sink"
	"slipway/supervise/output"
)

// Outlet is one output of a process.
type Outlet struct {
	output.Outlet
	Auto string // an AUTO log gets its name once
}

// Streams are the first three descriptors of a process, over all its incarnations.
type Streams struct {
	Out, Err Outlet
	Inherits bool   // gets the supervisor's own descriptors 0 to 2
	Terminal string // of a program with tty: HasTerminal or NoTerminal; "" for others
	deaf     bool   // nobody can write to its standard input
	in       output.Input
}

// What has become of a program's tty option.
const (
	HasTerminal = "foreground"
	NoTerminal  = "none"
)

// Of are the streams of a process. Main is the program of the command line, which gets what the
// supervisor has. So does the one with the terminal, if there is a terminal.
func (m *Maker) Of(c *config.Process, main bool) Streams {
	s := Streams{Inherits: main}
	switch {
	case !c.TTY:
	case m.Kernel.IsTerminal(0):
		s.Inherits, s.Terminal = true, HasTerminal
	default:
		s.Terminal = NoTerminal
		m.Log.Warn(c.Name, " has tty = true, and the container has no terminal: it is started like any other program; docker run -it gives the container one")
	}
	return s
}

// Share has the streams of another process of the same program go where these go: to the same
// logs and the same followers.
func (s *Streams) Share(with *Streams) {
	with.Out.Auto, with.Err.Auto = s.Out.Auto, s.Err.Auto
	s.Out.Outlet.Share(&with.Out.Outlet)
	s.Err.Outlet.Share(&with.Err.Outlet)
}

// LastWords are the last lines, n at most, of the standard error, or of the output where there
// are none.
func (s *Streams) LastWords(n int) []string {
	for _, o := range []*Outlet{&s.Err, &s.Out} {
		if lines := o.Tail(n); len(lines) > 0 {
			return lines
		}
	}
	return nil
}

// PassedBy says why an output of the process called name cannot be shown; "": it can be.
func (s *Streams) PassedBy(k output.Pipes, c *config.Process, name string, o *Outlet) string {
	auto := !s.Inherits && c.Relay == config.RelayAuto
	return o.Outlet.PassedBy(name, func(fd int) bool { return auto && !k.Stdio(fd).Terminal })
}

// Logfile returns the path of an output, and whether it is for its owner only.
func Logfile(o config.Output, auto string) (path string, private bool) {
	if o.Logfile == config.AutoLog {
		return auto, true
	}
	return o.Logfile, false
}

// Kernel is what a Maker asks of the operating system.
type Kernel interface {
	output.Pipes
	fcgi.Sockets
}

// Maker makes the descriptors.
type Maker struct {
	Kernel  Kernel
	Log     *logs.Activity
	Targets *sink.Targets
	Carrier *output.Carrier
	Bus     *bus.Bus

	Strip bool // escapes are taken out of what programs print
	form  form
}

// Owner is the process that descriptors are for.
type Owner struct {
	Config *config.Process
	Group  *config.Group
	Socket *fcgi.Socket // of an fcgi-program
	Pool   *bus.Pool    // of listeners; nil: it is a program
	Member *bus.Member  // of that pool
	PID    *int         // at any time
	UID    int          // of the supervisor
	Alone  bool         // there is no other process
}

// Make makes the first three descriptors of a command. ends are those to close after the
// fork, also after an error.
func (m *Maker) Make(s *Streams, p *Owner, c *kernel.Command) (ends []int, err error) {
	in := 0
	if s.Inherits {
		c.Foreground = m.Kernel.IsTerminal(0)
		if c.Foreground || m.Kernel.Stdio(1).Terminal || p.Config.Log.Spec() == nil || p.Config.Relay == config.RelayNo {
			c.Files = []int{0, 1, 2}
			s.Out.Have(1)
			s.Err.Have(2)
			return nil, nil
		}
	} else if in, err = m.openInput(s, p); err != nil {
		return nil, err
	}
	if s.in.IsOpen() {
		ends = append(ends, in)
	}
	out, own, err := m.openOutput(p, &s.Out, p.Config.Stdout, false)
	if err != nil {
		return ends, err
	}
	if own {
		ends = append(ends, out)
	}
	errFD := out
	if !p.Config.RedirectStderr {
		if errFD, own, err = m.openOutput(p, &s.Err, p.Config.Stderr, true); err != nil {
			return ends, err
		}
		if own {
			ends = append(ends, errFD)
		}
	}
	c.Files = append(c.Files, in, out, errFD)
	return ends, nil
}

// openInput makes the read end of standard input: a pipe that nobody writes to, as in
// Supervisor, or the socket of an fcgi-program.
func (m *Maker) openInput(s *Streams, p *Owner) (int, error) {
	s.deaf = p.Group.Kind == config.KindFCGI
	if s.deaf && p.Group.Socket != nil {
		return p.Socket.Open(m.Kernel, m.Log, p.Group.Socket)
	}
	r, w, err := m.Kernel.InputPipe()
	if err == nil {
		s.in.Attach(m.Carrier, w)
		m.give(p, r)
	}
	return r, err
}

// openOutput makes the write end of one output; own says that it is to be closed.
func (m *Maker) openOutput(p *Owner, at *Outlet, o config.Output, stderr bool) (fd int, own bool, err error) {
	path, private := Logfile(o, at.Auto)
	listens := p.Member != nil && !stderr
	if listens && sink.IsStdio(path) {
		path = "" // what a listener says is for us
	}
	spec := logs.Spec{
		Destination: sink.Destination{
			Process: p.Config.Name, Logfile: path, Private: private, Destinations: o.Destinations,
			Rotation: sink.Rotation{Maxbytes: o.Maxbytes, Backups: o.Backups}, Old: p.Config.OldLogs.Rule(),
		},
		CaptureMaxbytes: o.CaptureMaxbytes, StripANSI: m.Strip,
		Lines: m.lines(p, stderr), Keep: p.Config.Log.Kept(),
	}
	hooks := m.hooks(p, o, stderr)
	place := output.Place{
		FD: logs.Inherited(m.Targets, spec, hooks.Chunk != nil || hooks.Captured != nil), Relay: p.Config.Relay, User: p.Config.User,
		Alone: p.Alone, Idiom: o.Maxbytes == 0,
	}
	if spec.Lines != nil {
		place.FD = 0 // nobody else can give lines their form
	}
	if place.FD != 0 {
		place.End = m.Kernel.Stdio(place.FD)
	}
	if at.Inherit(place) {
		return place.FD, false, nil
	}
	manner := output.Manner{Patient: true}
	if listens { // its answers are waited for, until it says something that is none
		manner = output.Manner{Vain: p.Member.IsLost}
	}
	fd, err = m.Carrier.Open(&at.Outlet, spec, hooks, manner)
	if err == nil {
		m.give(p, fd)
	}
	return fd, true, err
}

// give makes a pipe the property of a program's user, so that the program can open it by a
// name such as /dev/stdout. If that fails the pipe works as it is.
func (m *Maker) give(p *Owner, fd int) {
	if u := p.Config.User; u != nil && p.UID == 0 && u.UID != 0 {
		m.Kernel.Give(fd, u.UID, u.GID)
	}
}

// hooks are told what passes through an output.
func (m *Maker) hooks(p *Owner, o config.Output, stderr bool) (h logs.Hooks) {
	about, pid := p.Config, p.PID
	w := bus.Printer{
		About:  func() events.Process { return events.Process{Name: about.Name, Group: about.Group, PID: *pid} },
		Stderr: stderr, Events: o.EventsEnabled, Captures: o.CaptureMaxbytes > 0,
	}
	if !stderr {
		w.Pool, w.Member = p.Pool, p.Member
	}
	if m.Log.Enabled(logs.Debug) {
		channel := "stdout"
		if stderr {
			channel = "stderr"
		}
		w.Debug = func(b []byte) { m.Log.Output(about.Name, channel, b) }
	}
	h.Chunk, h.Captured = m.Bus.Hooks(w)
	return h
}

// TellPID tells the pid; 0: the process could not be started.
func (s *Streams) TellPID(pid int) {
	s.Out.Began(pid)
	s.Err.Began(pid)
}

// Drain reads what the process has printed before it died.
func (m *Maker) Drain(s *Streams) {
	m.Carrier.Drain(&s.Out.Outlet)
	m.Carrier.Drain(&s.Err.Outlet)
}

// Hears reports whether somebody can write to the standard input.
func (s *Streams) Hears() bool { return s.in.IsOpen() }

// Hush closes our end of the standard input.
func (s *Streams) Hush() { s.in.Close() }

// Waiting is how many bytes wait for the process to read its standard input; -1 if it has none
// that anybody can write to.
func (s *Streams) Waiting() int {
	if !s.in.IsOpen() || s.deaf {
		return -1
	}
	return s.in.Waiting()
}

// Type queues bytes for the standard input. An error means that the process has closed it.
func (s *Streams) Type(b []byte) error { return s.in.Write(b) }

// Name gives the AUTO logs of a process their names.
func (m *Maker) Name(s *Streams, c *config.Process, cfg *config.Supervisord) {
	s.Out.Auto = m.autoLog(cfg, c, c.Stdout, "stdout")
	if !c.RedirectStderr {
		s.Err.Auto = m.autoLog(cfg, c, c.Stderr, "stderr")
	}
}

// autoLog makes the file of an AUTO log. Without one the output is dropped, and that
// is said: a log directory that cannot be written must not keep a program down.
func (m *Maker) autoLog(cfg *config.Supervisord, c *config.Process, o config.Output, channel string) string {
	if o.Logfile != config.AutoLog {
		return ""
	}
	path, err := auto.New(m.Targets.System(), cfg.Childlogdir, c.Name, channel, cfg.Identifier)
	if err != nil {
		m.Log.Warn(err.Error(), "; the ", channel, " of ", c.Name, " is not kept")
	}
	return path
}
