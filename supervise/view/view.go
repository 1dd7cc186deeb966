// Package view says how clients of the control socket see a process, its configuration
// and the state of the supervisor. It decides nothing and reaches nothing: each function
// makes an answer of what it is given.
package view

import (
	"time"

	"slipway/supervise/config"
	"slipway/supervise/control"
	"slipway/supervise/machine"
)

// Process is a process at a moment, as far as its options and its life tell. Who has the
// rest of it, its logs and probes, adds what they tell.
func Process(kind config.GroupKind, p *config.Process, m *machine.Proc, now time.Time) control.ProcessInfo {
	i := control.ProcessInfo{
		Name: p.Name, Group: p.Group, Program: p.Program, Kind: kindName(kind), State: control.ProcessState(m.State.Code()),
		PID: int64(m.PID), Start: seconds(m.Started, now), Stop: seconds(m.Ended, now), Now: Seconds(now),
		ExitStatus: int64(m.ExitStatus()), SpawnError: m.SpawnErr,
		Generation: int64(m.Gen), Restarts: int64(m.Restarts), Signal: int64(m.Status.Signal),
		Cause: m.Cause.String(), LastStatus: int64(m.Status.Code), Core: m.Status.Core,
	}
	if m.Cause == machine.ByReady || m.Cause == machine.ByHealth || m.Cause == machine.ByTimeout {
		i.Why = m.How
	}
	if m.PID == 0 && m.Ended.After(m.Started) { // else the last start has not come to a run
		i.Ran = max(m.Ran.Milliseconds(), 1)
	}
	if m.Remains {
		i.PID = 0
	}
	i.Waiting = m.Hook.String()
	return i
}

// Task is how far a oneshot is: running, completed or failed; "" if it has not run, and for
// others.
func Task(s *machine.Spec, m *machine.Proc) string {
	switch {
	case !s.Oneshot, m.State == machine.Stopped:
		return ""
	case m.State == machine.Exited && m.Status.Expected(s.ExitCodes):
		return "completed"
	case m.State == machine.Running || m.State == machine.Starting:
		return "running"
	}
	return "failed"
}

// seconds is Seconds by the clock as it shows the time now: where that has jumped since, the
// time that has passed counts.
func seconds(t, now time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return Seconds(now.Add(-now.Sub(t)))
}

// Seconds is a time in seconds since the epoch, 0 for never.
func Seconds(t time.Time) int64 {
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

// Config is the configuration of a process of a group. inUse says that the group is
// active; out and err are the paths that were made for its AUTO logs, "" for none.
func Config(g *config.Group, p *config.Process, inUse bool, out, err string) control.ConfigInfo {
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
		GroupPriority: int64(g.Priority), InUse: inUse,
		KillAsGroup: p.KillAsGroup, Priority: int64(p.Priority), RedirectStderr: p.RedirectStderr,
		ServerURL: orNone(p.ServerURL), StartRetries: int64(p.StartRetries), StartSecs: int64(p.StartSecs / time.Second),
		StopSignal: int64(p.StopSignal), StopWait: int64(p.StopWait / time.Second), UID: uid,
		Stdout: output(p.Stdout, out), Stderr: output(p.Stderr, err),
	}
	if p.RedirectStderr {
		i.Stderr.Logfile = "none"
	}
	return i
}

func output(o config.Output, auto string) control.ConfigOutput {
	name := orNone(o.Logfile)
	switch {
	case o.Logfile == config.AutoLog && auto != "":
		name = auto
	case o.Logfile == config.AutoLog:
		name = "auto"
	}
	return control.ConfigOutput{
		Logfile: name, Maxbytes: o.Maxbytes, Backups: int64(o.Backups),
		CaptureMaxbytes: o.CaptureMaxbytes, EventsEnabled: o.EventsEnabled, SyslogUsed: o.Syslog,
	}
}

// orNone is Supervisor's word for what is not set.
func orNone(s string) string {
	if s == "" {
		return "none"
	}
	return s
}
