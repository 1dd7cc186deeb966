package life

import (
	"slipway/supervise/bus"
	"slipway/supervise/config"
	"slipway/supervise/events"
	"slipway/supervise/fcgi"
	"slipway/supervise/machine"
	"slipway/supervise/probe"
	"slipway/supervise/sequence"
)

// newProcess makes the entry of a configured process.
func (t *Table) newProcess(g *Group, c *config.Process) *Process {
	p := t.record(g, c)
	t.streams.Name(&p.Streams, c, t.cfg)
	if g.pool != nil {
		p.join(g.pool)
	}
	return p
}

// record makes an entry that has no logs yet.
func (t *Table) record(g *Group, c *config.Process) *Process {
	p := &Process{Config: c, Group: g, Spec: c.Life(), Streams: t.streams.Of(c, t.opts.Main && c.Name == config.MainProgram && c.Group == config.MainProgram), probing: probing{spec: t.probeSpec(c)}}
	p.onDue = func() { t.Feed(p, machine.Event{Kind: machine.Timer, Gen: p.Life.Gen}) }
	p.probing.onDue = func() { t.feedProbe(p, probe.Event{Kind: probe.Timer}) }
	return p
}

// Add makes a group active, in its place by priority and name.
func (t *Table) Add(c config.Group) *Group {
	g := &Group{Config: c, pool: bus.NewPool(&c, t.cfg.Identifier), Processes: make([]*Process, 0, len(c.Processes))}
	for i := range c.Processes {
		p := t.newProcess(g, &c.Processes[i])
		p.Place = t.board.Add(sequence.Member(&c, p.Config))
		g.Processes = append(g.Processes, p)
	}
	t.index.add(g)
	t.bus.Emit(events.Group(true, c.Name))
	t.bus.Arm()
	return g
}

// Remove takes a group whose processes have all ended out of the table.
func (t *Table) Remove(g *Group) {
	if !t.index.remove(g) {
		return
	}
	for _, p := range g.Processes {
		t.board.Remove(p.Place)
		p.Unhold()
	}
	t.bus.Emit(events.Group(false, g.Config.Name))
}

// TakeSocket makes the socket of an fcgi-program that was removed that of g, which has its
// place now, and closes it if g is to listen elsewhere.
func (t *Table) TakeSocket(g, old *Group) {
	if !old.socket.IsOpen() {
		return
	}
	if g.Config.Socket == nil || *g.Config.Socket != *old.Config.Socket {
		old.socket.Close(t.k, t.log, old.Config.Socket)
		return
	}
	g.socket, old.socket = old.socket, fcgi.Socket{}
}

// TakeOver makes what is left of an old process, which KILL has not ended, that of p, which
// has its place now: p is up only after it has gone.
func (t *Table) TakeOver(p, old *Process) {
	p.Life, p.Stuck, p.bond, p.hooks = old.Life, old.Stuck, old.bond, old.hooks
	old.Life, old.bond = machine.Proc{Gen: old.Life.Gen}, bond{}
	t.loop.Clear(&old.due)
	t.loop.Set(&p.due, p.Life.Due, p.onDue)
	old.Hush()
	switch {
	case p.bond.run != nil:
		p.bond.run.p = p
	case p.bond.left != nil:
		t.linger(p, p.bond.left.Strays)
	default:
		t.own(p.Life.PID, p)
	}
}

// StartGroup starts the processes of a group that are to start by themselves.
func (t *Table) StartGroup(g *Group) {
	for _, p := range g.Processes {
		if p.Config.Autostart {
			t.Autostart(p)
		}
	}
}
