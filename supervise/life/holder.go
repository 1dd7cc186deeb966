package life

import (
	"syscall"

	"slipway/supervise/attributes"
	"slipway/supervise/config"
	"slipway/supervise/kernel"
	"slipway/supervise/machine"
	"slipway/supervise/ownership"
)

// run is one incarnation of a process that has a holder.
type run struct {
	t    *Table
	p    *Process
	gen  uint64
	path string       // of what is executed
	exit *kernel.Exit // of a launcher, while it is being decided who carries on
}

var _ ownership.Owner = (*run)(nil)

// Began implements ownership.Owner.
func (r *run) Began(pid int) { r.t.up(r.p, r.gen, pid) }

// NotBegun implements ownership.Owner.
func (r *run) NotBegun(step string, err error) {
	p := r.p
	failure := r.t.opts.Maker.StepFailure(p.Name(), r.path, step, err)
	p.Hush()
	r.t.notSpawned(p, r.gen, failure)
}

// Died implements ownership.Owner.
func (r *run) Died(exit kernel.Exit, left bool) {
	p := r.p
	r.t.streams.Drain(&p.Streams)
	if p.bond.holder.IsLoose() {
		r.t.gone.deaths = append(r.t.gone.deaths, death{p: p, gen: r.gen, exit: exit})
		r.t.bury(r.t.k.Now())
		return
	}
	if left && carriesOn(p, exit) && p.bond.holder.Follow(p.bond.holder.Candidates()) {
		r.exit = &exit
		return
	}
	r.over(exit, left)
}

// carriesOn reports whether what a main process has left is the program from now on: it has
// ended well, so that it was a launcher; or it was chosen among several in a start, and was
// not the right one.
func carriesOn(p *Process, exit kernel.Exit) bool {
	if !killsStrays(p) && p.Config.Conduct != config.ConductForking {
		return false
	}
	switch p.Life.State {
	case machine.Starting:
		return exit == kernel.Exit{} || p.Life.Forked
	case machine.Running:
		return exit == kernel.Exit{}
	}
	return false
}

// Followed implements ownership.Owner.
func (r *run) Followed(pid int, how string) {
	var exit kernel.Exit
	if r.exit != nil {
		exit, r.exit = *r.exit, nil
	}
	switch {
	case pid == 0:
		r.over(exit, true)
		return
	case pid == r.p.Life.PID:
		r.p.bond.how = how
		return
	}
	r.t.follow(r.p, pid, how)
	r.feed(machine.Event{Kind: machine.Died, At: r.t.k.Now(), Status: machine.Status(exit), Successor: pid})
}

// over is the end of the program; left says that descendants are.
func (r *run) over(exit kernel.Exit, left bool) {
	p := r.p
	p.Hush()
	switch {
	case !left:
	case killsStrays(p):
		p.bond.holder.Release()
		r.t.sayStrays(p, "descendants")
	default:
		p.bond.holder.Leave()
		left = false
	}
	d := death{p: p, exit: exit}
	d.memory = r.t.byMemory([]death{d})[p]
	ev := r.t.news(d, r.t.k.Now())
	ev.Remains = left
	r.feed(ev)
}

// Emptied implements ownership.Owner.
func (r *run) Emptied() { r.feed(machine.Event{Kind: machine.Emptied}) }

// NotSignalled implements ownership.Owner.
func (r *run) NotSignalled(pid int, err error) {
	r.t.log.Critical("unknown problem killing ", r.p.Name(), " (", itoa(pid), "): ", attributes.Refused("kill", err))
	r.feed(machine.Event{Kind: machine.SignalFailed})
}

func (r *run) feed(ev machine.Event) {
	ev.Gen = r.gen
	r.t.Feed(r.p, ev)
}

// Lost implements ownership.Owner. The processes are told by their marks from now on.
func (r *run) Lost(main int, exit *kernel.Exit) {
	t, p := r.t, r.p
	if p.Life.Gen != r.gen {
		return // given up
	}
	why := p.bond.holder.Lacks()
	if why == "" {
		why = "its holder was killed"
		t.log.Warn("the holder of ", p.Name(), " was killed; its processes are told by their marks from now on")
	}
	p.bond = bond{pgid: p.bond.pgid, why: why, launched: p.bond.launched}
	switch {
	case exit != nil:
		t.gone.deaths = append(t.gone.deaths, death{p: p, gen: r.gen, exit: *exit})
	case main != 0:
		t.own(main, p)
	case r.exit != nil:
		t.gone.deaths = append(t.gone.deaths, death{p: p, gen: r.gen, exit: *r.exit})
	case p.Life.PID == 0:
		r.NotBegun("keep the holder", syscall.EINTR) // as if there had been no room: it is tried again
	default:
		t.linger(p, t.holders.Marked(t.holders.Orphans(), p.Config.Marks()))
	}
}
