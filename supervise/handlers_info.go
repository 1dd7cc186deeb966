package supervise

import (
	"sort"
	"time"

	"slipway/supervise/config"
	"slipway/supervise/control"
	"slipway/supervise/life"
	"slipway/supervise/logs/sink"
)

// infoHandlers are about the table of processes, its configuration, and the supervisor itself.
var infoHandlers = []handler{
	{control.OpProcessList, handleList},
	{control.OpProcessGet, handleGet},
	{control.OpGroupAdd, handleGroupAdd},
	{control.OpGroupRemove, handleGroupRemove},
	{control.OpConfigList, handleConfigList},
	{control.OpConfigReread, handleReread},
	{control.OpState, handleState},
	{control.OpInfo, handleInfo},
	{control.OpShutdown, handleShutdown},
	{control.OpRestart, handleSupervisorRestart},
	{control.OpBoot, handleBoot},
	{control.OpServers, handleServers},
	{control.OpWatch, handleWatch},
}

// info is a process as clients see it.
func (s *Supervisor) info(p *life.Process, losses []sink.Loss) control.ProcessInfo {
	i := control.ProcessInfo{
		Name: p.Config.Name, Group: p.Config.Group, State: control.ProcessState(p.Life.State.Code()),
		PID: int64(p.Life.PID), Start: seconds(p.Life.Started), Stop: seconds(p.Life.Ended), Now: seconds(s.k.Now()),
		ExitStatus: int64(p.Life.ExitStatus()), SpawnError: p.Life.SpawnErr,
		Generation: int64(p.Life.Gen), Restarts: int64(p.Life.Restarts), Signal: int64(p.Life.Status.Signal),
		Ready: p.IsReady() && !p.IsConfirming(), Health: p.Health().String(), Kind: kindName(p.Group.Config.Kind), Program: p.Config.Program,
	}
	i.StdoutLog, _ = life.Logfile(p.Config.Stdout, p.Out.Auto)
	if !p.Config.RedirectStderr {
		i.StderrLog, _ = life.Logfile(p.Config.Stderr, p.Err.Auto)
	}
	for _, l := range losses {
		if l.Target == i.StdoutLog || l.Target == i.StderrLog {
			i.LostLog += l.Bytes
		}
	}
	if p.Life.Remains {
		i.PID = 0
	}
	if p.Held {
		i.Waiting = p.Place.WaitsFor()
	}
	return i
}

func seconds(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.Unix()
}

func kindName(k config.GroupKind) string {
	switch k {
	case config.KindListener:
		return "eventlistener"
	case config.KindFCGI:
		return "fcgi-program"
	}
	return "program"
}

func handleList(s *Supervisor, c *call) {
	all := s.all()
	sort.Slice(all, func(i, j int) bool {
		a, b := &all[i].Config, &all[j].Config
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
		Mode: s.opts.Mode.String(), Start: seconds(s.birth.at),
		Logfile: s.cfg.Supervisord.Logfile, ConfigFile: s.opts.ConfigFile,
	}))
}

// maxBoot bounds the boot snapshot: more does not fit into an answer.
const maxBoot = 16 << 20

func handleBoot(s *Supervisor, c *call) {
	var boot []byte
	for s.opts.BootFD >= 0 && len(boot) < maxBoot {
		n, err := s.k.ReadAt(s.opts.BootFD, s.loop.Buffer(), int64(len(boot)))
		if n <= 0 || err != nil {
			break
		}
		boot = append(boot, s.loop.Buffer()[:n]...)
	}
	c.reply(control.String(string(boot)))
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

// handleReread reads the configuration and says how it differs from what is active.
// Nothing is touched: bringing it into force is the client's decision, group by group.
func handleReread(s *Supervisor, c *call) {
	cfg, err := s.load()
	if err != nil {
		c.fault(control.CantReread, err.Error())
		return
	}
	s.read.latest = cfg
	added, changed, removed := config.Diff(s.active(), cfg)
	c.reply(control.Encode(&control.RereadResult{Added: added, Changed: changed, Removed: removed}))
}

// active is the configuration of the groups that are active.
func (s *Supervisor) active() *config.Config {
	cfg := *s.cfg
	cfg.Groups = make([]config.Group, 0, len(s.table.Groups()))
	for _, g := range s.table.Groups() {
		cfg.Groups = append(cfg.Groups, g.Config)
	}
	return &cfg
}

// lastRead is the configuration that was read last.
func (s *Supervisor) lastRead() *config.Config {
	if s.read.latest != nil {
		return s.read.latest
	}
	return s.cfg
}

func handleGroupAdd(s *Supervisor, c *call) {
	name := c.Str(0)
	if s.table.FindGroup(name) != nil {
		c.fault(control.AlreadyAdded, name)
		return
	}
	for _, g := range s.lastRead().Groups {
		if g.Name == name {
			s.table.StartGroup(s.table.Add(g))
			c.reply(done)
			return
		}
	}
	c.fault(control.BadName, name)
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

func handleConfigList(s *Supervisor, c *call) {
	list := []control.ConfigInfo{}
	cfg := s.lastRead()
	for i := range cfg.Groups {
		g := &cfg.Groups[i]
		for j := range g.Processes {
			list = append(list, s.configInfo(g, &g.Processes[j]))
		}
	}
	sort.SliceStable(list, func(i, j int) bool { return list[i].Name < list[j].Name })
	c.reply(control.EncodeList(list))
}

func (s *Supervisor) configInfo(g *config.Group, p *config.Process) control.ConfigInfo {
	codes := make([]int64, 0, len(p.ExitCodes))
	for _, code := range p.ExitCodes {
		codes = append(codes, int64(code))
	}
	uid := int64(-1)
	if p.User != nil {
		uid = int64(p.User.UID)
	}
	i := control.ConfigInfo{
		Name: p.Name, Group: p.Group, Autostart: p.Autostart,
		Autorestart: p.Autorestart.String(),
		Command:     p.Command, Directory: orNone(p.Directory), ExitCodes: codes,
		GroupPriority: int64(g.Priority), InUse: s.table.FindGroup(g.Name) != nil,
		KillAsGroup: p.KillAsGroup, Priority: int64(p.Priority), RedirectStderr: p.RedirectStderr,
		ServerURL: orNone(p.ServerURL), StartRetries: int64(p.StartRetries), StartSecs: int64(p.StartSecs / time.Second),
		StopSignal: int64(p.StopSignal), StopWait: int64(p.StopWait / time.Second), UID: uid,
	}
	auto := s.table.Find(p.Group, p.Name)
	i.Stdout, i.Stderr = configOutput(p.Stdout), configOutput(p.Stderr)
	if auto != nil && i.Stdout.Logfile == "auto" && auto.Out.Auto != "" {
		i.Stdout.Logfile = auto.Out.Auto
	}
	if auto != nil && i.Stderr.Logfile == "auto" && auto.Err.Auto != "" {
		i.Stderr.Logfile = auto.Err.Auto
	}
	if p.RedirectStderr {
		i.Stderr.Logfile = "none"
	}
	return i
}

func configOutput(o config.Output) control.ConfigOutput {
	name := orNone(o.Logfile)
	if o.Logfile == config.AutoLog {
		name = "auto"
	}
	return control.ConfigOutput{
		Logfile: name, Maxbytes: o.Maxbytes, Backups: int64(o.Backups),
		CaptureMaxbytes: o.CaptureMaxbytes, EventsEnabled: o.EventsEnabled, SyslogUsed: o.Syslog,
	}
}

func orNone(s string) string {
	if s == "" {
		return "none"
	}
	return s
}
