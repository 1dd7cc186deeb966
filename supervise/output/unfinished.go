package output

import (
	"time"

	"slipway/supervise/loop"
)

// What a stream withholds because its line is not finished goes out after unfinishedTime. A
// write of more than a page is not atomic: where a read gave that much, the rest of the line
// may be on its way from a program that has no processor at the moment, and torn lines help
// nobody. So it has tornTime then.
const (
	unfinishedTime = 250 * time.Millisecond
	tornTime       = 20 * unfinishedTime
	atomicWrite    = 4 << 10
)

// unfinished is the wait for the end of a line.
type unfinished struct {
	loop.Timer
	which uint64 // the line
	due   func()
}

// withheld notes, after n bytes have passed, whether something is withheld.
func (ch *channel) withheld(n int) {
	u, l := ch.unfinished, ch.c.loop
	which := ch.stream.Withholds()
	switch {
	case which == 0:
		l.Clear(&u.Timer)
	case n > atomicWrite && ch.stream.Torn():
		l.After(&u.Timer, tornTime, u.due)
	case which != u.which || !u.IsSet():
		l.After(&u.Timer, unfinishedTime, u.due)
	}
	u.which = which
}

// overdue lets out what has waited long enough. What the program has written by now is read
// first: the end of the line may be among it.
func (ch *channel) overdue() {
	u := ch.unfinished
	if ch.fd >= 0 {
		ch.read(len(ch.c.loop.Buffer()))
	}
	switch {
	case ch.fd < 0 || u.IsSet() || ch.stream.Withholds() == 0:
	case ch.paused:
		ch.c.loop.After(&u.Timer, unfinishedTime, u.due)
	default:
		ch.stream.Release()
	}
}
