package supervise

import (
	"strconv"
	"syscall"

	"slipway/supervise/control"
	"slipway/supervise/dialect"
	"slipway/supervise/life"
	"slipway/supervise/machine"
	"slipway/supervise/words"
)

// maxStdin bounds what waits for a program that does not read its standard input.
const maxStdin = 1 << 20

// trySignal sends a signal that a client names.
func (s *Supervisor) trySignal(p *life.Process, name string) *control.Fault {
	sig, ok := dialect.SignalNumber(name)
	if !ok {
		return control.NewFault(control.BadSignal, name)
	}
	return s.sendSignal(p, sig)
}

// sendSignal sends a signal to the process itself, never to its group.
func (s *Supervisor) sendSignal(p *life.Process, sig int) *control.Fault {
	if !p.IsSignallable() { // its number is free
		return control.NewFault(control.NotRunning, p.FullName())
	}
	s.log.Debug("sending ", p.Name(), " (pid ", strconv.Itoa(p.Life.PID), ") sig ", words.SignalName(sig))
	if err := s.table.Signal(p, syscall.Signal(sig)); err != nil && err != syscall.ESRCH {
		return control.NewFault(control.Failed, p.FullName()+": "+words.ErrnoName(err))
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
	case !p.Life.State.IsRunning() || p.Life.State == machine.Backoff:
		c.fault(control.NotRunning, p.FullName())
	case p.Waiting() < 0:
		c.fault(control.NoFile, p.FullName())
	case p.Waiting()+len(c.Str(1)) > maxStdin:
		c.fault(control.Failed, p.FullName()+": it does not read its standard input")
	default:
		if err := p.Type([]byte(c.Str(1))); err != nil {
			c.fault(control.NoFile, p.FullName())
			return
		}
		c.reply(done)
	}
}
