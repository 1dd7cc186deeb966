package supervise

import (
	"strings"
	"time"

	"slipway/supervise/config"
	"slipway/supervise/control"
	"slipway/supervise/events"
	"slipway/supervise/logs"
	"slipway/supervise/machine"
)

// eventBus numbers events and knows who wants them.
type eventBus struct {
	serials events.Serials
	lastEnd int64 // epoch second that ticks were last looked at
	stream  int   // serial of the last event of a control stream
}

// newPool makes the event pool of a listener group.
func (s *Supervisor) newPool(c *config.Group) *events.Pool {
	if c.Kind != config.KindListener {
		return nil
	}
	var types []events.Type
	for _, name := range c.Events {
		if t, ok := events.ParseType(name); ok {
			types = append(types, t)
		}
	}
	return &events.Pool{
		Name: c.Name, Identifier: s.cfg.Supervisord.Identifier,
		Size: max(c.BufferSize, 1), Subscribed: events.SetOf(types...),
	}
}

// stateEvents are the types of the events of states.
var stateEvents = [machine.States]events.Type{
	machine.Stopped: events.ProcessStateStopped, machine.Starting: events.ProcessStateStarting,
	machine.Running: events.ProcessStateRunning, machine.Backoff: events.ProcessStateBackoff,
	machine.Stopping: events.ProcessStateStopping, machine.Exited: events.ProcessStateExited,
	machine.Fatal: events.ProcessStateFatal, machine.Unknown: events.ProcessStateUnknown,
}

// wanted reports whether anybody wants events of a type. Nothing is made for nobody.
func (s *Supervisor) wanted(t events.Type) bool {
	for _, g := range s.groups {
		if g.pool != nil && g.pool.Subscribed.Has(t) {
			return true
		}
	}
	for i := range s.followers {
		if f := &s.followers[i]; f.p == nil && f.want.Has(t) {
			return true
		}
	}
	return false
}

func (s *Supervisor) emitState(p *process, a machine.Action) {
	t := stateEvents[a.To]
	if !s.wanted(t) {
		return
	}
	about := events.Process{Name: p.cfg.Name, Group: p.cfg.Group, PID: a.PID}
	s.emit(events.StateChange(t, about, a.From.String(), a.Tries, a.Expected))
}

// emit offers an event to all who subscribe to its type.
func (s *Supervisor) emit(ev events.Event) {
	if !s.wanted(ev.Type) {
		return
	}
	raised := s.bus.serials.Raise(ev)
	for _, g := range s.groups {
		if g.pool == nil {
			continue
		}
		if dropped := g.pool.Offer(raised); dropped != nil {
			s.overflowed(g, dropped)
		}
		s.deliver(g)
	}
	s.stream(ev)
}

func (s *Supervisor) overflowed(g *group, e *events.Envelope) {
	s.log.Error("pool ", g.cfg.Name, " event buffer overflowed, discarding event ", itoa(e.Serial))
}

// deliver hands the events of a pool to its listeners that are ready.
func (s *Supervisor) deliver(g *group) {
	for g.pool.Len() > 0 {
		p := g.readyListener()
		if p == nil {
			return
		}
		e := g.pool.Next()
		p.input = append(p.input, g.pool.Message(e)...)
		if err := s.writeInput(p); err != nil {
			// It is about to die; the next one gets the event.
			s.requeue(g, e)
			continue
		}
		s.log.Debug("event ", itoa(e.Serial), " sent to listener ", p.name())
		p.listener.Send(e)
	}
}

func (g *group) readyListener() *process {
	for _, p := range g.processes {
		if p.m.State == machine.Running && p.stdin >= 0 && p.listener.State() == events.Ready {
			return p
		}
	}
	return nil
}

func (s *Supervisor) requeue(g *group, e *events.Envelope) {
	s.log.Debug("rebuffering event ", itoa(e.Serial), " for pool ", g.cfg.Name,
		" (buf size=", itoa(g.pool.Len()), ", max=", itoa(g.pool.Size), ")")
	if dropped := g.pool.Requeue(e); dropped != nil {
		s.overflowed(g, dropped)
	}
}

// heard takes what a listener printed.
func (s *Supervisor) heard(p *process, b []byte) {
	before := p.listener.State()
	for _, o := range p.listener.Feed(b) {
		switch o.Kind {
		case events.Rejected:
			if p.group.cfg.ResultHandler == config.StdoutHandler {
				s.printLog(o.Body)
				continue
			}
			s.log.Warn(p.name(), ": event was rejected")
			s.requeue(p.group, o.Envelope)
		case events.BadResult:
			s.log.Warn(p.name(), ": bad result line: ", quote(string(o.Line)))
			s.requeue(p.group, o.Envelope)
		case events.BecameReady, events.Handled, events.Violated:
		}
	}
	after := p.listener.State()
	if before == after {
		return
	}
	s.log.Debug(p.name(), ": ", before.String(), " -> ", after.String())
	if after == events.Unknown {
		s.log.Warn(p.name(), ": has entered the UNKNOWN state and will no longer receive events, this usually indicates the process violated the eventlistener protocol")
	}
	s.deliver(p.group)
}

// printLog is the result handler of supervisor_stdout, whose listener answers a
// PROCESS_LOG event with the event itself: it prints what the program has printed, a
// line each, behind the name and the channel. An answer of another kind is printed as
// it is.
func (s *Supervisor) printLog(answer []byte) {
	header, text, _ := strings.Cut(string(answer), "\n")
	var name, channel string
	for _, field := range strings.Fields(header) {
		key, value, _ := strings.Cut(field, ":")
		switch key {
		case "processname":
			name = value
		case "channel":
			channel = value
		}
	}
	if s.answers == nil {
		s.answers = s.targets.Stdio(1)
	}
	if channel == "" {
		s.answers.Write(append(answer, '\n'))
		return
	}
	for line := range strings.Lines(text) {
		s.answers.Write([]byte(name + " " + channel + " | " + strings.TrimSuffix(line, "\n") + "\n"))
	}
}

// listenerGone gives the event that a listener has not answered back to its pool.
func (s *Supervisor) listenerGone(p *process) {
	if p.group.pool == nil {
		return
	}
	if e := p.listener.Gone(); e != nil {
		s.requeue(p.group, e)
	}
}

// hooks are told what passes through a channel; watched says that there are any.
func (s *Supervisor) hooks(p *process, o config.Output, stderr bool) (h logs.Hooks, watched bool) {
	channel := "stdout"
	if stderr {
		channel = "stderr"
	}
	debug := s.log.Enabled(logs.Debug)
	listens := p.group.pool != nil && !stderr
	about := func() events.Process {
		return events.Process{Name: p.cfg.Name, Group: p.cfg.Group, PID: p.m.PID}
	}
	if debug || listens || o.EventsEnabled {
		h.Chunk = func(b []byte) {
			if debug {
				s.log.Output(p.name(), channel, b)
			}
			switch {
			case listens:
				s.heard(p, b)
			case o.EventsEnabled && s.wanted(logEvent(stderr)):
				s.emit(events.Log(about(), stderr, b))
			}
		}
	}
	if o.CaptureMaxbytes > 0 && !listens {
		h.Captured = func(b []byte) { s.emit(events.Communication(about(), stderr, b)) }
	}
	return h, h.Chunk != nil || h.Captured != nil
}

func logEvent(stderr bool) events.Type {
	if stderr {
		return events.ProcessLogStderr
	}
	return events.ProcessLogStdout
}

// tick sends the ticks that are due and sets the timer of the next one, if anybody
// subscribes to any.
func (s *Supervisor) tick() {
	now := s.k.Now().Unix()
	for _, ev := range events.Ticks(s.bus.lastEnd, now) {
		s.emit(ev)
	}
	s.bus.lastEnd = now
	s.armTick()
}

// armTick sets the timer of the next tick. It is asked after every change of
// subscriptions.
func (s *Supervisor) armTick() {
	if s.tock.IsSet() {
		return
	}
	var all events.Set
	for _, g := range s.groups {
		if g.pool != nil {
			all |= g.pool.Subscribed
		}
	}
	for _, f := range s.followers {
		all |= f.want
	}
	now := s.k.Now()
	at, ok := events.NextTick(all, now.Unix())
	if !ok {
		return
	}
	s.bus.lastEnd = now.Unix()
	s.loop.Set(&s.tock, now.Add(time.Unix(at, 0).Sub(now)), s.tick)
}

func handleEventSend(s *Supervisor, c *call) {
	s.emit(events.Remote(c.Str(0), c.Str(1)))
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
	s.followers = append(s.followers, follower{call: c, want: events.SetOf(types...)})
	s.armTick()
}

// stream passes an event on to those who watch them over the control socket.
func (s *Supervisor) stream(ev events.Event) {
	if len(s.followers) == 0 {
		return
	}
	s.bus.stream++
	out := control.Encode(&control.Event{
		Serial: int64(s.bus.stream), When: s.k.Now().UnixMilli(), Name: ev.Type.String(), Payload: string(ev.Payload),
	})
	for _, f := range append([]follower(nil), s.followers...) {
		if f.p == nil && f.want.Has(ev.Type) {
			f.chunk(out)
		}
	}
}
