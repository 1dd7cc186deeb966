package supervise

import (
	"syscall"

	"slipway/supervise/config"
	"slipway/supervise/events"
	"slipway/supervise/kernel"
	"slipway/supervise/logs"
	"slipway/supervise/logs/sink"
	"slipway/supervise/output"
)

// outlet is one output of a process.
type outlet struct {
	output.Outlet
	auto string // an AUTO log gets its name once
}

// input is our end of the standard input of a process.
type input struct {
	s       *Supervisor
	p       *process
	fd      int    // -1: none
	waiting []byte // bytes that it has not taken yet
}

// logfile returns the path of an output, and whether it is for its owner only.
func logfile(o config.Output, auto string) (path string, private bool) {
	if o.Logfile == config.AutoLog {
		return auto, true
	}
	return o.Logfile, false
}

// stdio makes the first three descriptors of a command. ends are those to close after the
// fork, also after an error.
func (s *Supervisor) stdio(p *process, c *kernel.Command) (ends []int, err error) {
	if p.inherit {
		c.Files = []int{0, 1, 2}
		c.Foreground = s.k.IsTerminal(0)
		return nil, nil
	}
	in, err := s.openInput(p)
	if err != nil {
		return nil, err
	}
	if p.in.fd >= 0 {
		ends = append(ends, in)
	}
	out, own, err := s.openOutput(p, &p.out, p.cfg.Stdout, false)
	if err != nil {
		return ends, err
	}
	if own {
		ends = append(ends, out)
	}
	errFD := out
	if !p.cfg.RedirectStderr {
		if errFD, own, err = s.openOutput(p, &p.err, p.cfg.Stderr, true); err != nil {
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
func (s *Supervisor) openInput(p *process) (int, error) {
	if p.group.cfg.Kind == config.KindFCGI && p.group.cfg.Socket != nil {
		return s.fcgiSocket(p.group)
	}
	r, w, err := s.k.InputPipe()
	if err == nil {
		p.in.fd = w
	}
	return r, err
}

// openOutput makes the write end of one output; own says that it is to be closed.
func (s *Supervisor) openOutput(p *process, at *outlet, o config.Output, stderr bool) (fd int, own bool, err error) {
	path, private := logfile(o, at.auto)
	listens := p.member != nil && !stderr
	if listens && sink.IsStdio(path) {
		path = "" // what a listener says is for us
	}
	spec := logs.Spec{
		Destination: sink.Destination{
			Process: p.name(), Logfile: path, Private: private, Destinations: o.Destinations,
			Rotation: sink.Rotation{Maxbytes: o.Maxbytes, Backups: o.Backups},
		},
		CaptureMaxbytes: o.CaptureMaxbytes, StripANSI: s.cfg.Supervisord.StripANSI,
	}
	hooks, watched := s.hooks(p, o, stderr)
	if s.direct(o) {
		if fd := logs.Inherited(s.targets, spec, watched); fd != 0 {
			return fd, false, nil
		}
	}
	fd, err = s.carrier.Open(&at.Outlet, spec, hooks, !listens) // a listener's answers are waited for
	return fd, true, err
}

// direct reports whether a program may write to the container's output itself: when
// nobody else does, or when the file asks for it by the idiom that keeps Supervisor
// from touching it (maxbytes=0).
func (s *Supervisor) direct(o config.Output) bool {
	n := 0
	for _, g := range s.groups {
		n += len(g.processes)
	}
	return n == 1 || sink.IsStdio(o.Logfile) && o.Maxbytes == 0
}

// hooks are told what passes through an output; watched says that there are any.
func (s *Supervisor) hooks(p *process, o config.Output, stderr bool) (h logs.Hooks, watched bool) {
	channel := "stdout"
	if stderr {
		channel = "stderr"
	}
	debug := s.log.Enabled(logs.Debug)
	listens := p.member != nil && !stderr
	about := func() events.Process {
		return events.Process{Name: p.cfg.Name, Group: p.cfg.Group, PID: p.m.PID}
	}
	if debug || listens || o.EventsEnabled {
		h.Chunk = func(b []byte) {
			if debug {
				s.log.Output(p.name(), channel, b)
			}
			switch {
			case listens:
				s.bus.Heard(p.group.pool, p.member, b)
			case o.EventsEnabled && s.bus.Wants(logEvent(stderr)):
				s.bus.Emit(events.Log(about(), stderr, b))
			}
		}
	}
	if o.CaptureMaxbytes > 0 && !listens {
		h.Captured = func(b []byte) { s.bus.Emit(events.Communication(about(), stderr, b)) }
	}
	return h, h.Chunk != nil || h.Captured != nil
}

func logEvent(stderr bool) events.Type {
	if stderr {
		return events.ProcessLogStderr
	}
	return events.ProcessLogStdout
}

// OnReadable implements loop.FDOwner: the input is watched for writing while something
// waits for it.
func (in *input) OnReadable(int, kernel.Mode) { in.flush() }

// write queues bytes for a program's standard input.
func (in *input) write(b []byte) error {
	in.waiting = append(in.waiting, b...)
	return in.flush()
}

// flush writes what waits for a program's standard input. An error means that the program
// has closed it.
func (in *input) flush() error {
	for len(in.waiting) > 0 {
		n, err := in.s.k.Write(in.fd, in.waiting)
		in.waiting = in.waiting[n:]
		if isAgain(err) {
			return in.s.loop.Own(in.fd, in, kernel.Writable)
		}
		if err != nil {
			in.s.closeStdin(in.p)
			return err
		}
	}
	in.waiting = nil
	in.s.loop.Disown(in.fd)
	return nil
}

func (s *Supervisor) closeStdin(p *process) {
	if p.in.fd >= 0 {
		s.loop.Disown(p.in.fd)
		s.k.Close(p.in.fd)
		p.in.fd, p.in.waiting = -1, nil
	}
}

func isAgain(err error) bool { return err == syscall.EAGAIN || err == syscall.EINTR }
