package supervise

import (
	"strings"

	"slipway/supervise/control"
	"slipway/supervise/life"
	"slipway/supervise/logs"
	"slipway/supervise/logs/sink"
	"slipway/supervise/streams"
	"slipway/supervise/words"

	"golang.org/x/sys/unix"
)

// logHandlers are about the logs of processes, and the activity log.
var logHandlers = []handler{
	{control.OpProcessOpenLog, handleOpenLog},
	{control.OpProcessRecent, handleRecent},
	{control.OpProcessClearLogs, func(s *Supervisor, c *call) { opClear.one(s, c) }},
	{control.OpAllClearLogs, func(s *Supervisor, c *call) { opClear.all(s, c) }},
	{control.OpLogOpen, handleLogOpen},
	{control.OpSources, func(s *Supervisor, c *call) { c.openLog(s.cfg.Slipway.Runtime + "/" + control.SourcesFile) }},
	{control.OpLogClear, handleLogClear},
	{control.OpLogWrite, handleLogWrite},
	{control.OpLogReopen, handleLogReopen},
}

// recentLines is how many lines of output the method process.recent begins with.
const recentLines = 200

// channelOf returns what the second argument names, or answers BadArguments.
func (c *call) channelOf(p *life.Process) (o *streams.Outlet, path string, ok bool) {
	switch c.Str(1) {
	case "stdout":
		path, _ = streams.Logfile(p.Config.Stdout, p.Out.Auto)
		return &p.Out, path, true
	case "stderr":
		if !p.Config.RedirectStderr {
			path, _ = streams.Logfile(p.Config.Stderr, p.Err.Auto)
		}
		return &p.Err, path, true
	}
	c.fault(control.BadArguments, "channel "+c.Str(1))
	return nil, "", false
}

func handleOpenLog(_ *Supervisor, c *call) {
	p := c.process()
	if p == nil {
		return
	}
	if _, path, ok := c.channelOf(p); ok {
		c.openLog(path)
	}
}

func handleLogOpen(s *Supervisor, c *call) { c.openLog(s.cfg.Supervisord.Logfile) }

// openLog answers with what a log is, and with a descriptor if it can be read.
func (c *call) openLog(path string) {
	info := control.LogInfo{Path: path}
	if path == "" || sink.IsStdio(path) {
		c.reply(control.Encode(&info))
		return
	}
	if !c.CanPass() {
		return
	}
	fd, file, err := c.s.k.OpenLog(path)
	switch {
	case err == unix.ENOENT:
		c.fault(control.NoFile, path)
		return
	case err != nil:
		c.fault(control.Failed, path+": "+words.ErrnoName(err))
		return
	case !file.IsRegular():
		c.s.k.Close(fd)
		c.reply(control.Encode(&info))
		return
	}
	info.Regular, info.Size, info.Inode = true, file.Size, int64(file.Inode)
	c.PassFD(control.Encode(&info), fd)
}

func (s *Supervisor) clearLogs(p *life.Process) *control.Fault {
	out, _ := streams.Logfile(p.Config.Stdout, p.Out.Auto)
	err, _ := streams.Logfile(p.Config.Stderr, p.Err.Auto)
	for _, path := range []string{out, err} {
		if path == "" {
			continue
		}
		if e := s.targets.Clear(path); e != nil {
			s.log.Warn(e.Error())
			return control.NewFault(control.Failed, p.FullName())
		}
	}
	return nil
}

func handleLogClear(s *Supervisor, c *call) {
	if s.cfg.Supervisord.Logfile == "" {
		c.fault(control.NoFile, "")
		return
	}
	if err := s.log.Clear(); err != nil {
		c.fault(control.Failed, err.Error())
		return
	}
	s.log.Info("reopening log file")
	c.reply(done)
}

func handleLogReopen(s *Supervisor, c *call) {
	s.reopenLogs()
	c.reply(done)
}

// reopenLogs opens every log file anew by its name, for those who rotate them.
func (s *Supervisor) reopenLogs() {
	s.log.Info("supervisord logreopen")
	s.targets.Reopen()
}

func handleLogWrite(s *Supervisor, c *call) {
	level, ok := logs.ParseLevel(c.Str(0))
	if !ok {
		c.fault(control.BadArguments, "level "+c.Str(0))
		return
	}
	s.log.Log(level, c.Str(1))
	c.reply(done)
}

// handleRecent sends the last output that is kept in memory, and with follow all that
// comes afterwards.
func handleRecent(s *Supervisor, c *call) {
	p := c.process()
	if p == nil {
		return
	}
	o, _, ok := c.channelOf(p)
	if !ok {
		return
	}
	text := ""
	n := recentLines
	if p.Config.Log.Keep != "" {
		n = p.Config.Log.Kept() // what was asked for, however short its lines are
	}
	if lines := o.Tail(n); len(lines) > 0 {
		text = strings.Join(lines, "\n") + "\n"
	}
	if s.opts.Mode == Run {
		text += p.PassedBy(s.k, p.Config, p.FullName(), o)
	}
	c.Chunk(control.String(text))
	if !c.Bool(2) {
		c.reply(done)
		return
	}
	s.server.Stream(c.Call, o.Follow(func(b []byte) { c.Chunk(control.String(string(b))) }))
}
