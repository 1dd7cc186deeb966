package serve

import (
	"fmt"
	"math"
	"time"

	"slipway/internal/supervisor/serve/xmlrpc"
	"slipway/supervise/control"
)

// now is the clock that descriptions are computed with; the zone is what matters.
func (s *Server) now() time.Time { return time.Now() }

// processStruct is Supervisor's view of a process: 14 members, in its order.
func processStruct(p control.ProcessInfo, now time.Time) xmlrpc.Struct {
	return xmlrpc.Struct{
		{Name: "name", Value: p.Name}, {Name: "group", Value: p.Group},
		{Name: "start", Value: capped(p.Start)}, {Name: "stop", Value: capped(p.Stop)}, {Name: "now", Value: capped(p.Now)},
		{Name: "state", Value: int64(p.State)}, {Name: "statename", Value: p.State.String()},
		{Name: "spawnerr", Value: p.SpawnError}, {Name: "exitstatus", Value: p.ExitStatus},
		{Name: "logfile", Value: p.StdoutLog}, {Name: "stdout_logfile", Value: p.StdoutLog},
		{Name: "stderr_logfile", Value: p.StderrLog}, {Name: "pid", Value: p.PID},
		{Name: "description", Value: Describe(p, now.Location())},
	}
}

// capped bounds a time to what XML-RPC's integer holds.
func capped(n int64) int64 { return max(math.MinInt32, min(math.MaxInt32, n)) }

// Describe returns the description that `supervisorctl status` shows.
func Describe(p control.ProcessInfo, zone *time.Location) string {
	switch p.State {
	case control.Running:
		return fmt.Sprintf("pid %d, uptime %s", p.PID, uptime(p.Now-p.Start))
	case control.Fatal, control.Backoff:
		if p.SpawnError == "" {
			return fmt.Sprintf("unknown error (try \"tail %s\")", p.Name)
		}
		return p.SpawnError
	case control.Stopped, control.Exited:
		if p.Start == 0 {
			return "Not started"
		}
		return time.Unix(p.Stop, 0).In(zone).Format("Jan 02 03:04 PM")
	}
	return ""
}

// uptime prints seconds as Python prints a timedelta; a clock that was set back
// gives zero.
func uptime(seconds int64) string {
	seconds = max(0, seconds)
	text := fmt.Sprintf("%d:%02d:%02d", seconds/3600%24, seconds/60%60, seconds%60)
	switch days := seconds / 86400; {
	case days == 1:
		return "1 day, " + text
	case days > 1:
		return fmt.Sprintf("%d days, %s", days, text)
	}
	return text
}

// configStruct is Supervisor's view of a process's configuration: the 29 members
// of 4.2.5 in its order, and autorestart of 4.4.
func configStruct(c control.ConfigInfo) xmlrpc.Struct {
	codes := make([]any, len(c.ExitCodes))
	for i, n := range c.ExitCodes {
		codes[i] = n
	}
	var uid any = "none"
	if c.UID >= 0 {
		uid = c.UID
	}
	var autorestart any = c.Autorestart
	if c.Autorestart != "unexpected" {
		autorestart = c.Autorestart == "true"
	}
	return xmlrpc.Struct{
		{Name: "autostart", Value: c.Autostart}, {Name: "directory", Value: c.Directory}, {Name: "uid", Value: uid},
		{Name: "command", Value: c.Command}, {Name: "exitcodes", Value: codes}, {Name: "group", Value: c.Group},
		{Name: "group_prio", Value: c.GroupPriority}, {Name: "inuse", Value: c.InUse},
		{Name: "killasgroup", Value: c.KillAsGroup}, {Name: "name", Value: c.Name},
		{Name: "process_prio", Value: c.Priority}, {Name: "redirect_stderr", Value: c.RedirectStderr},
		{Name: "startretries", Value: c.StartRetries}, {Name: "startsecs", Value: c.StartSecs},
		{Name: "stdout_capture_maxbytes", Value: c.Stdout.CaptureMaxbytes},
		{Name: "stdout_events_enabled", Value: c.Stdout.EventsEnabled},
		{Name: "stdout_logfile", Value: c.Stdout.Logfile},
		{Name: "stdout_logfile_backups", Value: c.Stdout.Backups},
		{Name: "stdout_logfile_maxbytes", Value: c.Stdout.Maxbytes},
		{Name: "stdout_syslog", Value: c.Stdout.SyslogUsed},
		{Name: "stopsignal", Value: c.StopSignal}, {Name: "stopwaitsecs", Value: c.StopWait},
		{Name: "stderr_capture_maxbytes", Value: c.Stderr.CaptureMaxbytes},
		{Name: "stderr_events_enabled", Value: c.Stderr.EventsEnabled},
		{Name: "stderr_logfile", Value: c.Stderr.Logfile},
		{Name: "stderr_logfile_backups", Value: c.Stderr.Backups},
		{Name: "stderr_logfile_maxbytes", Value: c.Stderr.Maxbytes},
		{Name: "stderr_syslog", Value: c.Stderr.SyslogUsed},
		{Name: "serverurl", Value: c.ServerURL},
		{Name: "autorestart", Value: autorestart},
	}
}
