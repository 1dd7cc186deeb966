// Package ending says in words how a process ended. It is pure.
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
