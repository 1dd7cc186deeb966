package life

import (
	"slipway/supervise/config"
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
			p.Held = true
			t.log.Info("holding ", p.Name(), " until ", name, " is up")
		}
		return
	}
	p.Held = false
	t.Feed(p, machine.Event{Kind: machine.Start})
}

// Release starts the processes whose turn has come.
func (t *Table) Release() {
	t.Each(func(p *Process) {
		if p.Held && p.Place.WaitsFor() == "" {
			t.Start(p)
		}
	})
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
	for i := range cfg.Groups {
		g := &cfg.Groups[i]
		for j := range g.Processes {
			m := member(g, &g.Processes[j])
			members = append(members, &m)
		}
	}
	return order.Check(members)
}
