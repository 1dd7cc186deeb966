package supervise

import (
	"strconv"

	"slipway/supervise/beside"
	"slipway/supervise/config"
	"slipway/supervise/config/changes"
	"slipway/supervise/events"
	"slipway/supervise/life"
)

// hangup is SIGHUP: read the configuration again. A container takes over what has
// changed and leaves the rest alone; supervisord starts everything anew. Either way a
// configuration that cannot be used changes nothing.
func (s *Supervisor) hangup() {
	if s.phase != phaseRunning {
		s.log.Warn("ignored SIGHUP indicating restart request (shutdown in progress)")
		return
	}
	s.log.Warn("received SIGHUP indicating restart request")
	s.birth.lookout.Look()
	if err := s.restart(); err != nil {
		s.log.Error("cannot reload the configuration, the running one is kept: ", err.Error())
	}
}

// restart reads the configuration and, if it can be used, brings it into force.
func (s *Supervisor) restart() error {
	cfg, err := s.load()
	if err != nil {
		return err
	}
	if err := s.table.Sockets.OpenFor(cfg); err != nil {
		return err
	}
	if s.opts.Mode == Run {
		s.update(cfg)
		return nil
	}
	s.read.next = cfg
	s.shutdown(ending{}, true)
	return nil
}

// restarted is the moment of a restart when everything is stopped.
func (s *Supervisor) restarted() {
	s.adopt(s.read.next)
	s.guardSecrets(s.cfg.Groups)
	s.table.Reset()
	s.front.Close()
	s.phase = phaseRunning
	s.newStop(false, ending{})
	if err := s.establish(); err != nil {
		s.log.Critical(err.Error())
	}
	s.bus.Emit(events.SupervisorState(true))
	s.startAll()
}

// update brings a configuration into force without touching what is unchanged: groups
// that are gone or different are stopped and, when they have ended, replaced.
func (s *Supervisor) update(cfg *config.Config) {
	added, changed, removed := changes.Between(s.active(), cfg)
	s.adopt(cfg)
	s.guardSecrets(s.cfg.Groups)
	byName := map[string]*config.Group{}
	for i := range cfg.Groups {
		byName[cfg.Groups[i].Name] = &cfg.Groups[i]
	}
	for _, name := range removed {
		s.replace(name, nil)
	}
	for _, name := range changed {
		differ := beside.Change(cfg, s.table.FindGroup(name), *byName[name])
		for _, p := range differ {
			s.table.Restart(p)
		}
		if len(differ) == 0 {
			s.replace(name, byName[name])
		}
	}
	for _, name := range added {
		s.table.StartGroup(s.table.Add(*byName[name]))
		s.log.Info("added process group ", name)
	}
	// Those that were being replaced already. Diff knows what they were, not what was to
	// become of them: one that was put back, or changed back, is no change to it.
	for _, g := range s.table.Groups() {
		if g.Removing {
			g.Successor = byName[g.Config.Name]
		}
	}
	s.table.Touch()
}

// replace stops a group, and puts its successor, if any, in its place afterwards.
func (s *Supervisor) replace(name string, successor *config.Group) {
	g := s.table.FindGroup(name)
	if g == nil {
		if successor != nil {
			s.table.StartGroup(s.table.Add(*successor))
		}
		return
	}
	g.Removing, g.Successor = true, successor
	for _, p := range g.Processes {
		s.table.Stop(p)
	}
}

// replaceStopped does what replace has begun, for the groups that have ended.
func (s *Supervisor) replaceStopped() {
	for i := 0; i < len(s.table.Groups()); i++ {
		g := s.table.Groups()[i]
		if !g.Removing || !s.isReplaceable(g) {
			continue
		}
		s.table.Remove(g)
		i--
		if g.Successor != nil {
			s.succeed(g, s.table.Add(*g.Successor))
			s.log.Info("updated process group ", g.Config.Name)
		} else {
			s.log.Info("removed process group ", g.Config.Name)
		}
	}
}

// isReplaceable reports whether another group can take the place of one. What cannot be killed
// does not hold the others up: it goes over to the new group.
func (s *Supervisor) isReplaceable(g *life.Group) bool {
	if g.Successor == nil || s.opts.Mode != Run {
		return g.IsOver()
	}
	for _, p := range g.Processes {
		if !p.IsOver() && !p.IsStuck() {
			return false
		}
	}
	return !g.HasBeside()
}

// succeed starts the group that takes the place of another one. What was asked for in the
// meantime holds for the new processes.
func (s *Supervisor) succeed(old, g *life.Group) {
	s.table.TakeSocket(g, old)
	asked := map[string]life.Intent{}
	for _, p := range old.Processes {
		asked[p.Config.Name] = p.Next
		if !p.IsStuck() {
			continue
		}
		if now := s.table.Find(g.Config.Name, p.Config.Name); now != nil {
			s.table.TakeOver(now, p)
		} else {
			s.log.Warn(p.FullName(), " (", strconv.Itoa(p.Life.PID), ") is still there after KILL, and is no program any more")
		}
	}
	for _, p := range g.Processes {
		switch next := asked[p.Config.Name]; {
		case next == life.IntentUp:
			s.table.Start(p)
		case next == life.IntentNone && p.Config.Autostart:
			s.table.Autostart(p)
		}
	}
}

// standIn returns what has taken the place of a process, itself as long as nothing has,
// nil if it is gone. It is not settled while the group is being replaced.
func (s *Supervisor) standIn(p *life.Process) (now *life.Process, settled bool) {
	if g := s.table.FindGroup(p.Config.Group); g == p.Group && !p.IsBeside() {
		return p, !g.Removing
	}
	return s.table.Find(p.Config.Group, p.Config.Name), true
}

// active is the configuration of the groups that are active.
func (s *Supervisor) active() *config.Config { return beside.Active(s.cfg, s.table.Groups()) }

// lastRead is the configuration that was read last.
func (s *Supervisor) lastRead() *config.Config {
	if s.read.latest != nil {
		return s.read.latest
	}
	return s.cfg
}
