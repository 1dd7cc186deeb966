package server

import (
	"time"

	"slipway/supervise/loop"
)

// lookEvery is how often it is looked whether sockets are still there.
const lookEvery = time.Minute

// Kept has sockets that somebody may remove. Look makes them anew. IsNeeded reports whether
// somebody could miss them.
type Kept interface {
	IsNeeded() bool
	Look()
}

// Lookout looks after sockets: without them nobody could ask any more. It does so every
// minute where somebody could need that, else when the loop is awake anyway: an idle
// supervisor is not woken up for nobody.
type Lookout struct {
	Loop *loop.Loop
	Of   []Kept
	// Running reports whether no stop is under way.
	Running func() bool

	last  time.Time
	timer loop.Timer
}

// Passed is to be called at the end of every pass of the loop.
func (l *Lookout) Passed(now time.Time) {
	switch {
	case l.last.IsZero():
		l.last = now
	case now.Sub(l.last) >= lookEvery:
		l.Look()
	case !l.timer.IsSet():
		l.again()
	}
}

// Look looks now.
func (l *Lookout) Look() {
	l.last = l.Loop.Now()
	if l.Running() {
		for _, k := range l.Of {
			k.Look()
		}
	}
	l.again()
}

func (l *Lookout) again() {
	for _, k := range l.Of {
		if k.IsNeeded() {
			l.Loop.Set(&l.timer, l.last.Add(lookEvery), l.Look)
			return
		}
	}
}
