// Package ondemand starts programs when somebody connects (start = on-demand), and stops them
// when nobody does for a while (idle_stop). Package listening holds their sockets; package life
// runs the programs.
//
// # What waits
//
// A program waits while it is at rest: not yet started, ended by itself, or stopped because it
// was idle. One that was stopped by hand, or with another program, does not, nor one that is
// FATAL: whoever connects then stays in the queue of the socket until somebody starts it.
//
// The sockets of what waits are watched by the loop, and of nothing else: with the first news
// of one the watch is over, whatever becomes of the start. So a connection that nobody accepts
// costs one look. A failed start has the pauses and the end of any other. What ends quickly and
// by itself, and so may leave the same connection behind again and again, is given a pause.
//
// # What is idle
//
// A program is idle when nobody has been connected to its sockets for idle_stop. Who is
// connected is asked of the operating system from time to time. In between a free socket is
// watched as well, for one connection: of those that come and go between two looks, most are
// seen so. One that is missed makes the program idle too early, and the next one starts it.
package ondemand

import (
	"time"

	"slipway/supervise/config"
	"slipway/supervise/kernel"
	"slipway/supervise/life"
	"slipway/supervise/logs"
	"slipway/supervise/loop"
	"slipway/supervise/machine"
	"slipway/supervise/sockets"
	"slipway/supervise/words"
)

// The pauses of a program that ends by itself within quick: each is twice the one before.
const (
	quick    = time.Second
	shortest = time.Second
	longest  = time.Minute
)

// looks is how often it is looked in the time of idle_stop, but not more often than in every
// leastLook.
const (
	looks     = 10
	leastLook = time.Second
)

// Kernel is what is asked of the operating system.
type Kernel interface {
	// Connected reports whether somebody is connected to a socket that takes connections:
	// waits to be accepted, or is served.
	Connected(s *sockets.Socket) (bool, error)
}

// Demand is the programs of a supervisor that are started on demand.
type Demand struct {
	k       Kernel
	loop    *loop.Loop
	log     *logs.Activity
	table   *life.Table
	running func() bool
	any     bool // there is, or was, such a program
	entries map[*life.Process]*entry
}

// entry is a program.
type entry struct {
	d       *Demand
	p       *life.Process
	watched []int // sockets
	gen     uint64

	idled, out bool          // it was stopped because it was idle; or somebody has stopped it while it waited
	said       bool          // that it is FATAL
	blind      bool          // it cannot be seen who is connected, which was said
	pause      time.Duration // before it waits again; 0: none
	rest       loop.Timer    // of the pause
	look       loop.Timer    // at who is connected
	free       time.Time     // since when nobody is connected; zero: somebody is
}

// New returns a Demand without programs. Running reports whether no stop is under way.
func New(k Kernel, l *loop.Loop, log *logs.Activity, table *life.Table, running func() bool) *Demand {
	table.Sockets.OnClose(l.Disown)
	return &Demand{k: k, loop: l, log: log, table: table, running: running, entries: map[*life.Process]*entry{}}
}

// Configure is that a configuration comes into force.
func (d *Demand) Configure(cfg *config.Config) {
	for _, p := range cfg.Processes() {
		d.any = d.any || p.OnDemand()
	}
}

// Settle takes in the programs that are in the table, forgets those that are not, and begins or
// ends to wait. Where no program is started on demand it does nothing.
func (d *Demand) Settle() {
	if !d.any {
		return
	}
	there := map[*life.Process]bool{}
	d.table.Each(func(p *life.Process) { there[p] = p.Config.OnDemand() && !p.Group.Removing })
	for p, e := range d.entries {
		if !there[p] {
			p.Waits = false
			e.unwatch()
			d.loop.Clear(&e.rest)
			d.loop.Clear(&e.look)
			delete(d.entries, p)
		}
	}
	d.table.Each(func(p *life.Process) {
		if !there[p] {
			return
		}
		if d.entries[p] == nil {
			d.entries[p] = &entry{d: d, p: p}
		}
		d.entries[p].settle()
	})
}

// Waits says what a program waits for: a connection, or a datagram; "" if it does not.
func Waits(p *life.Process) string {
	if !p.Waits {
		return ""
	}
	for _, is := range p.Config.Listen {
		if is.IsStream() {
			return "a connection"
		}
	}
	return "a datagram"
}

// TakeOut has a program that waits do so no longer, until somebody starts it. It reports whether
// it has waited.
func (d *Demand) TakeOut(p *life.Process) bool {
	e := d.entries[p]
	if e == nil || !p.Waits {
		return false
	}
	d.log.Info(p.Name(), " does not wait for ", Waits(p), " any more, until somebody starts it")
	e.out = true
	e.unwatch()
	p.Waits = false
	return true
}

// waits reports whether a connection starts the program.
func (e *entry) waits() bool {
	p := e.p
	if e.out || p.Held || p.Followed || !p.Life.AtRest() || !e.d.running() {
		return false
	}
	return p.Life.State == machine.Exited || p.Life.State == machine.Stopped && (p.Life.Gen == 0 || e.idled)
}

// settle follows the life of the program.
func (e *entry) settle() {
	p, now := e.p, e.d.loop.Now()
	state := p.Life.State
	if state == machine.Starting || state == machine.Running || state == machine.Backoff {
		e.idled, e.out, e.said = false, false, false
	}
	if state == machine.Fatal && !e.said {
		e.said = true
		e.d.log.Warn("whoever connects to ", e.where(), " waits until somebody starts ", p.Name(), ", which is FATAL")
	}
	if state == machine.Exited && e.gen != p.Life.Gen {
		e.gen = p.Life.Gen
		e.endedQuickly(p.Life.Ended.Sub(p.Life.Started) < quick)
	}
	p.Waits = e.waits()
	switch {
	case p.Waits:
		if !e.rest.IsSet() {
			e.watch()
		}
	case state != machine.Running || p.Config.IdleStop == 0:
		e.unwatch()
		e.d.loop.Clear(&e.look)
	case !e.look.IsSet():
		e.unwatch()
		e.free = now
		e.lookAgain()
	}
}

// endedQuickly decides about the pause of a program that has ended by itself.
func (e *entry) endedQuickly(was bool) {
	if !was {
		e.pause = 0
		return
	}
	e.pause = min(max(2*e.pause, shortest), longest)
	e.d.loop.After(&e.rest, e.pause, e.settle)
}

// watch has the loop look at the sockets of the program.
func (e *entry) watch() {
	if len(e.watched) > 0 {
		return
	}
	for _, is := range e.p.Config.Listen {
		fd := e.d.table.Sockets.FD(is)
		if fd < 0 {
			continue // it was said why
		}
		if err := e.d.loop.Own(fd, e, kernel.Readable); err != nil {
			e.d.log.Warn("cannot wait for connections at ", is.String(), ": ", words.ErrnoName(err), "; start ", e.p.Name(), " by hand")
			continue
		}
		e.watched = append(e.watched, fd)
	}
}

func (e *entry) unwatch() {
	for _, fd := range e.watched {
		e.d.loop.Disown(fd)
	}
	e.watched = nil
}

// OnReadable implements loop.FDOwner: somebody has connected.
func (e *entry) OnReadable(fd int, _ kernel.Mode) {
	e.unwatch()
	switch {
	case e.waits():
		e.d.log.Info("starting ", e.p.Name(), ", as somebody ", e.news(fd))
		e.d.table.Start(e.p)
	case e.p.Life.State == machine.Running:
		e.free = time.Time{} // until the next look
	}
}

// news says what somebody does with a socket.
func (e *entry) news(fd int) string {
	for _, is := range e.p.Config.Listen {
		if e.d.table.Sockets.FD(is) == fd && !is.IsStream() {
			return "sends to " + is.String()
		} else if e.d.table.Sockets.FD(is) == fd {
			return "connects to " + is.String()
		}
	}
	return "connects"
}

// where is the addresses of the program.
func (e *entry) where() (list string) {
	for i, is := range e.p.Config.Listen {
		if i > 0 {
			list += ", "
		}
		list += is.String()
	}
	return list
}

func (e *entry) lookAgain() {
	e.d.loop.After(&e.look, max(e.p.Config.IdleStop/looks, min(leastLook, e.p.Config.IdleStop)), e.lookNow)
}

// lookNow looks whether the program is idle, and stops it if it was for long enough.
func (e *entry) lookNow() {
	p, now := e.p, e.d.loop.Now()
	if p.Life.State != machine.Running || !e.d.running() {
		return
	}
	connected, err := e.connected()
	switch {
	case err != nil && !e.blind:
		e.blind = true
		e.d.log.Warn("cannot see who is connected to ", e.where(), ": ", words.ErrnoName(err), "; ", p.Name(), " is not stopped when it is idle (idle_stop)")
	case err != nil:
	case connected:
		e.free = time.Time{}
		e.unwatch()
	case e.free.IsZero():
		e.free = now
		e.watch()
	case now.Sub(e.free) >= p.Config.IdleStop:
		e.unwatch()
		e.idled = true
		e.d.log.Info("stopping ", p.Name(), ": nobody was connected for ", p.Config.IdleStop.String(), " (idle_stop)")
		e.d.table.Stop(p)
		return
	default:
		e.watch()
	}
	e.lookAgain()
}

func (e *entry) connected() (bool, error) {
	for _, is := range e.p.Config.Listen {
		if yes, err := e.d.k.Connected(is); yes || err != nil {
			return yes, err
		}
	}
	return false, nil
}
