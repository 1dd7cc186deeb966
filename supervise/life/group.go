package life

import (
	"sort"

	"slipway/supervise/config"
	"slipway/supervise/events"
	"slipway/supervise/machine"
	"slipway/supervise/probe"
	"slipway/supervise/sequence"
)

// newProcess makes the entry of a configured process.
func (t *Table) newProcess(g *Group, c *config.Process) *Process {
	p := &Process{Config: c, Group: g, Spec: c.Life(), Inherits: t.inheritsStdio(c), probing: probing{spec: t.probeSpec(c)}}
	p.onDue = func() { t.Feed(p, machine.Event{Kind: machine.Timer, Gen: p.Life.Gen}) }
	p.probing.onDue = func() { t.feedProbe(p, probe.Event{Kind: probe.Timer}) }
	p.Out.Auto = t.autoLog(c, c.Stdout, "stdout")
	if !c.RedirectStderr {
		p.Err.Auto = t.autoLog(c, c.Stderr, "stderr")
	}
	if g.pool != nil {
		p.join(g.pool)
	}
	return p
}

// autoLog makes the file of an AUTO log. Without one the output is dropped, and that
// is said: a log directory that cannot be written must not keep a program down.
func (t *Table) autoLog(c *config.Process, o config.Output, channel string) string {
	if o.Logfile != config.AutoLog {
		return ""
	}
	path, err := t.opts.Targets.NewAuto(t.cfg.Childlogdir, c.Name, channel, t.cfg.Identifier)
	if err != nil {
		t.log.Warn(err.Error(), "; the ", channel, " of ", c.Name, " is not kept")
	}
	return path
}

// Add makes a group active, in its place by priority and name.
func (t *Table) Add(c config.Group) *Group {
	g := &Group{Config: c, pool: t.newPool(&c), Processes: make([]*Process, 0, len(c.Processes))}
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

// TakeOver makes what is left of an old process, which KILL has not ended, that of p, which
// has its place now: p is up only after it has gone.
func (t *Table) TakeOver(p, old *Process) {
	p.Life, p.Stuck, p.bond = old.Life, old.Stuck, old.bond
	old.Life, old.bond = machine.Proc{Gen: old.Life.Gen}, bond{}
	t.loop.Clear(&old.due)
	t.loop.Set(&p.due, p.Life.Due, p.onDue)
	old.in.Close()
	switch {
	case p.bond.run != nil:
		p.bond.run.p = p
	case p.bond.left != nil:
		t.linger(p, p.bond.left.Strays)
	default:
		t.own(p.Life.PID, p)
	}
}

// Stop asks for a process to be down.
func (t *Table) Stop(p *Process) {
	p.Unhold()
	t.Feed(p, machine.Event{Kind: machine.Stop})
}

// StartGroup starts the processes of a group that are to start by themselves.
func (t *Table) StartGroup(g *Group) {
	for _, p := range g.Processes {
		if p.Config.Autostart {
			t.Autostart(p)
		}
	}
}

// inheritsStdio reports whether a process is the one that gets the supervisor's own
// descriptors.
func (t *Table) inheritsStdio(c *config.Process) bool {
	return t.opts.Main && c.Name == config.MainProgram && c.Group == config.MainProgram
}

// ByPriority returns processes in the order in which group operations take them.
func ByPriority(list []*Process) []*Process {
	sorted := append([]*Process(nil), list...)
	sort.SliceStable(sorted, func(i, j int) bool {
		a, b := sorted[i], sorted[j]
		if a.Group != b.Group {
			return false // groups are in order already
		}
		return a.Config.Priority < b.Config.Priority || a.Config.Priority == b.Config.Priority && a.Config.Name < b.Config.Name
	})
	return sorted
}
