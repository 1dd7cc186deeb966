package ownership

import (
	"syscall"
	"time"

	"slipway/supervise/loop"
)

// Times of a sweep that no option sets.
const (
	// SweepWait is how long what is left has without a deadline.
	SweepWait = 5 * time.Second
	// sweepPoll is how often it is looked whether it is gone.
	sweepPoll = 10 * time.Millisecond
	// sweptWait is how long it may take to vanish after KILL.
	sweptWait = time.Second
	// killReserve and goneReserve are how long before a deadline it is killed, and not
	// waited for any more; shortWait is how long it has in any case.
	killReserve, goneReserve, shortWait = 300 * time.Millisecond, 100 * time.Millisecond, 100 * time.Millisecond
)

// Sweep ends what programs have left behind, before the supervisor ends: the kernel kills
// all of it without warning when PID 1 does. Only PID 1 may signal everybody; another
// process ends its own orphans.
type Sweep struct {
	all    *Holders
	pid1   bool
	over   func() // what follows it; nil: it is not under way
	killed bool
	end    time.Time  // the deadline; zero: none
	late   loop.Timer // it has had its time
	look   loop.Timer // look whether all of it is gone
}

// NewSweep returns the Sweep of a supervisor that is PID 1 or is not.
func NewSweep(all *Holders, pid1 bool) *Sweep { return &Sweep{all: all, pid1: pid1} }

// Start asks what is left to end, kills it shortly before the deadline, or after a while if
// that is zero, and calls over when nothing is left or will go: before the deadline.
func (s *Sweep) Start(deadline time.Time, over func()) {
	s.over, s.killed, s.end = over, false, deadline
	if !s.signal(syscall.SIGTERM) {
		s.finish()
		return
	}
	s.signal(syscall.SIGCONT)
	late := deadline.Add(-killReserve)
	if deadline.IsZero() {
		late = s.all.k.Now().Add(SweepWait)
	}
	s.all.loop.Set(&s.late, late, s.Overdue)
	s.all.loop.After(&s.look, sweepPoll, s.poll)
}

// Resume sees to it that a sweep ends that could not be begun: something has panicked.
func (s *Sweep) Resume(over func()) {
	if !s.late.IsSet() {
		s.over = over
		s.all.loop.After(&s.late, sweptWait, s.Overdue)
	}
}

// Overdue kills what does not go, and the second time waits for it no longer.
func (s *Sweep) Overdue() {
	switch {
	case s.over == nil:
	case s.killed:
		s.finish()
	default:
		s.killed = true
		s.signal(syscall.SIGKILL)
		wait := sweptWait
		if !s.end.IsZero() {
			wait = min(wait, max(s.end.Add(-goneReserve).Sub(s.all.k.Now()), shortWait))
		}
		s.all.loop.After(&s.late, wait, s.Overdue)
	}
}

// signal signals everything that is left, and reports whether there was anything.
func (s *Sweep) signal(sig syscall.Signal) bool {
	if s.pid1 {
		return s.all.k.Kill(-1, sig) != syscall.ESRCH
	}
	orphans := s.all.Orphans()
	for _, pid := range orphans {
		s.all.k.Kill(pid, sig)
	}
	return len(orphans) > 0
}

// poll looks whether it has come to its end: nobody tells us of the end of processes that
// came into the container from outside.
func (s *Sweep) poll() {
	if !s.signal(0) {
		s.finish()
		return
	}
	s.all.loop.After(&s.look, sweepPoll, s.poll)
}

func (s *Sweep) finish() {
	over := s.over
	s.over = nil
	s.all.loop.Clear(&s.late)
	s.all.loop.Clear(&s.look)
	over()
}
