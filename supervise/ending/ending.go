// Package ending says in words how a process ended, and where that has left it. It is pure.
package ending

import (
	"strconv"
	"time"

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
	switch c {
	case machine.ByReady:
		return "not ready"
	case machine.ByTimeout:
		return "too slow"
	}
	return "unhealthy"
}

// Change is the line of the log that a change of state is worth.
type Change struct {
	Text  string // "": none
	Warn  bool
	Every bool // it comes with every start and end, and may be summed up
	End   bool // then: it is about an end
}

// OfChange words what a state machine has entered. How is how the process has ended. Explain
// says more than the original does; alone says that its status is that of the container.
func OfChange(name string, p *machine.Proc, s *machine.Spec, a machine.Action, how string, explain, alone bool) Change {
	exited := Change{Text: "exited: " + name + " (" + how + "; not expected)", Warn: true, Every: true, End: true}
	switch {
	case a.To == machine.Running && s.Oneshot:
	case a.To == machine.Running:
		secs := strconv.FormatInt(int64(s.StartSecs.Seconds()), 10)
		return Change{Text: "success: " + name + " entered RUNNING state, process has stayed up for > than " + secs + " seconds (startsecs)", Every: true}
	case a.To == machine.Backoff && a.PID == 0:
	case a.To == machine.Backoff && a.From == machine.Stopping && explain:
		exited.Text = "stopped: " + name + " (" + how + ") because it was " + Failing(p.Cause) + ": " + p.How
		return exited
	case a.To == machine.Backoff:
		return exited
	case a.To == machine.Exited && a.Expected && s.Oneshot && a.PID == 0: // it was not run
	case a.To == machine.Exited && a.Expected && s.Oneshot:
		return Change{Text: "completed: " + name + " (" + how + ") after " + p.Ran.Round(time.Second/100).String(), Every: true, End: true}
	case a.To == machine.Exited && a.Expected:
		return Change{Text: "exited: " + name + " (" + how + "; expected)", Every: true, End: true}
	case a.To == machine.Exited:
		exited.Warn = !alone
		return exited
	case a.To == machine.Stopped && a.From == machine.Stopping && a.PID != 0:
		asked := a.Expected || explain && p.Status.Signal == s.StopSignal
		return Change{Text: "stopped: " + name + " (" + how + ")", Warn: !asked}
	}
	return Change{}
}

// Resting says what a process that is at rest is at.
func Resting(p *machine.Proc) string {
	switch {
	case p.State == machine.Exited:
		return "has ended (" + Status(p.Status) + ")"
	case p.State == machine.Stopped && p.Gen > 0:
		return "was stopped"
	case p.State == machine.Stopped:
		return "is not started"
	}
	return "is " + p.State.String()
}
