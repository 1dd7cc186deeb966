// Package ending says how a process ended: in words, and whether the memory limit was the
// cause. It is pure.
package ending

import (
	"slipway/supervise/machine"
	"slipway/supervise/words"
)

// Status is how Supervisor words an exit status.
func Status(st machine.Status) string { return words.StatusText(st.Code, st.Signal, st.Core) }

// Of is how the last run of a process has ended, with the memory limit where that was it.
func Of(p *machine.Proc) string { return Status(p.Status) + ofMemory(p.Cause) }

// News is the end of a process as its state machine is to hear of it, besides its status:
// in words where Supervisor's say nothing.
func News(st machine.Status, memory bool) (machine.Cause, string) {
	switch {
	case memory:
		return machine.ByMemory, Status(st) + ofMemory(machine.ByMemory)
	case st.Signal != 0:
		return machine.ByItself, Status(st)
	}
	return machine.ByItself, ""
}

func ofMemory(c machine.Cause) string {
	if c == machine.ByMemory {
		return " by the memory limit"
	}
	return ""
}

// Failing says how a process has failed that was up.
func Failing(c machine.Cause) string {
	if c == machine.ByReady {
		return "not ready"
	}
	return "unhealthy"
}

// Limit follows the counter of processes that were killed because the memory limit was
// reached. The zero value has not seen it yet.
type Limit struct {
	seen  bool
	kills int // -1: the kernel does not tell
}

// Begin takes the counter before there is anything that it could have counted, once.
func (l *Limit) Begin(count func() int) {
	if !l.seen {
		*l = Limit{true, count()}
	}
}

// Share tells how many of the processes that were killed by somebody else the limit has
// killed, as far as can be told, and how many beside them: as many as the counter has grown
// by.
func (l *Limit) Share(killed int, count func() int) (ours, others int) {
	if killed == 0 || l.kills < 0 {
		return 0, 0
	}
	now := count()
	grown := max(now-l.kills, 0)
	l.kills = now
	ours = min(grown, killed)
	return ours, grown - ours
}
