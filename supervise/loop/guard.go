package loop

import (
	"slices"
	"syscall"
	"time"

	"slipway/supervise/kernel"
	"slipway/supervise/panics"
)

// Panic is a defect that has shown itself.
type Panic struct {
	What  string // what was being done: "a timer"
	Text  string // what it panicked with
	Stack string // from the call of panic on
	// First says that nobody was told of the same in the same place.
	First bool
	// Fatal says that conclusions were not drawn: what the loop knows may be wrong.
	Fatal bool
}

// OnPanic makes the loop survive what panics in it. It is told, and must not panic. Without
// it a panic ends the process, as usual.
func (l *Loop) OnPanic(told func(Panic)) { l.panicked = told }

// Guard calls do, and reports whether it has returned. If it panics, that is told, and the
// caller sees to it that nothing waits for what do has not done.
func (l *Loop) Guard(what string, do func()) (returned bool) {
	defer l.survive(what, false, &returned)
	do()
	return true
}

// survive is deferred around what may panic. A flag that is not nil has its last word.
func (l *Loop) survive(what string, fatal bool, returned *bool) {
	if l.panicked == nil {
		return
	}
	v := recover()
	if v == nil {
		return
	}
	if returned != nil {
		*returned = false
	}
	if fatal {
		l.hurry = true
		l.breakdowns++
	}
	p := Panic{What: what, Text: panics.Text(v), Stack: panics.Stack(), Fatal: fatal}
	p.First = l.isNew(p)
	l.panicked(p)
}

// Breakdowns is how often the loop itself has panicked.
func (l *Loop) Breakdowns() int { return l.breakdowns }

// maxSeen is how many panics are told apart.
const maxSeen = 32

// isNew reports whether a panic has not been seen yet.
func (l *Loop) isNew(p Panic) bool {
	key := p.What + ": " + p.Text
	if len(l.seen) >= maxSeen || slices.Contains(l.seen, key) {
		return false
	}
	l.seen = append(l.seen, key)
	return true
}

// readable tells the owner of a descriptor. One whose owner panics rests: it would be ready
// again at once.
func (l *Loop) readable(r kernel.Ready) {
	owner, ok := l.owners[r.FD]
	if !ok {
		// It was given up in this pass; or in one before, by somebody who has panicked
		// on the way.
		if l.unowned == r.FD {
			l.poller.Unwatch(r.FD)
		}
		l.unowned = r.FD
		return
	}
	returned := false
	defer func() {
		if !returned {
			l.Rest(r.FD)
		}
	}()
	defer l.survive("the owner of a descriptor", false, &returned)
	owner.OnReadable(r.FD, r.Mode)
	returned = true
}

// due tells the owner of a timer. One whose owner panics is due again in a second, unless
// it was set or its owner has panicked before: nothing is to wait for ever.
func (l *Loop) due(t *Timer) {
	due := t.due
	if !l.Guard("a timer", due) && !t.IsSet() {
		l.After(t, restTime, due)
	}
}

// received passes on a signal.
func (l *Loop) received(h Handler, sig syscall.Signal) {
	defer l.survive("a signal", false, nil)
	h.Received(sig)
}

// ended tells the owner of a child.
func (l *Loop) ended(ended func(kernel.Exit), exit kernel.Exit) {
	defer l.survive("the end of a child", false, nil)
	ended(exit)
}

// The following are the loop's own conclusions.

func (l *Loop) settle(h Handler) (over bool) {
	defer l.survive("the loop", true, nil)
	return h.Settle()
}

func (l *Loop) stalled(h Handler, d time.Duration) {
	defer l.survive("the loop", true, nil)
	h.Stalled(d)
}

func (l *Loop) reaped(h Handler, at time.Time) {
	defer l.survive("the loop", true, nil)
	h.Reaped(l.strangers, at)
}

func (l *Loop) passed(h Handler) {
	defer l.survive("the loop", true, nil)
	h.Passed()
}

// pass is one pass of the loop.
func (l *Loop) pass(h Handler) {
	defer l.survive("the loop", true, nil)
	l.wait(h)
	sig := l.poller.Signals()
	// Children first: a process that has died must not be promoted by a
	// timer that is due as well.
	if sig.Child {
		l.reap(h, sig.At)
	}
	for _, r := range l.ready {
		l.readable(r)
	}
	for _, other := range sig.Other {
		l.received(h, other)
	}
	l.fire()
	l.passed(h)
}

// Deafen ends the watch of every descriptor. It is for who goes on without the loop.
func (l *Loop) Deafen() {
	for fd := range l.owners {
		l.poller.Unwatch(fd)
	}
}
