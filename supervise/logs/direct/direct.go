// Package direct writes to a descriptor that may stall without a goroutine: what the
// descriptor takes is written at once by the caller, which costs no copy and wakes nobody, and
// the loop watches the descriptor while something is left.
//
// # What must not happen
//
// Nothing waits. Where the system cannot say whether a write would wait, a Way is no good, and
// somebody else has to write. The descriptor stays as it is: it is not made non-blocking, as
// programs share it.
package direct

import (
	"golang.org/x/sys/unix"

	"slipway/supervise/kernel"
	"slipway/supervise/loop"
)

// Tries is what a system may implement: a write that never waits, of as much as is taken.
// EAGAIN: nothing is, at present. EOPNOTSUPP: it would have to wait to know that.
type Tries interface {
	TryWrite(fd int, p []byte) (int, error)
}

// Watcher tells when a descriptor takes something, or has lost its reader; *loop.Loop is one.
type Watcher interface {
	Own(fd int, owner loop.FDOwner, m kernel.Mode) error
	Disown(fd int)
}

// Way is the way to one descriptor. The zero value is no good.
type Way struct {
	fd       int
	tries    Tries // nil: it is no good
	watcher  Watcher
	watching bool
	base     []byte // what was queued last is a part of it
}

// To returns the way to a descriptor.
func To(fd int, tries Tries, watcher Watcher) Way {
	return Way{fd: fd, tries: tries, watcher: watcher}
}

// Good reports whether there is a way.
func (w *Way) Good() bool { return w.tries != nil }

// Write writes as much of p as is taken at once. If that turns out not to be possible, the
// Way is no good from then on.
func (w *Way) Write(p []byte) (n int, err error) {
	n, err = w.tries.TryWrite(w.fd, p)
	switch err {
	case unix.EAGAIN:
		err = nil
	case unix.EOPNOTSUPP:
		w.tries, err = nil, nil
	}
	return n, err
}

// Queue appends p to what is left of a queue whose beginning was written, in the memory that
// it had before.
func (w *Way) Queue(left, p []byte) []byte {
	need := len(left) + len(p)
	switch {
	case len(left) == 0:
		left = w.base[:0]
	case need > cap(left) && need <= cap(w.base):
		left = w.base[:copy(w.base[:cap(w.base)], left)]
	}
	if need > cap(left) {
		left = append(make([]byte, 0, max(need, 2*cap(w.base))), left...)
		w.base = left
	}
	return append(left, p...)
}

// Watch makes the loop tell owner when the descriptor takes something, or no more, and reports
// whether it does as it is told: it cannot watch a file that is always ready. It is called on
// the loop.
func (w *Way) Watch(owner loop.FDOwner, want bool) bool {
	switch {
	case want == w.watching:
	case !want:
		w.watcher.Disown(w.fd)
	case w.watcher.Own(w.fd, owner, kernel.Writable) != nil:
		return false
	}
	w.watching = want
	return true
}

// End ends the way: somebody else writes from now on. The loop is told by the next Watch.
func (w *Way) End() { w.tries, w.base = nil, nil }
