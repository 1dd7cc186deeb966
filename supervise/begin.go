package supervise

import (
	"strconv"
	"strings"
	"time"

	"slipway/supervise/boot"
	"slipway/supervise/config"
	"slipway/supervise/control"
	"slipway/supervise/decode"
	"slipway/supervise/events"
	"slipway/supervise/fate"
	"slipway/supervise/logs"
	"slipway/supervise/logs/auto"
	"slipway/supervise/logs/sink"
	"slipway/supervise/logs/syslog"
	"slipway/supervise/pidfile"
	"slipway/supervise/sequence"
	"slipway/supervise/upward"
)

// Begin reads the configuration and makes everything ready for the loop: identity,
// limits, logs, groups, in Supervisor's order.
func (s *Supervisor) Begin() error {
	cfg, err := s.load()
	if err != nil {
		return err
	}
	s.adopt(cfg)
	if s.opts.Mode == Run {
		s.birth.up = upward.New(s.k, s.log, &s.maker, s.post.IsSole(cfg))
	}
	if s.opts.Prepare != nil {
		if s.opts.UID, err = s.opts.Prepare(&cfg.Supervisord, s.log); err != nil {
			return err
		}
		s.maker.UID = s.opts.UID
	}
	s.guardSecrets(cfg.Groups)
	if err := s.establish(); err != nil {
		return err
	}
	s.openControl()
	s.birth.pidfile = pidfile.Write(s.k, s.log, s.cfg.Supervisord.Pidfile, s.opts.PID, s.opts.Mode == Run)
	s.log.Info(boot.SelfName(s.opts.Mode.String()), " started with pid ", strconv.Itoa(s.opts.PID))
	s.bus.Emit(events.SupervisorState(true))
	if s.opts.ReadyFD >= 0 { // a daemon: whoever waits for its output would wait for ever
		s.k.DropStdio()
		s.k.Write(s.opts.ReadyFD, []byte{'\n'})
		s.k.Close(s.opts.ReadyFD)
		s.opts.ReadyFD = -1
	}
	s.startAll()
	if s.opts.Watch {
		s.watcher.Start()
	}
	return nil
}

// load reads the configuration, with the program of the command line in it.
func (s *Supervisor) load() (*config.Config, error) {
	cfg, err := s.opts.Load()
	if err != nil {
		return nil, err
	}
	if s.cfg != nil && len(cfg.Frozen) > 0 {
		s.log.Warn(strings.Join(cfg.Frozen, ", "), ": can be read only once; what it held at the start is used again, and a change of it needs a new start")
	}
	if len(s.opts.Main) > 0 {
		decode.AddMain(cfg, s.opts.Main)
	}
	if err := sequence.Check(cfg); err != nil {
		return nil, err
	}
	return cfg, nil
}

// establish opens the logs and makes the groups of the configuration active.
func (s *Supervisor) establish() error {
	s.openLog()
	fate.Tell(s.cfg, s.log)
	if s.opts.Mode == Daemon {
		for _, i := range s.cfg.Infos {
			s.log.Info(i)
		}
		if s.opts.UID == 0 && s.cfg.Supervisord.User == nil {
			s.log.Critical("Supervisor is running as root.  Privileges were not dropped because no user is specified in the config file.  If you intend to run as root, you can set user=root in the config file to avoid this message.")
		}
		if !s.cfg.Supervisord.Nocleanup && s.cfg.Supervisord.Childlogdir != "" {
			if err := auto.Clean(s.targets.System(), s.cfg.Supervisord.Childlogdir, s.cfg.Supervisord.Identifier); err != nil {
				s.log.Warn(err.Error())
			}
		}
	}
	for _, g := range s.cfg.Groups {
		s.table.Add(g)
	}
	if err := s.table.Sockets.OpenFor(s.cfg); err != nil {
		return err
	}
	if s.opts.Mode == Run {
		fate.WarnOfBudget(s.table, s.cfg.Slipway.StopBudget, decode.DefaultStopWait(), s.log)
	}
	rpc := false
	for _, r := range s.cfg.RPCInterfaces {
		rpc = rpc || r.Name == "supervisor"
	}
	return s.front.Open(s.cfg.Servers, rpc, s.cfg.Slipway.HTTPHosts)
}

// openLog gives the activity log its place. A container's is its stderr, unless the
// file says otherwise, and it has no copy.
func (s *Supervisor) openLog() {
	sv := &s.cfg.Supervisord
	spec := logs.ActivitySpec{
		Level: logs.Level(sv.Loglevel), Logfile: sv.Logfile,
		Rotation: sink.Rotation{Maxbytes: sv.LogfileMaxbytes, Backups: sv.LogfileBackups}, Old: s.cfg.Slipway.OldLogs.Rule(),
		Stdout: s.opts.Mode == Daemon && sv.Nodaemon && !sv.Silent,
		Alarm:  s.opts.Mode == Run,
	}
	if s.post.IsSole(s.cfg) && spec.Level == logs.Info && !sv.LoglevelGiven {
		spec.Level = logs.Warn // who starts a shell wants to see the shell
	}
	s.targets.SendSyslogTo(syslog.Server(s.cfg.Slipway.Syslog))
	s.log.Open(s.targets, spec)
}

// openControl makes the control socket at the first place that works: see
// [control.Places]. Called as supervisord, of which many may run, there is only the first.
// Without any the programs run, but nobody can ask for them.
func (s *Supervisor) openControl() {
	places := control.Places(s.cfg.Slipway.Runtime, s.opts.UID, s.k.PIDNamespace())
	if s.opts.Mode != Run || !s.cfg.Slipway.ControlFallback {
		places = places[:1]
	}
	if !s.server.Listen(places, s.opts.UID) && s.opts.Mode == Run {
		s.log.Warn("nowhere to listen for slipway status and the like (tried ", strings.Join(places, ", "), "): they will not work")
	}
}

// settleTime is how long a start takes at most, usually: twice the usual startsecs.
const settleTime = 2 * time.Second

// startAll forks every program that is to start by itself, without waiting.
func (s *Supervisor) startAll() {
	s.loop.After(&s.birth.trim, settleTime, s.k.Trim)
	s.birth.at = s.k.Now()
	for _, g := range s.table.Groups() {
		s.table.StartGroup(g)
	}
	s.table.Touch()
}
