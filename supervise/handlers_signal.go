package supervise

import (
	"syscall"

	"slipway/supervise/config"
	"slipway/supervise/control"
	"slipway/supervise/dialect"
	"slipway/supervise/machine"
	"slipway/supervise/words"
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
	if !p.m.State.IsSignallable() || p.m.PID == 0 || p.m.Remains { // its number is free
		return control.NewFault(control.NotRunning, p.fullName())
	}
	s.log.Debug("sending ", p.name(), " (pid ", itoa(p.m.PID), ") sig ", words.SignalName(sig))
	if err := s.k.Kill(p.m.PID, syscall.Signal(sig)); err != nil && err != syscall.ESRCH {
		return control.NewFault(control.Failed, p.fullName()+": "+words.ErrnoName(err))
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
	case p.in.fd < 0 || p.group.cfg.Kind == config.KindFCGI:
		c.fault(control.NoFile, p.fullName())
	case len(p.in.waiting)+len(c.Str(1)) > maxStdin:
		c.fault(control.Failed, p.fullName()+": it does not read its standard input")
	default:
		if err := p.in.write([]byte(c.Str(1))); err != nil {
			c.fault(control.NoFile, p.fullName())
			return
		}
		c.reply(done)
	}
}
