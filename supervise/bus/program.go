package bus

import (
	"slipway/supervise/config"
	"slipway/supervise/events"
	"slipway/supervise/machine"
)

// NewPool makes the event pool of a listener group; nil for others.
func NewPool(c *config.Group, identifier string) *Pool {
	if c.Kind != config.KindListener {
		return nil
	}
	var types []events.Type
	for _, name := range c.Events {
		if one, ok := events.ParseType(name); ok {
			types = append(types, one)
		}
	}
	return &Pool{Printed: c.ResultHandler == config.StdoutHandler, Pool: &events.Pool{
		Name: c.Name, Identifier: identifier,
		Size: max(c.BufferSize, 1), Subscribed: events.SetOf(types...),
	}}
}

// stateEvents are the types of the events of states.
var stateEvents = [machine.States]events.Type{
	machine.Stopped: events.ProcessStateStopped, machine.Starting: events.ProcessStateStarting,
	machine.Running: events.ProcessStateRunning, machine.Backoff: events.ProcessStateBackoff,
	machine.Stopping: events.ProcessStateStopping, machine.Exited: events.ProcessStateExited,
	machine.Fatal: events.ProcessStateFatal, machine.Unknown: events.ProcessStateUnknown,
}

// State emits the event of a change of state. With explain it says how the process has ended.
func (b *Bus) State(p *config.Process, m *machine.Proc, a machine.Action, explain bool) {
	kind := stateEvents[a.To]
	if !b.Wants(kind) {
		return
	}
	about := events.Process{Name: p.Name, Group: p.Group, PID: a.PID}
	ev := events.StateChange(kind, about, a.From.String(), a.Tries, a.Expected)
	if explain && a.PID != 0 && a.To != machine.Fatal && (a.To.IsStopped() || a.To == machine.Backoff) {
		st := m.Status
		ev = ev.With(events.Ended{Status: st.Code, Signal: st.Signal, Core: st.Core, Cause: m.Cause.String()})
	}
	b.Emit(ev)
}
