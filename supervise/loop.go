package supervise

import (
	"syscall"
	"time"

	"slipway/supervise/beside"
	"slipway/supervise/loop"
	"slipway/supervise/ownership"
	"slipway/supervise/post"
)

// Run starts the loop, after Begin has succeeded, and returns the exit status when all is
// over.
func (s *Supervisor) Run() int {
	s.loop.Run(s)
	if s.loop.Breakdowns() >= maxBreakdowns {
		s.loop.Guard("the end", func() { ownership.Abandon(s.k, s.loop, s.opts.PID == 1) })
	}
	if !s.loop.Guard("the end", s.finish) {
		return exitInternal
	}
	return s.stop.end.code
}

// Settle implements loop.Handler.
func (s *Supervisor) Settle() bool {
	if s.loop.Breakdowns() >= maxBreakdowns {
		return true
	}
	s.settle()
	return s.phase == phaseEnded
}

// Passed implements loop.Handler.
func (s *Supervisor) Passed() {
	s.carrier.Resume()
	s.targets.Poll()
	now := s.k.Now()
	s.birth.lookout.Passed(now)
	if d := s.birth.clock.Jump(now, s.k.Wall()); d != 0 {
		s.log.Warn("the clock has jumped by ", d.Round(time.Second/10).String(), "; what waits for a time to pass does not mind")
		s.birth.times.Looked()
	}
}

// Reaped implements loop.Handler.
func (s *Supervisor) Reaped(strangers []loop.Death, at time.Time) { s.table.Reaped(strangers, at) }

// Stalled implements loop.Handler.
func (s *Supervisor) Stalled(d time.Duration) { s.table.Stalled(d) }

// Received implements loop.Handler.
func (s *Supervisor) Received(sig syscall.Signal) {
	switch s.post.Receive(sig, &s.cfg.Slipway, s.phase == phaseRunning) {
	case post.Stop:
		s.asked(sig)
	case post.Reload:
		s.hangup()
	case post.Reopen:
		s.reopenLogs()
	}
}

// settle draws the conclusions from what has changed, until nothing changes any more.
func (s *Supervisor) settle() {
	for s.table.TakeChanged() {
		switch s.phase {
		case phaseRunning:
			s.table.Succeed()
			s.replaceStopped()
			if !s.table.Sockets.IsEmpty() { // what was read last may be about to come into force
				s.table.Sockets.Keep(s.active(), beside.Coming(s.table.Groups()), s.lastRead())
			}
			s.birth.times.Settle()
			s.birth.demand.Settle()
			s.table.Release()
			s.birth.up.Progress(s.table)
			s.idle()
		case phaseStopping:
			s.advance()
		}
		s.server.Settle()
	}
}
