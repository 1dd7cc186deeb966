package supervise

import (
	"slipway/supervise/bus"
	"slipway/supervise/config"
	"slipway/supervise/control"
	"slipway/supervise/events"
	"slipway/supervise/machine"
)

// newPool makes the event pool of a listener group; nil for others.
func (s *Supervisor) newPool(c *config.Group) *bus.Pool {
	if c.Kind != config.KindListener {
		return nil
	}
	var types []events.Type
	for _, name := range c.Events {
		if t, ok := events.ParseType(name); ok {
			types = append(types, t)
		}
	}
	return &bus.Pool{Printed: c.ResultHandler == config.StdoutHandler, Pool: &events.Pool{
		Name: c.Name, Identifier: s.cfg.Supervisord.Identifier,
		Size: max(c.BufferSize, 1), Subscribed: events.SetOf(types...),
	}}
}

// join makes a process a member of a pool.
func (p *process) join(pool *bus.Pool) {
	p.member = &bus.Member{
		Name:    p.name(),
		CanTake: func() bool { return p.m.State == machine.Running && p.in.fd >= 0 },
		Write:   p.in.write,
	}
	pool.Members = append(pool.Members, p.member)
}

// eachPool calls do for the pools of the active groups, in their order.
func (s *Supervisor) eachPool(do func(*bus.Pool)) {
	for _, g := range s.groups {
		if g.pool != nil {
			do(g.pool)
		}
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
func (s *Supervisor) emitState(p *process, a machine.Action) {
	t := stateEvents[a.To]
	if !s.bus.Wants(t) {
		return
	}
	about := events.Process{Name: p.cfg.Name, Group: p.cfg.Group, PID: a.PID}
	s.bus.Emit(events.StateChange(t, about, a.From.String(), a.Tries, a.Expected))
}

func handleEventSend(s *Supervisor, c *call) {
	s.bus.Emit(events.Remote(c.Str(0), c.Str(1)))
	c.reply(done)
}

func handleEventStream(s *Supervisor, c *call) {
	types := []events.Type{}
	for _, name := range c.Args[0].Strings() {
		t, ok := events.ParseType(name)
		if !ok {
			c.fault(control.BadArguments, "event type "+name)
			return
		}
		types = append(types, t)
	}
	if len(types) == 0 {
		types = append(types, events.Any)
	}
	stop := s.bus.Follow(events.SetOf(types...), func(e bus.Seen) {
		c.Chunk(control.Encode(&control.Event{
			Serial: e.Serial, When: e.When.UnixMilli(), Name: e.Event.Type.String(), Payload: string(e.Event.Payload),
		}))
	})
	s.server.Stream(c.Call, stop)
}
