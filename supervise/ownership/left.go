package ownership

import (
	"syscall"
	"time"

	"slipway/supervise/loop"
)

// leftPoll is how often a group is looked at that does not become empty: its members may
// be children of processes that have left it, so that nobody tells us of their end.
const leftPoll = 20 * time.Millisecond

// Left is what a command without a holder has left behind, as far as that can be told.
type Left struct {
	// Group is the process group that it was started in. Its leader is reaped, but its
	// number is not free while the group has members. 0: none, if nobody knows of any.
	Group int
	// Strays are orphans outside of the group that carry the marks of the command.
	Strays []int
	// Emptied is told when all of it is gone; GivenUp reports that nobody waits any more.
	Emptied func()
	GivenUp func() bool
}

// Remains is what a command without a holder has left behind.
type Remains struct {
	Group bool  // others in its process group
	Away  []int // descendants that have left the group
}

// Any reports whether it has left anything.
func (r Remains) Any() bool { return r.Group || len(r.Away) > 0 }

// Survey finds out what commands have left behind, all of one pass.
type Survey struct {
	all     *Holders
	orphans []int
	asked   bool
}

// Survey begins one.
func (a *Holders) Survey() *Survey { return &Survey{all: a} }

// Of is what a command has left that had the process group, 0 for none, and the marks.
func (s *Survey) Of(group int, marks []string) Remains {
	if !s.asked {
		s.asked, s.orphans = true, s.all.Orphans()
	}
	// The leader is reaped, but its number is not free while the group has members.
	return Remains{Group: group != 0 && s.all.k.Kill(-group, 0) == nil, Away: s.all.Marked(s.orphans, marks)}
}

// Orphans are the children of ours that nobody owns: descendants of programs that have lost
// their parent.
func (a *Holders) Orphans() []int {
	var list []int
	for _, pid := range a.k.Children() {
		if !a.loop.Owns(pid) {
			list = append(list, pid)
		}
	}
	return list
}

// Marked are those of some orphans that carry marks.
func (a *Holders) Marked(orphans []int, marks []string) (list []int) {
	for _, pid := range orphans {
		if a.k.Marked(pid, marks) {
			list = append(list, pid)
		}
	}
	return list
}

// Successor returns the first of some orphans that may carry on for a launcher: one that
// leads a group of its own, or, for a daemon whose predecessor was one, any; 0: none.
func (a *Holders) Successor(orphans []int, any bool) int {
	for _, pid := range orphans {
		if any || a.k.Kill(-pid, 0) == nil {
			return pid
		}
	}
	return 0
}

// Linger waits for the end of what is left.
func (a *Holders) Linger(l *Left) {
	a.left = append(a.left, l)
	a.lookSoon()
}

// forget notes the end of orphans.
func (a *Holders) forget(dead []loop.Death) {
	for _, d := range dead {
		for _, l := range a.left {
			for i, stray := range l.Strays {
				if stray == d.PID {
					l.Strays = append(l.Strays[:i], l.Strays[i+1:]...)
					break
				}
			}
		}
	}
}

// Look tells of what is left and gone by now.
func (a *Holders) Look() {
	list := a.left
	a.left = nil
	for _, l := range list {
		switch {
		case l.GivenUp():
		case len(l.Strays) > 0 || l.Group != 0 && a.k.Kill(-l.Group, 0) != syscall.ESRCH:
			a.left = append(a.left, l)
		default:
			l.Emptied()
		}
	}
	a.lookSoon()
}

// lookSoon looks at the groups again in a while, if nothing else does before.
func (a *Holders) lookSoon() {
	if len(a.left) > 0 && !a.look.IsSet() {
		a.loop.After(&a.look, leftPoll, a.Look)
	}
}
