// Package sweep ends what programs have left behind, when they have been stopped: without
// that the kernel kills all of it without warning when PID 1 ends. Only PID 1 may signal
// everybody; another process ends its own orphans.
package sweep

import (
	"syscall"
	"time"

	"slipway/supervise/kernel"
	"slipway/supervise/loop"
)

// Times of a sweep.
const (
	// Wait is how long what is left has without a deadline.
	Wait = 5 * time.Second
	// KillWait is how long a killed process may take to vanish.
	KillWait = time.Second
	// poll is how often it is looked whether it is gone.
	poll = 10 * time.Millisecond
)

// Kernel is what a Sweep asks of the operating system. Kill takes a process, or everybody
// that we may signal as -1.
type Kernel interface {
	Kill(pid int, sig syscall.Signal) error
	Children() []int
	Now() time.Time
	Wait(buf []kernel.Ready, timeout time.Duration) []kernel.Ready
	Signals() kernel.Signals
	Peek() (pid int, err error)
	Reap(pid int) (kernel.Exit, error)
}

// Options are what a Sweep is made of.
type Options struct {
	Kernel Kernel
	Loop   *loop.Loop
	// Everybody says that we are PID 1.
	Everybody bool
	// Orphans are the children that nobody owns.
	Orphans func() []int
	// Over is called when nothing is left, or may be waited for.
	Over func()
}

// Sweep is the end of what is left.
type Sweep struct {
	opts    Options
	active  bool
	killed  bool
	overdue loop.Timer // what is left has had its time
	look    loop.Timer // is it gone?
}

// New returns a Sweep that has not begun.
func New(o Options) *Sweep { return &Sweep{opts: o} }

// Start asks what is left to end, until deadline, if there is one.
func (s *Sweep) Start(deadline time.Time) {
	s.active, s.killed = true, false
	if !s.signal(syscall.SIGTERM) {
		s.over()
		return
	}
	s.signal(syscall.SIGCONT)
	if deadline.IsZero() {
		deadline = s.opts.Kernel.Now().Add(Wait)
	}
	s.opts.Loop.Set(&s.overdue, deadline, s.Hurry)
	s.opts.Loop.After(&s.look, poll, s.looked)
}

// Resume sees to it that a sweep ends that was not begun in order: something has panicked.
func (s *Sweep) Resume() {
	if !s.overdue.IsSet() {
		s.active = true
		s.opts.Loop.After(&s.overdue, KillWait, s.Hurry)
	}
}

// Hurry kills what does not go; when it is called again, nobody waits any more.
func (s *Sweep) Hurry() {
	if !s.active {
		return
	}
	if s.killed {
		s.over()
		return
	}
	s.killed = true
	s.signal(syscall.SIGKILL)
	s.opts.Loop.After(&s.overdue, KillWait, s.Hurry)
}

// signal signals everything that is left, and reports whether there was anything.
func (s *Sweep) signal(sig syscall.Signal) bool {
	if s.opts.Everybody {
		return s.opts.Kernel.Kill(-1, sig) != syscall.ESRCH
	}
	orphans := s.opts.Orphans()
	for _, pid := range orphans {
		s.opts.Kernel.Kill(pid, sig)
	}
	return len(orphans) > 0
}

// looked looks whether the sweep has come to its end. It is asked from time to time, as
// nobody tells us of the end of processes that came into the container from outside.
func (s *Sweep) looked() {
	switch {
	case !s.active:
	case !s.signal(0):
		s.over()
	default:
		s.opts.Loop.After(&s.look, poll, s.looked)
	}
}

func (s *Sweep) over() {
	s.active = false
	s.opts.Loop.Clear(&s.overdue)
	s.opts.Loop.Clear(&s.look)
	s.opts.Over()
}

// Abandon ends everything, programs as well, without the loop: it asks all, waits, and
// kills. It is for when the loop cannot be trusted any more.
func (s *Sweep) Abandon() {
	k := s.opts.Kernel
	s.opts.Loop.Deafen()
	s.all(syscall.SIGTERM)
	s.all(syscall.SIGCONT)
	for deadline := k.Now().Add(Wait); k.Now().Before(deadline); k.Wait(nil, poll) {
		k.Signals()
		for {
			pid, err := k.Peek()
			if err != nil { // there is nobody left
				return
			}
			if pid == 0 {
				break
			}
			k.Reap(pid)
		}
	}
	s.all(syscall.SIGKILL)
}

// all signals everybody that is ours.
func (s *Sweep) all(sig syscall.Signal) {
	if s.opts.Everybody {
		s.opts.Kernel.Kill(-1, sig)
		return
	}
	for _, pid := range s.opts.Kernel.Children() {
		s.opts.Kernel.Kill(pid, sig)
	}
}
