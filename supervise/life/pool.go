package life

import (
	"slipway/supervise/bus"
	"slipway/supervise/config"
	"slipway/supervise/events"
	"slipway/supervise/machine"
)

// newPool makes the event pool of a listener group; nil for others.
func (t *Table) newPool(c *config.Group) *bus.Pool {
	if c.Kind != config.KindListener {
		return nil
	}
	var types []events.Type
	for _, name := range c.Events {
		if one, ok := events.ParseType(name); ok {
			types = append(types, one)
		}
	}
	return &bus.Pool{Printed: c.ResultHandler == config.StdoutHandler, Pool: &events.Pool{
		Name: c.Name, Identifier: t.cfg.Identifier,
		Size: max(c.BufferSize, 1), Subscribed: events.SetOf(types...),
	}}
}

// join makes a process a member of a pool.
func (p *Process) join(pool *bus.Pool) {
	p.member = &bus.Member{
		Name:    p.Name(),
		CanTake: func() bool { return p.Life.State == machine.Running && p.in.IsOpen() },
		Write:   p.in.Write,
	}
	pool.Members = append(pool.Members, p.member)
}

// EachPool calls do for the pools of the active groups, in their order.
func (t *Table) EachPool(do func(*bus.Pool)) {
	for _, g := range t.pools {
		do(g.pool)
	}
}

// stateEvents are the types of the events of states.
var stateEvents = [machine.States]events.Type{
	machine.Stopped: events.ProcessStateStopped, machine.Starting: events.ProcessStateStarting,
	machine.Running: events.ProcessStateRunning, machine.Backoff: events.ProcessStateBackoff,
	machine.Stopping: events.ProcessStateStopping, machine.Exited: events.ProcessStateExited,
	machine.Fatal: events.ProcessStateFatal, machine.Unknown: events.ProcessStateUnknown,
}

// emitState is the event of a change of state.
func (t *Table) emitState(p *Process, a machine.Action) {
	kind := stateEvents[a.To]
	if !t.bus.Wants(kind) {
		return
	}
	about := events.Process{Name: p.Config.Name, Group: p.Config.Group, PID: a.PID}
	ev := events.StateChange(kind, about, a.From.String(), a.Tries, a.Expected)
	if t.opts.Explain && a.PID != 0 && a.To != machine.Fatal && (a.To.IsStopped() || a.To == machine.Backoff) {
		st := p.Life.Status
		ev = ev.With(events.Ended{Status: st.Code, Signal: st.Signal, Core: st.Core, Cause: p.Life.Cause.String()})
	}
	t.bus.Emit(ev)
}
