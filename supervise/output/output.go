// Package output carries what programs print from their pipes to their log streams.
//
// # Channels
//
// An Outlet is one output of a process, over all its incarnations; a channel is the pipe
// of one of them. A channel ends when the last holder closes the pipe, which may be long
// after the program died, and has no say in the state of the process. So a new incarnation
// gets a new channel while those of earlier ones may still be open: at most maxLate of them.
//
// # What must not happen
//
// No program holds the loop: of a pipe is read as much as a buffer holds, then everything
// else has its turn. A channel whose target is full is paused: not read until there is room,
// so that its program waits in its own write. One that prints little by little, as fast as
// it can, is throttled: not read for a moment, while its pipe fills.
package output

import (
	"syscall"
	"time"

	"slipway/supervise/kernel"
	"slipway/supervise/logs"
	"slipway/supervise/logs/sink"
	"slipway/supervise/loop"
)

// drainLimit is how much is read, in bytes, from the pipe of a process that has died
// before the loop goes on: more than any pipe holds, unless somebody is still writing.
const drainLimit = 4 << 20

// maxLate is how many channels of former incarnations of one outlet are read on because a
// descendant still holds the pipe. The oldest beyond that is closed.
const maxLate = 4

// Kernel is what a Carrier asks of the operating system. OutputPipe returns a pipe whose
// read end does not block; Enlarge makes a busy one hold more, if it may.
type Kernel interface {
	OutputPipe() (r, w int, err error)
	Enlarge(fd int)
	Read(fd int, p []byte) (int, error)
	Close(fd int) error
}

// Carrier carries the output of all programs.
type Carrier struct {
	k         Kernel
	loop      *loop.Loop
	targets   *sink.Targets
	paused    []*channel // their target is full
	throttled []*channel // not read for a moment
	throttle  loop.Timer
}

// NewCarrier returns a Carrier to the targets.
func NewCarrier(k Kernel, l *loop.Loop, t *sink.Targets) *Carrier {
	return &Carrier{k: k, loop: l, targets: t}
}

// Outlet is one output of a process. The zero value is ready.
type Outlet struct {
	newest    *channel // nil: there was none yet
	followers []*follower
}

// follower is told what passes.
type follower struct{ pass func(p []byte) }

// channel is one outlet of one incarnation.
type channel struct {
	c       *Carrier
	outlet  *Outlet
	fd      int // -1: closed
	stream  *logs.Stream
	patient bool // may be throttled
	paused  bool // not read, because its target is full
	pace    logs.Pace
	late    *channel // of an earlier incarnation, still open
}

// Open makes the pipe of a new incarnation and returns the end of it that is the program's.
// The caller closes it after the fork. Patient output may be throttled.
func (c *Carrier) Open(o *Outlet, spec logs.Spec, hooks logs.Hooks, patient bool) (theirs int, err error) {
	r, w, err := c.k.OutputPipe()
	if err != nil {
		return -1, err
	}
	ch := &channel{c: c, outlet: o, fd: r, stream: logs.Open(c.targets, spec, hooks), patient: patient, late: stillOpen(o.newest)}
	if err := c.loop.Own(r, ch, kernel.Readable); err != nil {
		c.k.Close(r)
		c.k.Close(w)
		ch.stream.Close()
		return -1, err
	}
	o.newest = ch
	ch.trimLate()
	return w, nil
}

// Tail returns the last n lines that the newest incarnation printed and that passed here.
func (o *Outlet) Tail(n int) []string {
	if o.newest == nil {
		return nil
	}
	return o.newest.stream.Tail(n)
}

// Follow calls pass for all that is read from now on, of whatever incarnation, until stop
// is called. What it is given is valid during the call only.
func (o *Outlet) Follow(pass func(p []byte)) (stop func()) {
	f := &follower{pass}
	o.followers = append(o.followers, f)
	return func() {
		for i, other := range o.followers {
			if other == f {
				o.followers = append(o.followers[:i:i], o.followers[i+1:]...)
				return
			}
		}
	}
}

// Drain reads what a program has written before it died.
func (c *Carrier) Drain(o *Outlet) {
	if ch := o.newest; ch != nil && ch.fd >= 0 {
		ch.read(drainLimit)
		ch.stream.Flush()
	}
}

// Finish reads what is there of all incarnations and closes their pipes.
func (c *Carrier) Finish(o *Outlet) {
	for ch := o.newest; ch != nil; ch = ch.late {
		if ch.fd >= 0 {
			ch.read(drainLimit)
			ch.close()
		}
	}
}

// Resume reads on where a target has room again.
func (c *Carrier) Resume() {
	if len(c.paused) == 0 {
		return
	}
	still := c.paused[:0]
	for _, ch := range c.paused {
		switch {
		case ch.fd < 0:
		case ch.stream.Full():
			still = append(still, ch)
		default:
			ch.paused = false
			c.loop.Resume(ch.fd)
		}
	}
	c.paused = still
}

// unthrottle reads on where it was throttled.
func (c *Carrier) unthrottle() {
	for i, ch := range c.throttled {
		if ch.fd >= 0 && !ch.paused {
			c.loop.Resume(ch.fd)
		}
		c.throttled[i] = nil
	}
	c.throttled = c.throttled[:0]
}

// stillOpen returns the newest channel of a chain that is open, and takes the closed
// ones out of it.
func stillOpen(ch *channel) *channel {
	for ch != nil && ch.fd < 0 {
		ch = ch.late
	}
	if ch != nil {
		ch.late = stillOpen(ch.late)
	}
	return ch
}

// trimLate closes the oldest of too many late channels.
func (ch *channel) trimLate() {
	n := 0
	for x := ch; x.late != nil; x = x.late {
		if n++; n > maxLate {
			x.late.close()
			x.late = nil
			return
		}
	}
}

// OnReadable implements loop.FDOwner.
func (ch *channel) OnReadable(int, kernel.Mode) {
	room := len(ch.c.loop.Buffer())
	n := ch.read(room)
	if ch.patient {
		ch.throttle(ch.pace.After(n, room, ch.c.loop.Now()))
	}
}

// throttle does not read a channel for a moment, while its pipe fills.
func (ch *channel) throttle(d time.Duration) {
	c := ch.c
	if d == 0 || ch.fd < 0 || ch.paused {
		return
	}
	if len(c.throttled) == 0 {
		c.loop.After(&c.throttle, d, c.unthrottle)
	}
	c.throttled = append(c.throttled, ch)
	c.loop.Pause(ch.fd)
	c.k.Enlarge(ch.fd) // or its program would wait for us
}

// read passes on up to limit bytes, in pieces of the loop's buffer, and returns how many.
func (ch *channel) read(limit int) (total int) {
	c, buf := ch.c, ch.c.loop.Buffer()
	for limit > 0 && ch.fd >= 0 {
		n, err := c.k.Read(ch.fd, buf)
		if n > 0 {
			ch.stream.Feed(buf[:n])
			for _, f := range ch.outlet.followers {
				f.pass(buf[:n])
			}
			limit -= n
			total += n
		}
		if err != nil {
			if err != syscall.EAGAIN && err != syscall.EINTR { // the last holder has closed it
				ch.close()
			}
			break
		}
		if n < len(buf) {
			break // a pipe that had more would have given more
		}
	}
	if ch.fd >= 0 && !ch.paused && ch.stream.Full() {
		ch.paused = true
		c.loop.Pause(ch.fd)
		c.paused = append(c.paused, ch)
	}
	return total
}

// close ends a channel.
func (ch *channel) close() {
	if ch.fd < 0 {
		return
	}
	ch.c.loop.Disown(ch.fd)
	ch.c.k.Close(ch.fd)
	ch.fd = -1
	ch.stream.Close()
}
