package supervise

import (
	"strings"

	"slipway/supervise/control"
	"slipway/supervise/events"
	"slipway/supervise/logs"

	"golang.org/x/sys/unix"
)

// logHandlers are about the logs of processes, and the activity log.
var logHandlers = []handler{
	{control.OpProcessOpenLog, handleOpenLog},
	{control.OpProcessRecent, handleRecent},
	{control.OpProcessClearLogs, opClear.one},
	{control.OpAllClearLogs, opClear.all},
	{control.OpLogOpen, handleLogOpen},
	{control.OpLogClear, handleLogClear},
	{control.OpLogWrite, handleLogWrite},
	{control.OpLogReopen, handleLogReopen},
}

// recentLines is how many lines of output the method process.recent begins with.
const recentLines = 200

// channelOf returns what the second argument names, or answers BadArguments.
func (c *call) channelOf(p *process) (ch *channel, path string, ok bool) {
	switch c.Str(1) {
	case "stdout":
		path, _ = logfile(p.cfg.Stdout, p.autoOut)
		return p.out, path, true
	case "stderr":
		if !p.cfg.RedirectStderr {
			path, _ = logfile(p.cfg.Stderr, p.autoErr)
		}
		return p.err, path, true
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
	if path == "" || logs.IsStdio(path) {
		c.reply(control.Encode(&info))
		return
	}
	fd, file, err := c.s.k.OpenRead(path)
	switch {
	case err == unix.ENOENT:
		c.fault(control.NoFile, path)
		return
	case err != nil:
		c.fault(control.Failed, path+": "+errnoName(err))
		return
	case !file.IsRegular():
		c.s.k.Close(fd)
		c.reply(control.Encode(&info))
		return
	}
	info.Regular, info.Size, info.Inode = true, file.Size, int64(file.Inode)
	c.replyFD(control.Encode(&info), fd)
}

func (s *Supervisor) clearLogs(p *process) *control.Fault {
	out, _ := logfile(p.cfg.Stdout, p.autoOut)
	err, _ := logfile(p.cfg.Stderr, p.autoErr)
	for _, path := range []string{out, err} {
		if path == "" {
			continue
		}
		if e := s.targets.Clear(path); e != nil {
			s.log.Warn(e.Error())
			return control.NewFault(control.Failed, p.fullName())
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
	levels := map[string]logs.Level{
		"critical": logs.Critical, "error": logs.Error, "warn": logs.Warn, "info": logs.Info,
		"debug": logs.Debug, "trace": logs.Trace, "blather": logs.Blather,
	}
	level, ok := levels[c.Str(0)]
	if !ok {
		c.fault(control.BadArguments, "level "+c.Str(0))
		return
	}
	s.log.Log(level, c.Str(1))
	c.reply(done)
}

// follower is a stream of output or of events.
type follower struct {
	call   *call
	p      *process // output; nil: events
	stderr bool
	want   events.Set // events
}

// handleRecent sends the last output that is kept in memory, and with follow all that
// comes afterwards.
func handleRecent(s *Supervisor, c *call) {
	p := c.process()
	if p == nil {
		return
	}
	ch, _, ok := c.channelOf(p)
	if !ok {
		return
	}
	text := ""
	if ch != nil {
		if lines := ch.stream.Tail(recentLines); len(lines) > 0 {
			text = strings.Join(lines, "\n") + "\n"
		}
	}
	c.peer.conn.Chunk(c.ID, control.String(text))
	if !c.Bool(2) {
		c.reply(done)
		return
	}
	s.followers = append(s.followers, follower{call: c, p: p, stderr: c.Str(1) == "stderr"})
	c.peer.flush()
}

// follow passes output on to those who watch it.
func (s *Supervisor) follow(ch *channel, b []byte) {
	for _, f := range s.followers {
		if f.p == ch.p && f.stderr == ch.stderr {
			f.chunk(control.String(string(b)))
		}
	}
}

// chunk sends one item; a stream that has ended is forgotten by its peer.
func (f *follower) chunk(v control.Value) {
	f.call.peer.conn.Chunk(f.call.ID, v)
	f.call.peer.flush()
}
