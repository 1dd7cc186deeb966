// Package outcome says whether what a client has asked of a process has come to its end, and
// how. It reads the process and changes nothing.
package outcome

import (
	"slipway/supervise/control"
	"slipway/supervise/life"
	"slipway/supervise/machine"
	"slipway/supervise/probe"
)

// Started says whether a start that was asked for has come to its end, and how.
func Started(p *life.Process, _ uint64) (f *control.Fault, ok bool) {
	switch {
	case p.Held && p.Vain != "":
		return NotStarted(p), true
	case p.Held, p.Life.State == machine.Starting, p.Life.State == machine.Stopping && p.Life.Wanted:
		return nil, false
	case p.HasCompleted():
		return nil, true
	case p.Life.State == machine.Running:
		return nil, !p.Spec.Oneshot // the end is what it is for
	case p.Life.State == machine.Backoff, p.Life.State == machine.Fatal:
		return control.NewFault(control.SpawnError, p.FullName()), true
	}
	return control.NewFault(control.AbnormalTermination, p.FullName()), true
}

// Restarted says whether a restart that was asked for has come to its end, and how. With
// restart_mode=overlap it may fail, and p is what it was.
func Restarted(p *life.Process, since uint64) (f *control.Fault, ok bool) {
	switch {
	case p.HasHeir():
		return nil, false
	case p.HeirFailed() != "":
		return control.NewFault(control.SpawnError, p.FullName()+": another one was started, and "+p.HeirFailed()+"; the one that runs stays"), true
	case p.Config.Rolling > 0: // the next one's turn depends on it
		return Ready(p, since)
	}
	return Started(p, since)
}

// NotStarted is the answer for a process that waits for others in vain.
func NotStarted(p *life.Process) *control.Fault {
	return control.NewFault(control.Failed, p.FullName()+" is not started: "+p.Vain)
}

// Stopped says whether what was up when the stop was asked for is down. It may be up
// again by then, because somebody has asked for that since.
func Stopped(p *life.Process, since uint64) (f *control.Fault, ok bool) {
	if p.Life.State == machine.Unknown && p.Life.Gen == since {
		return control.NewFault(control.Failed, p.FullName()+": it could not be signalled, and may run on; the log says why"), true
	}
	return nil, p.Life.State.IsStopped() || p.Life.Gen != since
}

// Ready says whether a process is ready, or can no longer become so.
func Ready(p *life.Process, since uint64) (f *control.Fault, ok bool) {
	if p.Waits && p.Life.AtRest() { // whoever connects is answered
		return nil, true
	}
	f, ok = Started(p, since)
	switch {
	case ok && f == nil && p.Spec.Oneshot:
		return nil, true
	case ok && f != nil:
		return f, true
	case p.Health() == probe.Unhealthy:
		return control.NewFault(control.Failed, p.FullName()+" is unhealthy: "+p.Illness()), true
	case !p.IsReady() || p.IsConfirming():
		return nil, false
	case p.IsReadyByHealth():
		return nil, p.Health() == probe.Healthy
	}
	return nil, true
}

// StillThere is the answer to those who wait for the end of what KILL does not end. Its state
// stays what it is.
func StillThere(p *life.Process) *control.Fault {
	return control.NewFault(control.Failed, p.FullName()+": still there after KILL")
}
