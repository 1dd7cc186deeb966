package supervise

import (
	"slipway/supervise/bus"
	"slipway/supervise/control"
	"slipway/supervise/events"
)

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
