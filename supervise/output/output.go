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
	grace     grace            // of such targets
	throttled []*channel       // not read for a moment
	throttle  loop.Timer
	next      time.Time // that it is set to
	rest      *rest     // nil: the end has not come
}

// NewCarrier returns a Carrier to the targets.
func NewCarrier(k Kernel, l *loop.Loop, t *sink.Targets) *Carrier {
	return &Carrier{k: k, loop: l, targets: t, open: map[int]*channel{}}
}

// Outlet is one output of a process. The zero value is ready.
type Outlet struct {
	newest    *channel  // nil: there was none yet
	audience  *audience // nil: nobody has ever followed it
	inherited int       // descriptor that the present incarnation has in its place; 0: none
	wanted    bool      // somebody has wanted to see it
}

// audience is who follows an outlet, or several of one program.
type audience struct{ followers []*follower }

// follower is told what passes.
type follower struct{ pass func(p []byte) }

// channel is one outlet of one incarnation.
type channel struct {
	c       *Carrier
	outlet  *Outlet
	process string
	fd      int // -1: closed
	stream  *logs.Stream
	owed    int // bytes that are read at most of what was there when its program died
	manner  Manner
	paused  bool // not read, because its target is full or an earlier one owes something
	pace    logs.Pace
	until   time.Time // throttled
	late    *channel  // of an earlier incarnation, still open

	unfinished *unfinished // nil: its stream withholds nothing
}

// Manner is how an output is read.
type Manner struct {
	// Patient says that it may be throttled.
	Patient bool
	// Vain reports that what it prints means nothing any more. Then a buffer of it is read, and
	// logged, every vainEvery, and whoever prints more waits in its own write. May be nil.
	Vain func() bool
}

// vainEvery is the pause between two reads of a buffer of what is in vain: some MiB a second
// cost a hundredth of a processor.
const vainEvery = 20 * time.Millisecond

// Open makes the pipe of a new incarnation and returns the end of it that is the program's.
// The caller closes it after the fork.
func (c *Carrier) Open(o *Outlet, spec logs.Spec, hooks logs.Hooks, manner Manner) (theirs int, err error) {
	r, w, err := c.k.OutputPipe()
	if err != nil {
		return -1, err
	}
	ch := &channel{
		c: c, outlet: o, process: spec.Process, fd: r, stream: logs.Open(c.targets, spec, hooks), manner: manner, late: stillOpen(o.newest),
	}
	if spec.Lines != nil {
		ch.unfinished = &unfinished{due: ch.overdue}
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

// Began tells the pid of the newest incarnation; 0: it could not be started.
func (o *Outlet) Began(pid int) {
	if o.newest != nil {
		o.newest.stream.Began(pid)
	}
}

// Tail returns the last n lines that the newest incarnation printed and that passed here.
func (o *Outlet) Tail(n int) []string {
	if o.newest == nil {
		return nil
	}
	return o.newest.stream.Tail(n)
}

// Share has another outlet of the same program have the followers of this one, and those that
// either will have.
func (o *Outlet) Share(with *Outlet) { with.audience = o.heard() }

func (o *Outlet) heard() *audience {
	if o.audience == nil {
		o.audience = new(audience)
	}
	return o.audience
}

// Follow calls pass for all that is read from now on, of whatever incarnation, until stop
// is called. What it is given is valid during the call only.
func (o *Outlet) Follow(pass func(p []byte)) (stop func()) {
	f, a := &follower{pass}, o.heard()
	a.followers = append(a.followers, f)
	return func() {
		for i, other := range a.followers {
			if other == f {
				a.followers = append(a.followers[:i:i], a.followers[i+1:]...)
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

// Resume reads on where a target has room again. It is called in every pass.
func (c *Carrier) Resume() {
	if len(c.paused) > 0 {
		c.resume()
	}
	c.delivered()
}

// resume reads a buffer of each at once: nobody may be there any more whose writing would wake
// the loop for what is owed, and where the target is full again after it, nothing had to be
// watched in between. Who was read has the last turn the next time.
func (c *Carrier) resume() {
	list := c.paused
	c.paused = nil
	var again []*channel
	for _, ch := range list {
		if ch.fd >= 0 && !ch.blocked() && !ch.inVain() {
			ch.read(len(c.loop.Buffer()))
			if ch.fd >= 0 && ch.blocked() {
				again = append(again, ch)
				c.grace.ask(c)
				continue
			}
		}
		switch {
		case ch.fd < 0:
		case ch.blocked():
			c.paused = append(c.paused, ch)
		default:
			ch.paused = false
			c.loop.Resume(ch.fd)
		}
	}
	c.paused = append(c.paused, again...)
}

// inVain reports whether what a channel brings means nothing any more, so that it is read when
// the loop finds it ready and then not for a while.
func (ch *channel) inVain() bool { return ch.owed == 0 && ch.manner.Vain != nil && ch.manner.Vain() }

// unthrottle reads on where it was throttled for long enough.
func (c *Carrier) unthrottle() {
	now := c.loop.Now()
	list := c.throttled
	c.throttled = nil
	for _, ch := range list {
		switch {
		case ch.fd < 0:
		case ch.until.After(now):
			c.throttled = append(c.throttled, ch)
			c.throttleUntil(ch.until)
		case !ch.paused:
			c.loop.Resume(ch.fd)
		}
	}
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
	switch {
	case ch.inVain():
		ch.throttle(vainEvery)
	case ch.manner.Patient:
		if d := ch.pace.After(n, room, ch.c.loop.Now()); d > 0 && ch.throttle(d) {
			ch.c.k.Enlarge(ch.fd) // or its program would wait for us
		}
	}
}

// throttle does not read a channel for a moment, while its pipe fills, if it is read at all.
func (ch *channel) throttle(d time.Duration) bool {
	c := ch.c
	if ch.fd < 0 || ch.paused {
		return false
	}
	ch.until = c.loop.Now().Add(d)
	c.throttled = append(c.throttled, ch)
	c.loop.Pause(ch.fd)
	c.throttleUntil(ch.until)
	return true
}

// throttleUntil has the loop look again at a time, or before.
func (c *Carrier) throttleUntil(at time.Time) {
	if !c.throttle.IsSet() || at.Before(c.next) {
		c.next = at
		c.loop.Set(&c.throttle, at, c.unthrottle)
	}
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
	if ch.unfinished != nil {
		ch.withheld(len(p))
	}
	if a := ch.outlet.audience; a != nil {
		for _, f := range a.followers {
			f.pass(p)
		}
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
	ch.c.grace.ask(ch.c)
	ch.c.loop.Pause(ch.fd)
	ch.c.paused = append(ch.c.paused, ch)
}

// close ends a channel.
func (ch *channel) close() {
	if ch.fd < 0 {
		return
	}
	ch.settled()
	if ch.unfinished != nil {
		ch.c.loop.Clear(&ch.unfinished.Timer)
	}
	delete(ch.c.open, ch.fd)
	ch.c.loop.Disown(ch.fd)
	ch.c.k.Close(ch.fd)
	ch.fd = -1
	ch.stream.Close()
}
