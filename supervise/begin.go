package supervise

import (
	"errors"
	"time"

	"slipway/supervise/config"
	"slipway/supervise/decode"
	"slipway/supervise/events"
	"slipway/supervise/logs"

	"golang.org/x/sys/unix"
)

// begin reads the configuration and makes everything ready for the loop: identity,
// limits, logs, groups, in Supervisor's order.
func (s *Supervisor) begin() error {
	cfg, err := s.load()
	if err != nil {
		return err
	}
	s.cfg = cfg
	if err := s.becomeUser(); err != nil {
		return err
	}
	if err := s.raiseLimits(); err != nil {
		return err
	}
	if err := s.establish(); err != nil {
		return err
	}
	s.openControl()
	s.writePidfile()
	s.log.Info("supervisord started with pid ", itoa(s.opts.PID))
	s.emit(events.SupervisorState(true))
	if s.opts.ReadyFD >= 0 { // a daemon: whoever waits for its output would wait for ever
		s.k.DropStdio()
		s.k.Write(s.opts.ReadyFD, []byte{'\n'})
		s.k.Close(s.opts.ReadyFD)
		s.opts.ReadyFD = -1
	}
	s.startAll()
	s.startWatcher()
	return nil
}

// load reads the configuration, with the program of the command line in it.
func (s *Supervisor) load() (*config.Config, error) {
	cfg, err := s.opts.Load()
	if err != nil {
		return nil, err
	}
	if len(s.opts.Main) > 0 {
		decode.AddMain(cfg, s.opts.Main)
	}
	if err := checkDepends(cfg); err != nil {
		return nil, err
	}
	return cfg, nil
}

// establish opens the logs and makes the groups of the configuration active.
func (s *Supervisor) establish() error {
	s.openLog()
	for _, w := range s.cfg.Warnings {
		s.log.Warn(w)
	}
	for _, n := range s.cfg.Notes {
		s.log.Warn(n.Pos.String(), ": ", n.Text)
	}
	if s.opts.Mode == Daemon {
		for _, i := range s.cfg.Infos {
			s.log.Info(i)
		}
		if s.opts.UID == 0 && s.cfg.Supervisord.User == nil {
			s.log.Critical("Supervisor is running as root.  Privileges were not dropped because no user is specified in the config file.  If you intend to run as root, you can set user=root in the config file to avoid this message.")
		}
		if !s.cfg.Supervisord.Nocleanup && s.cfg.Supervisord.Childlogdir != "" {
			if err := logs.CleanAuto(s.cfg.Supervisord.Childlogdir, s.cfg.Supervisord.Identifier); err != nil {
				s.log.Warn(err.Error())
			}
		}
	}
	for _, g := range s.cfg.Groups {
		s.addGroup(g)
	}
	s.warnOfBudget()
	return s.openFront()
}

// warnOfBudget says at the start which programs cannot have their stopwaitsecs, since
// a stop is the wrong moment to learn that. The default value, which nobody has asked
// for, is not worth a warning.
func (s *Supervisor) warnOfBudget() {
	if s.opts.Mode == Daemon {
		return
	}
	budget, unasked := s.cfg.Slipway.StopBudget, decode.DefaultStopWait()
	if budget == 0 {
		return
	}
	s.each(func(p *process) {
		if p.spec.StopWait > budget && p.spec.StopWait != unasked {
			s.log.Warn(p.fullName(), ": stopwaitsecs=", itoa(int(p.spec.StopWait/time.Second)), " is more than an ordered stop may take (stop_budget=",
				budget.String(), "); it will get its share of that")
		}
	})
}

// openLog gives the activity log its place. A container's is its stderr, unless the
// file says otherwise, and it has no copy.
func (s *Supervisor) openLog() {
	sv := &s.cfg.Supervisord
	spec := logs.ActivitySpec{
		Level: logs.Level(sv.Loglevel), Logfile: sv.Logfile,
		Rotation: logs.Rotation{Maxbytes: sv.LogfileMaxbytes, Backups: sv.LogfileBackups},
		Stdout:   s.opts.Mode == Daemon && sv.Nodaemon && !sv.Silent,
	}
	s.targets.SendSyslogTo(logs.SyslogServer(s.cfg.Slipway.Syslog))
	s.log.Open(s.targets, spec)
}

// becomeUser drops privileges for good, if [supervisord] user asks for it.
func (s *Supervisor) becomeUser() error {
	u := s.cfg.Supervisord.User
	switch {
	case u == nil:
		return nil
	case u.UID == s.opts.UID:
		if s.opts.UID == 0 {
			s.log.Info("Set uid to user ", itoa(u.UID), " succeeded")
		}
		return nil
	case s.opts.UID != 0:
		//lint:ignore ST1005 Supervisor's words, which people search for
		return errors.New("Can't drop privilege as nonroot user")
	}
	if err := s.k.Become(u.UID, u.GID, u.Groups); err != nil {
		return errors.New("cannot become user " + quote(u.Name) + ": " + errnoName(err))
	}
	s.opts.UID = u.UID
	s.log.Info("Set uid to user ", itoa(u.UID), " succeeded")
	return nil
}

// raiseLimits raises the soft limits to minfds and minprocs. The runtime has raised
// the number of descriptors to the hard limit for itself, and gives programs the
// original back unless we set one; so it is set only where the file asks for more
// than the default, which every system offers anyway.
func (s *Supervisor) raiseLimits() error {
	if n := s.cfg.Supervisord.Minfds; n > decode.DefaultMinfds() {
		if err := s.raise(unix.RLIMIT_NOFILE, "RLIMIT_NOFILE", "minfds", uint64(n)); err != nil {
			return err
		}
	}
	if n := s.cfg.Supervisord.Minprocs; n > 0 {
		return s.raise(unix.RLIMIT_NPROC, "RLIMIT_NPROC", "minprocs", uint64(n))
	}
	return nil
}

func (s *Supervisor) raise(resource int, name, option string, want uint64) error {
	soft, hard, err := s.k.Limit(resource)
	if err != nil {
		return nil
	}
	if soft >= want && resource != unix.RLIMIT_NOFILE {
		return nil
	}
	err = s.k.SetLimit(resource, want, max(hard, want))
	switch {
	case err == nil:
		s.log.Info("Increased ", name, " limit to ", itoa(int(want)))
		return nil
	case s.opts.Mode == Run:
		s.log.Warn("cannot raise ", name, " to ", option, "=", itoa(int(want)), ": ", errnoName(err))
		return nil
	}
	// Supervisor's words, which people search for.
	return errors.New("The minimum number of " + what(resource) + " required to run this process is " +
		itoa(int(want)) + " as per the \"" + option + "\" command-line argument or config file setting. The current environment will only allow you to open " +
		itoa(int(hard)) + " " + what(resource) + ".  Either raise the number of usable " + what(resource) +
		" in your environment (see README.rst) or lower the " + option + " setting in the config file to allow the process to start.")
}

func what(resource int) string {
	if resource == unix.RLIMIT_NOFILE {
		return "file descriptors"
	}
	return "available processes"
}

// writePidfile writes the pid file.
func (s *Supervisor) writePidfile() {
	path := s.cfg.Supervisord.Pidfile
	if path == "" || path == "NONE" {
		return
	}
	if err := s.k.WriteFile(path, []byte(itoa(s.opts.PID)+"\n"), 0o644); err != nil {
		s.log.Critical("could not write pidfile ", path)
		return
	}
	s.pidfile = path
}

// inheritsStdio reports whether a process is the one that gets the supervisor's own
// descriptors.
func (s *Supervisor) inheritsStdio(c *config.Process) bool {
	return len(s.opts.Main) > 0 && c.Name == config.MainProgram && c.Group == config.MainProgram
}
