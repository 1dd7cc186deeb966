package supervise

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

// checkDepends returns an error for a configuration whose processes cannot be ordered.
func checkDepends(cfg *config.Config) error {
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

// start asks for a process to be started, once what it depends on is ready.
func (s *Supervisor) start(p *process) {
	if name := p.place.WaitsFor(); name != "" {
		if !p.held {
			p.held = true
			s.log.Info("holding ", p.name(), " until ", name, " is up")
		}
		return
	}
	p.held = false
	s.feed(p, machine.Event{Kind: machine.Start})
}

// release starts the processes whose turn has come.
func (s *Supervisor) release() {
	s.each(func(p *process) {
		if p.held && p.place.WaitsFor() == "" {
			s.start(p)
		}
	})
}

// restartOthers restarts what says restart_with a process that was restarted, now that
// it can be used again.
func (s *Supervisor) restartOthers(p *process) {
	if p.m.Gen < 2 || s.phase != phaseRunning {
		return
	}
	s.each(func(other *process) {
		if other == p || !isUp(other) || other.m.Started.After(p.m.Started) || !other.restartsWith(p) {
			return
		}
		s.log.Info("restarting ", other.name(), " because ", p.name(), " was restarted (restart_with)")
		s.feed(other, machine.Event{Kind: machine.Renew})
	})
}

func (p *process) restartsWith(other *process) bool {
	for _, name := range p.cfg.RestartWith {
		if other.place.Is(name) {
			return true
		}
	}
	return false
}
