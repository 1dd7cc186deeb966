// Package meaning writes what a configuration means as JSON, in the form of
// the conformance files: the same facts that the original Supervisor would
// report of the same file, so that two readers can be compared.
//
// It also writes the reference page of all options from the tables of package
// config. Both are for tools; PID 1 does not link this package.
package meaning

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"

	"slipway/supervise/config"
)

// Object is a JSON object; encoding/json sorts its keys.
type Object = map[string]any

// Of gives the meaning of the file as `supervisord -c name` takes it. The
// refusal of a file is a meaning, too: error and error_kind.
//
// Unless the input says otherwise, only plug-ins that are part of Supervisor
// exist, as for the original.
func Of(name string, in config.Input) Object {
	in.AsSupervisord = true
	if in.Plugins == nil {
		in.Plugins = config.OriginalPlugin
	}
	doc, err := config.Load(name, in)
	if err != nil {
		return refusal(err)
	}
	cfg, err := config.Decode(doc, in)
	if err != nil {
		return refusal(err)
	}
	return accepted(cfg)
}

// Marshal gives the text: two spaces of indentation, no HTML escapes needed to
// be undone by the reader.
func Marshal(o Object) ([]byte, error) {
	text, err := json.MarshalIndent(o, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("cannot write the meaning as JSON: %w", err)
	}
	return append(text, '\n'), nil
}

func refusal(err error) Object {
	var ps *config.Problems
	if errors.As(err, &ps) {
		return problem(ps.First)
	}
	return Object{"error": err.Error(), "error_kind": string(config.KindOther)}
}

func problem(p *config.Problem) Object {
	return Object{"error": p.Error(), "error_kind": string(p.Kind)}
}

func accepted(c *config.Config) Object {
	groups := []any{}
	for i := range c.Groups {
		groups = append(groups, group(&c.Groups[i]))
	}
	servers := []any{}
	for i := range c.Servers {
		servers = append(servers, server(&c.Servers[i]))
	}
	rpc := []any{}
	for _, i := range c.RPCInterfaces {
		rpc = append(rpc, Object{"name": i.Name, "factory": i.Factory, "settings": vars(i.Keys)})
	}
	warnings := []any{}
	for _, w := range c.Warnings {
		warnings = append(warnings, w)
	}
	return Object{
		"supervisord":   supervisord(&c.Supervisord),
		"groups":        groups,
		"http_servers":  servers,
		"serverurl":     orNull(c.ServerURL),
		"rpcinterfaces": rpc,
		"supervisorctl": supervisorctl(c),
		"warnings":      warnings,
	}
}

func supervisord(s *config.Supervisord) Object {
	o := Object{
		"logfile": s.Logfile, "logfile_maxbytes": s.LogfileMaxbytes, "logfile_backups": s.LogfileBackups,
		"loglevel": s.Loglevel.String(), "pidfile": s.Pidfile, "umask": octal(s.Umask),
		"nodaemon": s.Nodaemon, "silent": s.Silent, "minfds": s.Minfds, "minprocs": s.Minprocs,
		"nocleanup": s.Nocleanup, "childlogdir": s.Childlogdir, "user": nil, "uid": nil,
		"directory": orNull(s.Directory), "strip_ansi": s.StripANSI,
		"environment": vars(s.Environment), "identifier": s.Identifier,
	}
	if s.User != nil {
		o["user"], o["uid"] = s.User.Given, s.User.UID
	}
	return o
}

func supervisorctl(c *config.Config) any {
	switch {
	case c.CtlProblem != nil:
		return problem(c.CtlProblem)
	case c.Ctl == nil:
		return nil
	}
	return Object{
		"serverurl": c.Ctl.ServerURL, "username": orNull(c.Ctl.Username), "password": orNull(c.Ctl.Password),
		"prompt": c.Ctl.Prompt, "history_file": orNull(c.Ctl.HistoryFile),
	}
}

var kinds = [...]string{config.KindGroup: "group", config.KindListener: "eventlistener", config.KindFCGI: "fcgi"}

func group(g *config.Group) Object {
	processes := []any{}
	for i := range g.Processes {
		processes = append(processes, process(&g.Processes[i]))
	}
	o := Object{"kind": kinds[g.Kind], "name": g.Name, "priority": g.Priority, "processes": processes}
	if g.Kind == config.KindListener {
		o["events"], o["buffer_size"], o["result_handler"] = g.Events, g.BufferSize, g.ResultHandler
	}
	if g.Socket != nil {
		o["socket"] = socket(g.Socket)
	}
	return o
}

func socket(s *config.FCGISocket) Object {
	o := Object{"url": s.URL, "backlog": nil}
	if s.Backlog > 0 {
		o["backlog"] = s.Backlog
	}
	if s.Path == "" {
		o["family"], o["host"], o["port"] = "inet", s.Host, s.Port
		return o
	}
	o["family"], o["path"], o["mode"], o["owner"] = "unix", s.Path, octal(s.Mode), nil
	if s.OwnerUID >= 0 {
		o["owner"] = []int{s.OwnerUID, s.OwnerGID}
	}
	return o
}

var restarts = [...]string{config.RestartAlways: "true", config.RestartNever: "false", config.RestartUnexpected: "unexpected"}

func process(p *config.Process) Object {
	o := Object{
		"name": p.Name, "command": p.Command, "directory": orNull(p.Directory), "umask": nil, "uid": nil,
		"priority": p.Priority, "startsecs": int64(p.StartSecs.Seconds()), "startretries": p.StartRetries,
		"stopwaitsecs": int64(p.StopWait.Seconds()), "exitcodes": append([]int{}, p.ExitCodes...),
		"autostart": p.Autostart, "autorestart": restarts[p.Autorestart],
		"stopasgroup": p.StopAsGroup, "killasgroup": p.KillAsGroup, "redirect_stderr": p.RedirectStderr,
		"stopsignal":  Object{"name": config.SignalName(p.StopSignal), "number": p.StopSignal},
		"environment": vars(p.Environment), "serverurl": orNull(p.ServerURL),
		"stdout": output(&p.Stdout), "stderr": output(&p.Stderr),
	}
	if p.Umask >= 0 {
		o["umask"] = octal(p.Umask)
	}
	if p.User != nil {
		o["uid"] = p.User.UID
	}
	if p.ArgvErr != "" {
		o["argv_error"] = p.ArgvErr
	} else {
		o["argv"] = p.Argv
	}
	return o
}

func output(c *config.Output) Object {
	return Object{
		"logfile": orNull(c.Logfile), "maxbytes": c.Maxbytes, "backups": c.Backups,
		"capture_maxbytes": c.CaptureMaxbytes, "events_enabled": c.EventsEnabled, "syslog": c.Syslog,
	}
}

func server(s *config.Server) Object {
	o := Object{"section": s.Section, "username": nil, "password": nil}
	if s.HasAuth {
		o["username"], o["password"] = s.Username, s.Password
	}
	if s.Unix {
		o["family"], o["file"], o["chmod"], o["chown"] = "unix", s.File, octal(s.Chmod), []int{s.ChownUID, s.ChownGID}
	} else {
		o["family"], o["host"], o["port"] = "inet", s.Host, s.Port
	}
	return o
}

func vars(list []config.Var) Object {
	o := Object{}
	for _, v := range list {
		o[v.Name] = v.Value
	}
	return o
}

func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// octal writes four digits, as the conformance files do.
func octal(n int) string {
	s := strconv.FormatInt(int64(n), 8)
	for len(s) < 4 {
		s = "0" + s
	}
	return s
}
