package life

import (
	"errors"

	"slipway/supervise/config"
	"slipway/supervise/dialect"
	"slipway/supervise/ending"
	"slipway/supervise/machine"
	"slipway/supervise/order"
)

// member is the place of a process in the order, as its configuration says it.
func member(g *config.Group, c *config.Process) order.Member {
	return order.Member{
		Program: c.Program, Group: c.Group, Name: c.Name, Needs: c.DependsOn,
		Priority: g.Priority, Wait: c.StopWait,
	}
}

// Start asks for a process to be started, once what it depends on is ready.
func (t *Table) Start(p *Process) {
	if name := p.Place.WaitsFor(); name != "" {
		if !p.Held {
			p.Held, p.since = true, t.k.Now()
			t.log.Info("holding ", p.Name(), " until ", name, " is up")
		}
		p.Vain = "" // what it waits for may be started in the same breath
		t.Touch()
		return
	}
	if name := p.Place.Unknown(); name != "" {
		t.log.Warn("starting ", p.Name(), " without ", name, ", which it depends on and which is not there")
	}
	p.Unhold()
	t.Feed(p, machine.Event{Kind: machine.Start})
}

// Release starts the processes whose turn has come, and decides for those that wait in
// vain: they do not start, which is said, until what they wait for comes up after all.
func (t *Table) Release() {
	t.Survey()
	t.Each(func(p *Process) {
		if !p.Held {
			return
		}
		if p.Place.WaitsFor() == "" {
			t.Start(p)
			return
		}
		vain := t.whyInVain(p)
		if vain != p.Vain && vain != "" {
			t.log.Warn(p.Name(), " is not started: ", vain, " (depends_on); it follows when that comes up")
		}
		p.Vain = vain
	})
	t.remind()
}

// Survey brings what the board knows up to date.
func (t *Table) Survey() {
	t.Each(func(p *Process) { t.board.Judge(p.Place, p.rests(), p.Held) })
}

// rests reports whether nothing but a request brings a process up. What is being replaced is
// going to be.
func (p *Process) rests() bool {
	return p.IsOver() && (!p.Group.Removing || p.Group.Successor == nil)
}

// whyInVain says why what a process depends on will not be ready; "" if it may be.
func (t *Table) whyInVain(p *Process) string {
	name := p.Place.InVain()
	if name == "" {
		return ""
	}
	why := name + " is not ready"
	t.Each(func(q *Process) {
		if q.Place.IsOver() && q.Place.Is(name) {
			why = q.FullName() + " " + q.resting()
		}
	})
	return why
}

// resting says what a process that is at rest is at.
func (p *Process) resting() string {
	switch {
	case p.Held:
		return "waits in vain for " + p.Place.InVain()
	case p.Life.State == machine.Exited:
		return "has ended (" + ending.Status(p.Life.Status) + ")"
	case p.Life.State == machine.Stopped && p.Life.Gen > 0:
		return "was stopped"
	case p.Life.State == machine.Stopped:
		return "is not started"
	}
	return "is " + p.Life.State.String()
}

// restartOthers restarts what says restart_with a process that was restarted, now that
// it can be used again.
func (t *Table) restartOthers(p *Process) {
	if p.Life.Gen < 2 || !t.opts.Running() {
		return
	}
	t.Each(func(other *Process) {
		if other == p || !isUp(other) || other.Life.Started.After(p.Life.Started) || !other.restartsWith(p) {
			return
		}
		t.log.Info("restarting ", other.Name(), " because ", p.Name(), " was restarted (restart_with)")
		t.Feed(other, machine.Event{Kind: machine.Renew})
	})
}

func (p *Process) restartsWith(other *Process) bool {
	for _, name := range p.Config.RestartWith {
		if other.Place.Is(name) {
			return true
		}
	}
	return false
}

// Check returns an error for a configuration whose processes cannot be ordered.
func Check(cfg *config.Config) error {
	var members []*order.Member
	var places []dialect.Pos
	for i := range cfg.Groups {
		g := &cfg.Groups[i]
		for j := range g.Processes {
			m := member(g, &g.Processes[j])
			members = append(members, &m)
			places = append(places, g.Processes[j].Pos)
		}
	}
	err := order.Check(members)
	var bad *order.Unordered
	if errors.As(err, &bad) && places[bad.Member].File != "" {
		return errors.New(places[bad.Member].String() + ": " + err.Error())
	}
	return err
}
