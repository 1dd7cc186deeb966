// Package bus hands out events: to the pools of event listeners, to those who watch them
// over the control socket, and the clock's ticks to whoever wants them. The protocol of
// listeners and the buffers of pools are package events'; this package knows who is ready
// and what is to happen with an answer.
package bus

import (
	"strconv"
	"strings"
	"time"

	"slipway/supervise/events"
	"slipway/supervise/loop"
	"slipway/supervise/words"
)

// Log is where a Bus says what people should know.
type Log interface {
	Debug(parts ...string)
	Warn(parts ...string)
	Error(parts ...string)
}

// Options are what a Bus is made of.
type Options struct {
	Loop *loop.Loop
	Log  Log
	// Pools calls do for every pool, in the order in which they get an event.
	Pools func(do func(*Pool))
	// Print prints the answers of listeners whose pool says so.
	Print func(p []byte)
}

// Bus numbers events and knows who wants them.
type Bus struct {
	opts      Options
	serials   events.Serials
	lastEnd   int64 // epoch second that ticks were last looked at
	tick      loop.Timer
	seen      int64 // serial of the last event that watchers were offered
	followers []*follower
}

// Pool is an event pool with its listeners.
type Pool struct {
	*events.Pool
	// Printed says that the answers are printed, not taken for refusals.
	Printed bool
	Members []*Member
}

// Member is a process of a pool.
type Member struct {
	// Name is what log lines call the process.
	Name string
	// CanTake reports whether it is up and can be written to.
	CanTake func() bool
	// Write queues bytes for its standard input; an error means that it has closed that.
	Write func(p []byte) error

	protocol events.Listener
	refused  int        // events in a row
	pause    loop.Timer // before it gets another one
}

// IsLost reports whether a process has broken the protocol: only another one can mend that.
func (m *Member) IsLost() bool { return m.protocol.State() == events.Unknown }

// A listener that refuses event after event gets the same one again each time. From
// mostRefused on it waits for it.
const (
	mostRefused = 32
	refusePause = 100 * time.Millisecond
)

// Seen is an event as those who watch them see it.
type Seen struct {
	Serial int64
	When   time.Time
	Event  events.Event
}

// follower watches events.
type follower struct {
	want events.Set
	pass func(Seen)
}

// New returns a Bus that has handed out nothing yet.
func New(o Options) *Bus { return &Bus{opts: o} }

// Wants reports whether anybody wants events of a type. Nothing is made for nobody.
func (b *Bus) Wants(t events.Type) bool { return b.subscribed().Has(t) }

// subscribed are the types that anybody wants.
func (b *Bus) subscribed() events.Set {
	var all events.Set
	b.opts.Pools(func(p *Pool) { all |= p.Subscribed })
	for _, f := range b.followers {
		all |= f.want
	}
	return all
}

// Follow calls pass for every event of the types in want until stop is called.
func (b *Bus) Follow(want events.Set, pass func(Seen)) (stop func()) {
	f := &follower{want, pass}
	b.followers = append(b.followers, f)
	b.Arm()
	return func() {
		for i, other := range b.followers {
			if other == f {
				b.followers = append(b.followers[:i:i], b.followers[i+1:]...)
				return
			}
		}
	}
}

// Emit offers an event to all who subscribe to its type.
func (b *Bus) Emit(ev events.Event) {
	if !b.Wants(ev.Type) {
		return
	}
	raised := b.serials.Raise(ev)
	b.opts.Pools(func(p *Pool) {
		if dropped := p.Offer(raised); dropped != nil {
			b.overflowed(p, dropped)
		}
		b.Deliver(p)
	})
	if len(b.followers) == 0 {
		return
	}
	b.seen++
	seen := Seen{b.seen, b.opts.Loop.Now(), ev}
	for _, f := range b.followers {
		if f.want.Has(ev.Type) {
			f.pass(seen)
		}
	}
}

func (b *Bus) overflowed(p *Pool, e *events.Envelope) {
	b.opts.Log.Error("pool ", p.Name, " event buffer overflowed, discarding event ", strconv.Itoa(e.Serial))
}

// Deliver hands the events of a pool to its listeners that are ready.
func (b *Bus) Deliver(p *Pool) {
	for p.Len() > 0 {
		m := p.ready()
		if m == nil {
			return
		}
		e := p.Next()
		if err := m.Write(p.Message(e)); err != nil {
			// It is about to die; the next one gets the event.
			b.requeue(p, e)
			continue
		}
		b.opts.Log.Debug("event ", strconv.Itoa(e.Serial), " sent to listener ", m.Name)
		m.protocol.Send(e)
	}
}

// ready is the first listener that waits for an event.
func (p *Pool) ready() *Member {
	for _, m := range p.Members {
		if m.protocol.State() == events.Ready && !m.pause.IsSet() && m.CanTake() {
			return m
		}
	}
	return nil
}

func (b *Bus) requeue(p *Pool, e *events.Envelope) {
	b.opts.Log.Debug("rebuffering event ", strconv.Itoa(e.Serial), " for pool ", p.Name,
		" (buf size=", strconv.Itoa(p.Len()), ", max=", strconv.Itoa(p.Size), ")")
	if dropped := p.Requeue(e); dropped != nil {
		b.overflowed(p, dropped)
	}
}

// Heard takes what a listener printed.
func (b *Bus) Heard(p *Pool, m *Member, text []byte) {
	before := m.protocol.State()
	for _, o := range m.protocol.Feed(text) {
		switch o.Kind {
		case events.Rejected:
			if p.Printed {
				b.print(o.Body)
				continue
			}
			if m.refused++; m.refused >= mostRefused {
				b.opts.Loop.After(&m.pause, refusePause, func() { b.Deliver(p) })
			}
			b.opts.Log.Warn(m.Name, ": event was rejected")
			b.requeue(p, o.Envelope)
		case events.BadResult:
			b.opts.Log.Warn(m.Name, ": bad result line: ", words.Quote(string(o.Line)))
			b.requeue(p, o.Envelope)
		case events.Handled:
			m.refused = 0
		case events.BecameReady, events.Violated:
		}
	}
	after := m.protocol.State()
	if before == after {
		return
	}
	b.opts.Log.Debug(m.Name, ": ", before.String(), " -> ", after.String())
	if after == events.Unknown {
		b.opts.Log.Warn(m.Name, ": has entered the UNKNOWN state and will no longer receive events, this usually indicates the process violated the eventlistener protocol")
	}
	b.Deliver(p)
}

// Gone gives the event that a listener has not answered back to its pool: it has died.
func (b *Bus) Gone(p *Pool, m *Member) {
	b.opts.Loop.Clear(&m.pause)
	m.refused = 0
	if e := m.protocol.Gone(); e != nil {
		b.requeue(p, e)
	}
}

// print is the result handler of supervisor_stdout, whose listener answers a PROCESS_LOG
// event with the event itself: it prints what the program has printed, a line each, behind
// the name and the channel. An answer of another kind is printed as it is.
func (b *Bus) print(answer []byte) {
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
	if channel == "" {
		b.opts.Print(append(answer, '\n'))
		return
	}
	for line := range strings.Lines(text) {
		b.opts.Print([]byte(name + " " + channel + " | " + strings.TrimSuffix(line, "\n") + "\n"))
	}
}

// ticks sends the ticks that are due and sets the timer of the next one.
func (b *Bus) ticks() {
	now := b.opts.Loop.Now().Unix()
	for _, ev := range events.Ticks(b.lastEnd, now) {
		b.Emit(ev)
	}
	b.lastEnd = now
	b.Arm()
}

// Arm sets the timer of the next tick, if anybody subscribes to any. It is called after
// every change of subscriptions.
func (b *Bus) Arm() {
	now := b.opts.Loop.Now()
	second, ok := events.NextTick(b.subscribed(), now.Unix())
	if !ok {
		return
	}
	at := now.Add(time.Unix(second, 0).Sub(now))
	if !b.tick.IsSet() {
		b.lastEnd = now.Unix()
	} else if !at.Before(b.tick.At()) {
		return
	}
	b.opts.Loop.Set(&b.tick, at, b.ticks)
}
