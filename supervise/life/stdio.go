package life

import (
	"slipway/supervise/bus"
	"slipway/supervise/config"
	"slipway/supervise/events"
	"slipway/supervise/kernel"
	"slipway/supervise/logs"
	"slipway/supervise/logs/sink"
	"slipway/supervise/output"
)

// Outlet is one output of a process.
type Outlet struct {
	output.Outlet
	Auto string // an AUTO log gets its name once
}

// PassedBy says why an output of p cannot be shown; "": it can be.
func (t *Table) PassedBy(p *Process, o *Outlet) string {
	auto := !p.Inherits && p.Config.Relay == config.RelayAuto
	return o.Outlet.PassedBy(p.FullName(), func(fd int) bool { return auto && !t.k.Stdio(fd).Terminal })
}

// Logfile returns the path of an output, and whether it is for its owner only.
func Logfile(o config.Output, auto string) (path string, private bool) {
	if o.Logfile == config.AutoLog {
		return auto, true
	}
	return o.Logfile, false
}

// stdio makes the first three descriptors of a command. ends are those to close after the
// fork, also after an error.
func (t *Table) stdio(p *Process, c *kernel.Command) (ends []int, err error) {
	if p.Inherits {
		c.Files = []int{0, 1, 2}
		c.Foreground = t.k.IsTerminal(0)
		p.Out.Have(1)
		p.Err.Have(2)
		return nil, nil
	}
	in, err := t.openInput(p)
	if err != nil {
		return nil, err
	}
	if p.in.IsOpen() {
		ends = append(ends, in)
	}
	out, own, err := t.openOutput(p, &p.Out, p.Config.Stdout, false)
	if err != nil {
		return ends, err
	}
	if own {
		ends = append(ends, out)
	}
	errFD := out
	if !p.Config.RedirectStderr {
		if errFD, own, err = t.openOutput(p, &p.Err, p.Config.Stderr, true); err != nil {
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
func (t *Table) openInput(p *Process) (int, error) {
	if p.Group.Config.Kind == config.KindFCGI && p.Group.Config.Socket != nil {
		return p.Group.socket.Open(t.k, t.log, p.Group.Config.Socket)
	}
	r, w, err := t.k.InputPipe()
	if err == nil {
		p.in.Attach(t.opts.Carrier, w)
		t.give(p, r)
	}
	return r, err
}

// openOutput makes the write end of one output; own says that it is to be closed.
func (t *Table) openOutput(p *Process, at *Outlet, o config.Output, stderr bool) (fd int, own bool, err error) {
	path, private := Logfile(o, at.Auto)
	listens := p.member != nil && !stderr
	if listens && sink.IsStdio(path) {
		path = "" // what a listener says is for us
	}
	spec := logs.Spec{
		Destination: sink.Destination{
			Process: p.Name(), Logfile: path, Private: private, Destinations: o.Destinations,
			Rotation: sink.Rotation{Maxbytes: o.Maxbytes, Backups: o.Backups},
		},
		CaptureMaxbytes: o.CaptureMaxbytes, StripANSI: t.cfg.StripANSI,
	}
	hooks := t.hooks(p, o, stderr)
	place := output.Place{
		FD: logs.Inherited(t.opts.Targets, spec, hooks.Chunk != nil || hooks.Captured != nil), Relay: p.Config.Relay, User: p.Config.User,
		Alone: t.isAlone(), Idiom: o.Maxbytes == 0,
	}
	if place.FD != 0 {
		place.End = t.k.Stdio(place.FD)
	}
	if at.Inherit(place) {
		return place.FD, false, nil
	}
	fd, err = t.opts.Carrier.Open(&at.Outlet, spec, hooks, !listens) // a listener's answers are waited for
	if err == nil {
		t.give(p, fd)
	}
	return fd, true, err
}

// isAlone reports whether there is one process only.
func (t *Table) isAlone() bool { return t.processes == 1 }

// give makes a pipe the property of a program's user, so that the program can open it by a
// name such as /dev/stdout. If that fails the pipe works as it is.
func (t *Table) give(p *Process, fd int) {
	if u := p.Config.User; u != nil && t.opts.Maker.UID == 0 && u.UID != 0 {
		t.k.Give(fd, u.UID, u.GID)
	}
}

// hooks are told what passes through an output.
func (t *Table) hooks(p *Process, o config.Output, stderr bool) (h logs.Hooks) {
	w := bus.Printer{
		About: func() events.Process {
			return events.Process{Name: p.Config.Name, Group: p.Config.Group, PID: p.Life.PID}
		},
		Stderr: stderr, Events: o.EventsEnabled, Captures: o.CaptureMaxbytes > 0,
	}
	if !stderr {
		w.Pool, w.Member = p.Group.pool, p.member
	}
	if t.log.Enabled(logs.Debug) {
		channel := "stdout"
		if stderr {
			channel = "stderr"
		}
		w.Debug = func(b []byte) { t.log.Output(p.Name(), channel, b) }
	}
	h.Chunk, h.Captured = t.bus.Hooks(w)
	return h
}

// Waiting is how many bytes wait for p to read its standard input; -1 if it has none that
// anybody can write to.
func (p *Process) Waiting() int {
	if !p.in.IsOpen() || p.Group.Config.Kind == config.KindFCGI {
		return -1
	}
	return p.in.Waiting()
}

// Type queues bytes for the standard input of p. An error means that p has closed it.
func (p *Process) Type(b []byte) error { return p.in.Write(b) }
