// Package overlap decides what becomes of a program that is restarted beside itself: another
// process of it is started, and the one that runs is stopped only when that is ready. It is a
// pure function.
//
//	the new one                          the old one
//	comes up, is restarted               is the program
//	is ready: it is the program          is stopped
//	fails, or is not ready in time       stays the program; the new one is stopped
//
// The new one has one try. What happens to the old one meanwhile is its own business: it is
// started again when it crashes, and a stop of the program ends both.
package overlap

import (
	"time"

	"slipway/supervise/machine"
)

// Patience is how long the new one may take, where ready_timeout does not say.
const Patience = 5 * time.Minute

// Verdict is what becomes of the two.
type Verdict uint8

// The verdicts.
const (
	Wait    Verdict = iota // the new one comes up
	Replace                // it is the program
	GiveUp                 // it is stopped
)

// New is the new one.
type New struct {
	Life  *machine.Proc
	Ready bool // it does what it is for
	Late  bool // it has had its time
}

// Judge decides.
func Judge(n New) Verdict {
	switch n.Life.State {
	case machine.Running:
		if n.Ready {
			return Replace
		}
	case machine.Starting:
	case machine.Stopping: // it is restarted, or has failed
		if !n.Life.Wanted || n.Life.Faulty {
			return GiveUp
		}
	case machine.Stopped, machine.Backoff, machine.Exited, machine.Fatal, machine.Unknown:
		return GiveUp
	}
	if n.Late {
		return GiveUp
	}
	return Wait
}
