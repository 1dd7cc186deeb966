package supervise

import (
	"errors"
	"strings"

	"slipway/supervise/config"
	"slipway/supervise/machine"
)

// start asks for a process to be started, once what it depends on is up.
func (s *Supervisor) start(p *process) {
	if s.waitsFor(p) != "" {
		if !p.held {
			p.held = true
			s.log.Info("holding ", p.name(), " until ", s.waitsFor(p), " is up")
		}
		return
	}
	p.held = false
	s.feed(p, machine.Event{Kind: machine.Start})
}

// release starts the processes whose turn has come.
func (s *Supervisor) release() {
	s.each(func(p *process) {
		if p.held && s.waitsFor(p) == "" {
			s.start(p)
		}
	})
}

// waitsFor names the first thing that a process depends on and that is not up; ""
// if there is none.
func (s *Supervisor) waitsFor(p *process) string {
	for _, name := range p.cfg.DependsOn {
		if !s.isUp(name) {
			return name
		}
	}
	return ""
}

// isUp reports whether all processes that a name in depends_on means are ready: by
// their probe, or without one RUNNING.
func (s *Supervisor) isUp(name string) bool {
	up := true
	s.each(func(p *process) {
		if p.is(name) && !p.isReady() {
			up = false
		}
	})
	return up
}

// is reports whether a name in depends_on means p: its program, its group, or itself.
func (p *process) is(name string) bool {
	return name == p.cfg.Program || name == p.cfg.Group || name == p.fullName()
}

// isNeeded reports whether one of the names means p.
func (s *Supervisor) isNeeded(p *process, names map[string]bool) bool {
	return len(names) > 0 && (names[p.cfg.Program] || names[p.cfg.Group] || names[p.fullName()])
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
		if other.is(name) {
			return true
		}
	}
	return false
}

// checkDepends returns an error for a name that nothing has, and for a cycle, with
// the cycle in it.
func checkDepends(cfg *config.Config) error {
	var all []*process
	for i := range cfg.Groups {
		for _, c := range cfg.Groups[i].Processes {
			all = append(all, &process{cfg: c})
		}
	}
	const white, grey, black = 0, 1, 2
	colour := make(map[*process]int, len(all))
	var path []string
	var visit func(p *process) error
	visit = func(p *process) error {
		if colour[p] == black {
			return nil
		}
		path = append(path, p.fullName())
		defer func() { path = path[:len(path)-1] }()
		if colour[p] == grey {
			for path[0] != p.fullName() {
				path = path[1:]
			}
			return errors.New("programs wait for each other: " + strings.Join(path, " -> "))
		}
		colour[p] = grey
		for _, name := range p.cfg.DependsOn {
			known := false
			for _, other := range all {
				if other.is(name) {
					known = true
					if err := visit(other); err != nil {
						return err
					}
				}
			}
			if !known {
				return errors.New("program " + quote(p.fullName()) + " depends on " + quote(name) + ", which does not exist")
			}
		}
		colour[p] = black
		return nil
	}
	for _, p := range all {
		if err := visit(p); err != nil {
			return errors.New("cannot order programs by depends_on: " + err.Error())
		}
	}
	return nil
}
