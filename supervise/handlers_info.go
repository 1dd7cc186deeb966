package supervise

import (
	"sort"

	"slipway/supervise/beside"
	"slipway/supervise/config"
	"slipway/supervise/config/changes"
	"slipway/supervise/control"
	"slipway/supervise/life"
	"slipway/supervise/logs/sink"
	"slipway/supervise/ondemand"
	"slipway/supervise/streams"
	"slipway/supervise/view"
)

// infoHandlers are about the table of processes, its configuration, and the supervisor itself.
var infoHandlers = []handler{
	{control.OpProcessList, handleList},
	{control.OpProcessGet, handleGet},
	{control.OpGroupAdd, handleGroupAdd},
	{control.OpGroupRemove, handleGroupRemove},
	{control.OpGroupChange, handleGroupChange},
	{control.OpConfigList, handleConfigList},
	{control.OpConfigReread, handleReread},
	{control.OpState, handleState},
	{control.OpInfo, handleInfo},
	{control.OpShutdown, handleShutdown},
	{control.OpRestart, handleSupervisorRestart},
	{control.OpBoot, handleBoot},
	{control.OpServers, handleServers},
	{control.OpWatch, handleWatch},
	{control.OpValues, handleValues},
}

// info is a process as clients see it.
func (s *Supervisor) info(p *life.Process, losses []sink.Loss) control.ProcessInfo {
	i := view.Process(p.Group.Config.Kind, p.Config, &p.Life, s.k.Now())
	i.Ready, i.Health = p.IsReady() && !p.IsConfirming(), p.Health().String()
	i.Paused = s.table.IsPaused(p)
	i.StdoutLog, _ = streams.Logfile(p.Config.Stdout, p.Out.Auto)
	if !p.Config.RedirectStderr {
		i.StderrLog, _ = streams.Logfile(p.Config.Stderr, p.Err.Auto)
	}
	i.Level, i.LevelWhy = p.Level()
	i.Rolling, i.Terminal = int64(p.Config.Rolling), p.Terminal
	if i.PID != 0 {
		i.FoundBy = p.FoundBy()
	}
	for _, l := range losses {
		if l.Target == i.StdoutLog || l.Target == i.StderrLog {
			i.LostLog += l.Bytes
		}
	}
	if p.IsStuck() && s.opts.Mode == Run {
		i.SpawnError = "still there after KILL"
	}
	i.Task, i.NextRun = view.Task(p.Spec, &p.Life), view.Seconds(s.birth.times.Next(p))
	i.Demand = ondemand.Waits(p)
	if p.Held {
		i.Waiting, i.Vain = p.Awaits(), p.Vain
	}
	return i
}

func handleList(s *Supervisor, c *call) {
	all := s.all()
	sort.Slice(all, func(i, j int) bool {
		a, b := all[i].Config, all[j].Config
		return a.Group < b.Group || a.Group == b.Group && a.Name < b.Name
	})
	list, losses := make([]control.ProcessInfo, len(all)), s.targets.Losses()
	for i, p := range all {
		list[i] = s.info(p, losses)
	}
	c.reply(control.EncodeList(list))
}

func handleGet(s *Supervisor, c *call) {
	if p := c.process(); p != nil {
		info := s.info(p, s.targets.Losses())
		c.reply(control.Encode(&info))
	}
}

func handleState(s *Supervisor, c *call) {
	mood := control.MoodRunning
	switch {
	case s.phase == phaseRunning:
	case s.stop.restart:
		mood = control.MoodRestarting
	default:
		mood = control.MoodShutdown
	}
	state := control.NewState(mood)
	c.reply(control.Encode(&state))
}

func handleInfo(s *Supervisor, c *call) {
	c.reply(control.Encode(&control.SupervisorInfo{
		PID: int64(s.opts.PID), Identifier: s.cfg.Supervisord.Identifier, Version: s.opts.Version,
		Mode: s.opts.Mode.String(), Start: view.Seconds(s.birth.at),
		Logfile: s.cfg.Supervisord.Logfile, ConfigFile: s.opts.ConfigFile,
	}))
}

func handleBoot(s *Supervisor, c *call) {
	c.reply(control.String(s.watcher.Boot(s.opts.BootFD)))
}

func handleShutdown(s *Supervisor, c *call) {
	c.reply(done)
	s.shutdown(ending{reason: "asked for over the control socket"}, false)
}

func handleSupervisorRestart(s *Supervisor, c *call) {
	if err := s.restart(); err != nil {
		c.fault(control.CantReread, err.Error())
		return
	}
	c.reply(done)
}

func handleServers(s *Supervisor, c *call) {
	c.reply(control.EncodeList(s.front.Servers()))
}

// handleWatch starts the watcher where the launch stage has found nothing that can
// change: somebody has rendered by hand, and a program is still to be told.
func handleWatch(s *Supervisor, c *call) {
	s.opts.Watch = true
	s.watcher.StartSoon()
	c.reply(done)
}

// handleValues takes values over that the watcher has decided. No program is touched.
func handleValues(s *Supervisor, c *call) {
	s.watcher.Take(c.Args[0].Strings(), c.Args[1].Strings(), c.Str(2))
	s.guardSecrets(s.cfg.Groups)
	c.reply(done)
}

// handleReread reads the configuration and says how it differs from what is active.
// Nothing is touched: bringing it into force is the client's decision, group by group.
func handleReread(s *Supervisor, c *call) {
	cfg, err := s.load()
	if err != nil {
		c.fault(control.CantReread, err.Error())
		return
	}
	s.read.latest = cfg
	added, changed, removed := changes.Between(s.active(), cfg)
	c.reply(control.Encode(&control.RereadResult{Added: added, Changed: changed, Removed: removed}))
}

func handleGroupAdd(s *Supervisor, c *call) {
	name := c.Str(0)
	if s.table.FindGroup(name) != nil {
		c.fault(control.AlreadyAdded, name)
		return
	}
	g := s.lastRead().Group(name)
	if g == nil {
		c.fault(control.BadName, name)
		return
	}
	s.guardSecrets([]config.Group{*g})
	s.table.StartGroup(s.table.Add(*g))
	c.reply(done)
}

func handleGroupRemove(s *Supervisor, c *call) {
	g := c.group()
	switch {
	case g == nil:
	case !g.IsOver():
		c.fault(control.StillRunning, g.Config.Name)
	default:
		s.table.Remove(g)
		c.reply(done)
	}
}

// handleGroupChange answers with the processes that are to be restarted, each beside itself.
func handleGroupChange(s *Supervisor, c *call) {
	names := []string{}
	if g := c.group(); g == nil {
		return
	} else if to := s.lastRead().Group(g.Config.Name); to != nil {
		s.guardSecrets([]config.Group{*to})
		for _, p := range beside.Change(s.lastRead(), g, *to) {
			names = append(names, p.FullName())
		}
	}
	c.reply(control.Strings(names))
}

func handleConfigList(s *Supervisor, c *call) {
	list, secrets := []control.ConfigInfo{}, s.maker.Redactor()
	cfg := s.lastRead()
	for i := range cfg.Groups {
		g := &cfg.Groups[i]
		for j := range g.Processes {
			i := s.configInfo(g, &g.Processes[j])
			i.Command = secrets.Redact(i.Command) // %(ENV_NAME)s puts them there
			list = append(list, i)
		}
	}
	sort.SliceStable(list, func(i, j int) bool { return list[i].Name < list[j].Name })
	c.reply(control.EncodeList(list))
}

func (s *Supervisor) configInfo(g *config.Group, p *config.Process) control.ConfigInfo {
	out, err := "", ""
	if made := s.table.Find(p.Group, p.Name); made != nil {
		out, err = made.Out.Auto, made.Err.Auto
	}
	return view.Config(g, p, s.table.FindGroup(g.Name) != nil, out, err)
}
