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
//
// Nothing that a program has printed is lost because it has died: what its pipe holds then is
// owed. It is read as soon as the target has room, and before anything of the next incarnation.
// Only the oldest of too many such pipes is dropped, and the supervisor's own end drops what
// nobody takes; both are counted and said.
package output

import (
	"strconv"
	"syscall"
	"time"

	"slipway/supervise/kernel"
	"slipway/supervise/logs"
	"slipway/supervise/logs/sink"
	"slipway/supervise/loop"
)

// drainLimit is how much of the pipe of a process that has died is owed, in bytes: more than
// any pipe holds, unless somebody is still writing.
const drainLimit = 4 << 20

// maxLate is how many channels of former incarnations of one outlet are read on, because a
// descendant still holds the pipe or because the target has no room. The oldest beyond that
// is closed.
const maxLate = 4

// Kernel is what a Carrier asks of the operating system. OutputPipe returns a pipe whose
// read end does not block; Enlarge makes a busy one hold more, if it may.
type Kernel interface {
	OutputPipe() (r, w int, err error)
	Enlarge(fd int)
	Read(fd int, p []byte) (int, error)
	Write(fd int, p []byte) (int, error)
	Close(fd int) error
}

// Pipes are what the descriptors of programs are made of: of InputPipe the write end does not
// block, of OutputPipe the read end. Give makes a pipe that of another user.
type Pipes interface {
	InputPipe() (r, w int, err error)
	OutputPipe() (r, w int, err error)
	Read(fd int, p []byte) (int, error)
	Write(fd int, p []byte) (int, error)
	Close(fd int) error
	IsTerminal(fd int) bool
	Stdio(fd int) kernel.Stdio
	Give(fd, uid, gid int) error
}

// Carrier carries the output of all programs.
type Carrier struct {
	k         Kernel
	loop      *loop.Loop
	targets   *sink.Targets
	open      map[int]*channel // by descriptor
	owing     int              // channels that owe something
	paused    []*channel       // their target is full
	throttled []*channel       // not read for a moment
	throttle  loop.Timer
	rest      *rest // nil: the end has not come
}

// NewCarrier returns a Carrier to the targets.
func NewCarrier(k Kernel, l *loop.Loop, t *sink.Targets) *Carrier {
	return &Carrier{k: k, loop: l, targets: t, open: map[int]*channel{}}
}

// Outlet is one output of a process. The zero value is ready.
type Outlet struct {
	newest    *channel // nil: there was none yet
	followers []*follower
	inherited int  // descriptor that the present incarnation has in its place; 0: none
	wanted    bool // somebody has wanted to see it
}

// follower is told what passes.
type follower struct{ pass func(p []byte) }

// channel is one outlet of one incarnation.
type channel struct {
	c       *Carrier
	outlet  *Outlet
	process string
	fd      int // -1: closed
	stream  *logs.Stream
	owed    int  // bytes that are read at most of what was there when its program died
	patient bool // may be throttled
	paused  bool // not read, because its target is full or an earlier one owes something
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
	ch := &channel{
		c: c, outlet: o, process: spec.Process, fd: r, stream: logs.Open(c.targets, spec, hooks), patient: patient, late: stillOpen(o.newest),
	}
	if err := c.loop.Own(r, ch, kernel.Readable); err != nil {
		c.k.Close(r)
		c.k.Close(w)
		ch.stream.Close()
		return -1, err
	}
	c.open[r], o.newest = ch, ch
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

// Drain reads what a program has written before it died, or as much of it as the target has
// room for. The rest is owed.
func (c *Carrier) Drain(o *Outlet) {
	if ch := o.newest; ch != nil {
		ch.owe()
	}
}

// Resume reads on where a target has room again. What is owed is read at once, as nobody may
// be there any more whose writing would wake the loop. It is called in every pass.
func (c *Carrier) Resume() {
	if len(c.paused) > 0 {
		c.resume()
	}
	c.delivered()
}

func (c *Carrier) resume() {
	list := c.paused
	c.paused = nil
	for _, ch := range list {
		switch {
		case ch.fd < 0:
		case ch.blocked():
			c.paused = append(c.paused, ch)
		default:
			ch.paused = false
			c.loop.Resume(ch.fd)
			if ch.owed > 0 {
				ch.read(len(c.loop.Buffer()))
			}
		}
	}
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
			x.late.finish()
			x.late = nil
			return
		}
	}
}

// eldersFirst calls do for the open ones among a channel and those of earlier incarnations,
// oldest first.
func (ch *channel) eldersFirst(do func(*channel)) {
	if ch.late != nil {
		ch.late.eldersFirst(do)
	}
	if ch.fd >= 0 {
		do(ch)
	}
}

// blocked reports whether a channel is not to be read: its target is full, or an earlier
// incarnation comes first.
func (ch *channel) blocked() bool {
	for x := ch.late; x != nil; x = x.late {
		if x.owed > 0 {
			return true
		}
	}
	return ch.stream.Full()
}

// owe reads what is there, now or later.
func (ch *channel) owe() {
	if ch.fd < 0 {
		return
	}
	if ch.owed == 0 {
		ch.c.owing++
	}
	ch.owed = drainLimit
	ch.read(drainLimit)
}

// settled notes that all is read that a channel owed.
func (ch *channel) settled() {
	if ch.owed == 0 {
		return
	}
	ch.owed = 0
	ch.c.owing--
	ch.stream.Flush()
}

// finish closes a channel after what is there was read, or dropped where there is no room.
func (ch *channel) finish() {
	ch.read(drainLimit)
	if ch.fd < 0 {
		return
	}
	if ch.blocked() {
		ch.drop()
	}
	ch.close()
}

// drop counts what is in the pipe as lost.
func (ch *channel) drop() {
	c, buf := ch.c, ch.c.loop.Buffer()
	lost := 0
	for lost < drainLimit {
		n, err := c.k.Read(ch.fd, buf)
		if n > 0 {
			ch.stream.Drop(buf[:n])
			lost += n
		}
		if err != nil || n < len(buf) {
			break
		}
	}
	if lost > 0 {
		c.targets.Report(strconv.Itoa(lost) + " bytes that " + ch.process + " had printed before it ended are lost: its output is read too slowly")
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

// read passes on up to limit bytes, in pieces of the loop's buffer, and returns how many. A
// channel that must not be read is paused.
func (ch *channel) read(limit int) (total int) {
	c, buf := ch.c, ch.c.loop.Buffer()
	for limit > total && ch.fd >= 0 {
		if ch.blocked() {
			ch.pause()
			return total
		}
		n, err := c.k.Read(ch.fd, buf)
		if n > 0 {
			ch.pass(buf[:n])
			total += n
		}
		switch {
		case err == syscall.EINTR:
		case err != nil && err != syscall.EAGAIN: // the last holder has closed it
			ch.close()
		case n < len(buf): // a pipe that had more would have given more
			ch.settled()
			return total
		}
	}
	return total
}

// pass hands on what was read.
func (ch *channel) pass(p []byte) {
	ch.stream.Feed(p)
	for _, f := range ch.outlet.followers {
		f.pass(p)
	}
	if ch.owed > len(p) {
		ch.owed -= len(p)
	} else {
		ch.settled()
	}
}

// pause does not read a channel until Resume finds that it can be.
func (ch *channel) pause() {
	if ch.paused {
		return
	}
	ch.paused = true
	ch.c.loop.Pause(ch.fd)
	ch.c.paused = append(ch.c.paused, ch)
}

// close ends a channel.
func (ch *channel) close() {
	if ch.fd < 0 {
		return
	}
	ch.settled()
	delete(ch.c.open, ch.fd)
	ch.c.loop.Disown(ch.fd)
	ch.c.k.Close(ch.fd)
	ch.fd = -1
	ch.stream.Close()
}
