package supervise

import (
	"syscall"
	"time"

	"slipway/supervise/life"
	"slipway/supervise/loop"
)

// Run starts the loop, after Begin has succeeded, and returns the exit status when all is
// over.
func (s *Supervisor) Run() int {
	s.loop.Run(s)
	return s.finish()
}

// Settle implements loop.Handler.
func (s *Supervisor) Settle() bool {
	s.settle()
	return s.phase == phaseEnded
}

// Passed implements loop.Handler.
func (s *Supervisor) Passed() {
	s.carrier.Resume()
	s.targets.Poll()
	now := s.k.Now()
	s.lookout.Passed(now)
	if d := s.birth.clock.Jump(now, s.k.Wall()); d != 0 {
		s.log.Warn("the clock has jumped by ", d.Round(time.Second/10).String(), "; what waits for a time to pass does not mind")
	}
}

// Reaped implements loop.Handler.
func (s *Supervisor) Reaped(strangers []loop.Death, at time.Time) { s.table.Reaped(strangers, at) }

// Stalled implements loop.Handler.
func (s *Supervisor) Stalled(d time.Duration) { s.table.Stalled(d) }

// settle draws the conclusions from what has changed, until nothing changes any more.
func (s *Supervisor) settle() {
	for s.table.TakeChanged() {
		switch s.phase {
		case phaseRunning:
			s.replaceStopped()
			s.table.Release()
			s.idle()
		case phaseStopping:
			s.advance()
		}
		s.server.Settle()
	}
}

// Received handles a signal that was sent to the supervisor. Every signal has a
// meaning here, if only to be dropped; none ends the container by accident.
func (s *Supervisor) Received(sig syscall.Signal) {
	switch sig {
	case syscall.SIGTERM, syscall.SIGINT, syscall.SIGQUIT:
		s.asked(sig)
	case syscall.SIGHUP:
		s.hangup()
	case syscall.SIGUSR2:
		s.log.Info("received SIGUSR2 indicating log reopen request")
		s.reopenLogs()
	case syscall.SIGWINCH:
		s.forward(sig)
	}
}

// forward passes a signal on to the program that has the terminal.
func (s *Supervisor) forward(sig syscall.Signal) {
	s.table.Each(func(p *life.Process) {
		if p.Inherits && p.Life.State.IsSignallable() && p.Life.PID != 0 && !p.Life.Remains {
			s.table.Signal(p, sig)
		}
	})
}
