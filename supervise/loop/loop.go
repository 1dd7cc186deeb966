// Package loop is the event loop of the supervisor: it waits until a descriptor is
// ready, a child has died, a signal has arrived or a timer is due, and tells the owner.
//
// # Owners
//
// Everything that the loop waits for has one owner. A descriptor has an FDOwner, a child
// of the supervisor a function that learns of its end, a timer is a value in the struct
// that sets and clears it. So nothing is looked up by its kind, and what its owner has
// cleared cannot happen any more.
//
// # What must not happen
//
// The loop has one goroutine and one blocking point, Poller.Wait. Owners never block.
// With nothing due there is no timer, and an idle loop does not wake up at all.
package loop

import (
	"syscall"
	"time"

	"slipway/supervise/kernel"
)

// Poller is where the loop waits. Now has a monotonic reading. Wait returns when a
// watched descriptor is ready, a signal has arrived or the timeout has passed; a negative
// one is for ever. It may return nothing. Signals returns what has arrived since the last
// call; its slice is valid until the next one.
type Poller interface {
	Now() time.Time
	Watch(fd int, m kernel.Mode) error
	Unwatch(fd int)
	Wait(buf []kernel.Ready, timeout time.Duration) []kernel.Ready
	Signals() kernel.Signals
}

// Reaper takes the statuses of children. Peek returns a child that has died and leaves it
// a zombie, the same one until Reap is called; 0 if there is none.
type Reaper interface {
	Peek() (pid int, err error)
	Reap(pid int) (kernel.Exit, error)
}

// FDOwner owns a watched descriptor.
type FDOwner interface {
	// OnReadable is called when something can be done with the descriptor: m says
	// what, and may be Writable as well where that was watched for. The owner does
	// not wait, and may give up this or any other descriptor.
	OnReadable(fd int, m kernel.Mode)
}

// Handler is told what has no owner.
type Handler interface {
	// Settle draws the conclusions from what has happened, before the loop waits
	// again. It reports whether the loop is to end.
	Settle() (over bool)
	// Stalled is told, before anything else of a pass, that the loop did not run for d
	// although it had meant to, as far as it can know: the container was frozen, the
	// process stopped, or the machine busy.
	Stalled(d time.Duration)
	// Reaped is called once for all children that have died in a pass, after their
	// owners were told. Strangers are the ones without an owner: processes that have
	// lost their parent. At is when the first death was noticed.
	Reaped(strangers []Death, at time.Time)
	// Received is told of a signal that was sent to the supervisor.
	Received(sig syscall.Signal)
	// Passed is called at the end of every pass.
	Passed()
}

// Death is a child that was reaped.
type Death struct {
	PID  int
	Exit kernel.Exit
}

// bufferSize is how much is read of a descriptor at once, in bytes: as much as a pipe
// holds.
const bufferSize = 64 << 10

// stall is the least delay that is worth Stalled. A busy machine is late by a few
// milliseconds all the time.
const stall = 100 * time.Millisecond

// Loop is the event loop.
type Loop struct {
	poller     Poller
	reaper     Reaper
	owners     map[int]owned
	rests      map[int]*Timer            // of descriptors that rest
	ends       map[int]func(kernel.Exit) // by pid
	timers     timers
	buf        []byte
	ready      []kernel.Ready
	strangers  []Death     // of one pass
	reaping    bool        // the children of a pass are being reaped
	later      []func()    // what waits for the end of that
	seen       []string    // panics that were told
	breakdowns int         // panics that were fatal
	hurry      bool        // conclusions are due before anything is waited for
	unowned    int         // was ready, and nobody's; 0: none
	panicked   func(Panic) // nil: it ends the process
}

// New returns a loop that waits for nothing yet.
func New(p Poller, r Reaper) *Loop {
	return &Loop{
		poller: p, reaper: r, owners: map[int]owned{}, rests: map[int]*Timer{}, ends: map[int]func(kernel.Exit){},
		buf: make([]byte, bufferSize), ready: make([]kernel.Ready, 0, 64),
	}
}

// Now is the present time.
func (l *Loop) Now() time.Time { return l.poller.Now() }

// Buffer is where an owner reads its descriptor to. Its content is valid until the owner
// returns.
func (l *Loop) Buffer() []byte { return l.buf }

// Run loops until Settle says that it is over.
func (l *Loop) Run(h Handler) {
	for !l.settle(h) {
		l.pass(h)
	}
}

// wait waits until there is something to do. How late that is is only a part of a freeze,
// which may have begun with the wait. So as much of the wait as the loop is late does not
// count, either. If nothing of it counted, time would stand still on a machine that is
// always late. Where it matters (SetLive), no wait is longer than the least delay that is
// told, and then all of it is.
func (l *Loop) wait(h Handler) {
	began := l.poller.Now()
	timeout := l.timers.wait(began)
	if l.hurry {
		l.hurry, timeout = false, 0
	}
	l.ready = l.poller.Wait(l.ready, timeout)
	if timeout < 0 {
		return
	}
	if late := l.poller.Now().Sub(began) - timeout; late >= stall {
		l.stalled(h, late+min(late, timeout))
	}
}

// reap takes the status of every child that has died. The owner is looked up before
// anything can fork again: then the number may be that of another one.
func (l *Loop) reap(h Handler, at time.Time) {
	l.strangers, l.reaping = l.strangers[:0], true
	for {
		pid, err := l.reaper.Peek()
		if err != nil || pid == 0 {
			break
		}
		exit, err := l.reaper.Reap(pid)
		if err != nil {
			break // only possible if somebody else waits for children, too
		}
		if ended := l.ends[pid]; ended != nil {
			delete(l.ends, pid)
			l.ended(ended, exit)
			continue
		}
		l.strangers = append(l.strangers, Death{pid, exit})
	}
	l.reaped(h, at)
	l.reaping = false
	later := l.later
	l.later = nil
	for _, do := range later {
		l.Guard("the end of a child", do)
	}
}

// OnceReaped calls do when all children that have died in this pass are reaped, and Reaped has
// said what that means; at once if the loop is not about that. It is for conclusions from the
// end of one child that send a signal to another: that may have died in the same instant, and
// its number be somebody else's.
func (l *Loop) OnceReaped(do func()) {
	if !l.reaping {
		do()
		return
	}
	l.later = append(l.later, do)
}

// OnExit gives a child an owner: ended is called when it has died. It must be called
// before the loop goes on. What ended does must not depend on other children that have
// died in the same pass: that can wait for Reaped, or OnceReaped.
func (l *Loop) OnExit(pid int, ended func(kernel.Exit)) { l.ends[pid] = ended }

// Owns reports whether a child has an owner.
func (l *Loop) Owns(pid int) bool { return l.ends[pid] != nil }

// owned is a watched descriptor.
type owned struct {
	FDOwner
	mode kernel.Mode
}

// Own makes the loop watch a descriptor for its owner, or for something else than before.
func (l *Loop) Own(fd int, owner FDOwner, m kernel.Mode) error {
	l.rested(fd)
	if err := l.poller.Watch(fd, m); err != nil {
		return err
	}
	l.owners[fd] = owned{owner, m}
	return nil
}

// Disown ends the watch of a descriptor, if there is one; it comes before its close.
func (l *Loop) Disown(fd int) {
	l.rested(fd)
	if _, ok := l.owners[fd]; ok {
		delete(l.owners, fd)
		l.poller.Unwatch(fd)
	}
}

// Pause does not look at a descriptor for a while, and Resume does so again, for reading.
// Its owner stays.
func (l *Loop) Pause(fd int) { l.poller.Unwatch(fd) }

// Resume is the end of Pause.
func (l *Loop) Resume(fd int) error { return l.poller.Watch(fd, kernel.Readable) }

// restTime is how long a descriptor rests that is ready and that its owner can do nothing
// with.
const restTime = time.Second

// Rest does not look at a descriptor for a second, or until Wake: it is ready, and would be
// in every pass.
func (l *Loop) Rest(fd int) {
	if _, ok := l.owners[fd]; !ok || l.rests[fd] != nil {
		return
	}
	l.poller.Unwatch(fd)
	t := new(Timer)
	l.rests[fd] = t
	l.After(t, restTime, func() { l.Wake(fd) })
}

// Rests reports whether a descriptor rests.
func (l *Loop) Rests(fd int) bool { return l.rests[fd] != nil }

// Wake is the end of Rest.
func (l *Loop) Wake(fd int) {
	if l.rested(fd) {
		l.poller.Watch(fd, l.owners[fd].mode) // it was watched before
	}
}

// rested forgets that a descriptor rests, and reports whether it does.
func (l *Loop) rested(fd int) bool {
	t := l.rests[fd]
	if t == nil {
		return false
	}
	l.Clear(t)
	delete(l.rests, fd)
	return true
}
