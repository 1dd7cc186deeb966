package events

import "strconv"

// Serials numbers events over all pools, from 0. An event that nobody subscribes
// to takes no number.
type Serials struct{ next int }

// Raised is an event on its way into the pools. It gets its serial number when
// the first pool accepts it.
type Raised struct {
	Event
	serials *Serials
	serial  int
}

// Raise prepares an event for offering it to the pools.
func (s *Serials) Raise(ev Event) *Raised { return &Raised{Event: ev, serials: s, serial: -1} }

// Pool buffers the events of one [eventlistener:x] until a listener is ready.
type Pool struct {
	Name       string
	Identifier string // the supervisor's, told in every header
	Size       int    // capacity of the buffer, at least 1
	Subscribed Set

	next  int
	queue []*Envelope
}

// Envelope is an event as a pool holds it.
type Envelope struct {
	Serial     int
	PoolSerial int
	Event
}

// Offer takes the event into the buffer if the pool subscribes to its type. When
// the buffer is full the oldest envelope is dropped and returned.
func (p *Pool) Offer(r *Raised) (dropped *Envelope) {
	if !p.Subscribed.Has(r.Type) {
		return nil
	}
	if r.serial < 0 {
		r.serial = r.serials.next
		r.serials.next++
	}
	e := &Envelope{Serial: r.serial, PoolSerial: p.next, Event: r.Event}
	p.next++
	if len(p.queue) >= p.Size {
		dropped = p.queue[0]
		p.queue = p.queue[1:]
	}
	p.queue = append(p.queue, e)
	return dropped
}

// Requeue puts an envelope that was not handled back at the front. It pushes out
// the oldest other envelope when the buffer is full.
func (p *Pool) Requeue(e *Envelope) (dropped *Envelope) {
	if len(p.queue) >= p.Size {
		dropped = p.queue[0]
		p.queue = p.queue[1:]
	}
	p.queue = append([]*Envelope{e}, p.queue...)
	return dropped
}

// Next takes the envelope at the front, or returns nil.
func (p *Pool) Next() *Envelope {
	if len(p.queue) == 0 {
		return nil
	}
	e := p.queue[0]
	p.queue[0] = nil
	p.queue = p.queue[1:]
	return e
}

// Len is the number of envelopes waiting.
func (p *Pool) Len() int { return len(p.queue) }

// Message is what a listener of the pool reads for e: the header line and the
// payload.
func (p *Pool) Message(e *Envelope) []byte {
	b := append(make([]byte, 0, 128+len(e.Payload)), "ver:3.0 server:"...)
	b = append(b, p.Identifier...)
	b = field(b, "serial", e.Serial)
	b = append(append(b, " pool:"...), p.Name...)
	b = field(b, "poolserial", e.PoolSerial)
	b = append(append(b, " eventname:"...), e.Type.String()...)
	b = append(b, " len:"...)
	b = strconv.AppendInt(b, int64(len(e.Payload)), 10)
	b = append(b, '\n')
	return append(b, e.Payload...)
}
