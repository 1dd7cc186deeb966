package supervise

import (
	"syscall"

	"slipway/supervise/config"
	"slipway/supervise/control"
	"slipway/supervise/dialect"
	"slipway/supervise/kernel"
	"slipway/supervise/machine"
)

// maxStdin bounds what waits for a program that does not read its standard input.
const maxStdin = 1 << 20

// trySignal sends a signal that a client names.
func (s *Supervisor) trySignal(p *process, name string) *control.Fault {
	sig, ok := dialect.SignalNumber(name)
	if !ok {
		return control.NewFault(control.BadSignal, name)
	}
	return s.sendSignal(p, sig)
}

// sendSignal sends a signal to the process itself, never to its group.
func (s *Supervisor) sendSignal(p *process, sig int) *control.Fault {
	if !p.m.State.IsSignallable() || p.m.PID == 0 {
		return control.NewFault(control.NotRunning, p.fullName())
	}
	s.log.Debug("sending ", p.name(), " (pid ", itoa(p.m.PID), ") sig ", signalName(sig))
	if err := s.k.Kill(p.m.PID, syscall.Signal(sig)); err != nil && err != syscall.ESRCH {
		return control.NewFault(control.Failed, p.fullName()+": "+errnoName(err))
	}
	return nil
}

// checkSignal refuses a signal that is none before anything is sent.
func (c *call) checkSignal() *control.Fault {
	if name := c.last().Str(); !isSignal(name) {
		return control.NewFault(control.BadSignal, name)
	}
	return nil
}

func isSignal(name string) bool {
	_, ok := dialect.SignalNumber(name)
	return ok
}

func handleStdin(s *Supervisor, c *call) {
	p := c.process()
	if p == nil {
		return
	}
	switch {
	case !p.m.State.IsRunning() || p.m.State == machine.Backoff:
		c.fault(control.NotRunning, p.fullName())
	case p.stdin < 0 || p.group.cfg.Kind == config.KindFCGI:
		c.fault(control.NoFile, p.fullName())
	case len(p.input)+len(c.Str(1)) > maxStdin:
		c.fault(control.Failed, p.fullName()+": it does not read its standard input")
	default:
		p.input = append(p.input, c.Str(1)...)
		if err := s.writeInput(p); err != nil {
			c.fault(control.NoFile, p.fullName())
			return
		}
		c.reply(done)
	}
}

// stdinOf is the source of a program's standard input, watched while something waits
// for it.
type stdinOf struct {
	s *Supervisor
	p *process
}

// OnReadable implements loop.FDOwner.
func (in stdinOf) OnReadable(_ int, _ kernel.Mode) { in.s.writeInput(in.p) }

// writeInput writes what waits for a program's standard input. An error means that the
// program has closed it.
func (s *Supervisor) writeInput(p *process) error {
	for len(p.input) > 0 {
		n, err := s.k.Write(p.stdin, p.input)
		p.input = p.input[n:]
		if isAgain(err) {
			return s.loop.Own(p.stdin, stdinOf{s, p}, kernel.Writable)
		}
		if err != nil {
			s.closeStdin(p)
			return err
		}
	}
	p.input = nil
	s.loop.Disown(p.stdin)
	return nil
}
