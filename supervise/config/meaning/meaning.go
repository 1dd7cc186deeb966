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
	"iter"
	"strconv"
	"strings"
	"time"

	"slipway/supervise/attributes"
	"slipway/supervise/config"
	"slipway/supervise/decode"
	"slipway/supervise/dialect"
	"slipway/supervise/hook"
)

// Object is a JSON object; encoding/json sorts its keys.
type Object = map[string]any

// Of gives the meaning of the file as `supervisord -c name` takes it. The
// refusal of a file is a meaning, too: error and error_kind.
//
// Unless the input says otherwise, only plug-ins that are part of Supervisor
// exist, as for the original.
func Of(name string, in decode.Input) Object {
	in.AsSupervisord = true
	if in.Plugins == nil {
		in.Plugins = decode.OriginalPlugin
	}
	doc, err := dialect.Load(name, in.Environ, in.System)
	if err != nil {
		return refusal(err)
	}
	cfg, err := decode.Decode(doc, in)
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
	var ps *dialect.Problems
	if errors.As(err, &ps) {
		return problem(ps.First)
	}
	return Object{"error": err.Error(), "error_kind": string(dialect.KindOther)}
}

func problem(p *dialect.Problem) Object {
	return Object{"error": p.Error(), "error_kind": string(p.Kind)}
}

func accepted(c *config.Config) Object {
	groups := []any{}
	for i := range c.Groups {
		groups = append(groups, group(c, &c.Groups[i]))
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
	o := options(config.SupervisordFields(s))
	o["user"], o["uid"] = nil, nil
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
	return options(config.CtlFields(c.Ctl))
}

var kinds = [...]string{config.KindGroup: "group", config.KindListener: "eventlistener", config.KindFCGI: "fcgi"}

func group(c *config.Config, g *config.Group) Object {
	processes := []any{}
	for i := range g.Processes {
		processes = append(processes, process(c, &g.Processes[i]))
	}
	o := options(config.GroupFields(g))
	o["kind"], o["name"], o["processes"] = kinds[g.Kind], g.Name, processes
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

func process(c *config.Config, p *config.Process) Object {
	o := options(c.ProcessFields(p))
	if p.InOrder {
		o["autostart"] = !p.Autostart // what is written
	}
	if p.ArgvErr != "" {
		o["argv_error"] = p.ArgvErr
	} else {
		o["argv"] = p.Argv
	}
	return o
}

// renamed are the options that the original holds under another name.
var renamed = map[string]string{"process_name": "name", "user": "uid"}

// options gives the values of Supervisor's options by their names; those of a channel are
// an object of their own.
func options(fields iter.Seq2[*config.Option, any]) Object {
	o := Object{}
	for option, field := range fields {
		if option.Own {
			continue
		}
		name := option.Name
		if other, ok := renamed[name]; ok {
			name = other
		}
		at := o
		for _, channel := range [...]string{"stdout", "stderr"} {
			if rest, ok := strings.CutPrefix(name, channel+"_"); ok {
				if o[channel] == nil {
					o[channel] = Object{}
				}
				at = o[channel].(Object)
				if name = rest; rest != "logfile" {
					name = strings.TrimPrefix(rest, "logfile_")
				}
			}
		}
		at[name] = value(option, field)
	}
	return o
}

// value gives what an option's field holds as JSON. It has a case for every type of field,
// as filling and comparing have.
func value(o *config.Option, field any) any {
	switch f := field.(type) {
	case *attributes.List:
		if text := f.Get(o.Name); text != "" {
			return text
		}
		return nil
	case *hook.List:
		if text := f.Get(o.Name); text != "" {
			return text
		}
		return nil
	case *string:
		if *f == "" && isNothing(o) {
			return nil
		}
		return *f
	case *bool:
		return *f
	case *int:
		return number(o, *f)
	case *int64:
		return *f
	case *time.Duration:
		return int64(f.Seconds())
	case *[]string:
		return *f
	case *[]int:
		return append([]int{}, *f...)
	case *[]dialect.Var:
		return vars(*f)
	case **config.User:
		if *f == nil {
			return nil
		}
		return (*f).UID
	case **config.FCGISocket:
		return socket(*f)
	case fmt.Stringer: // words, and what is written like them
		return f.String()
	}
	panic(fmt.Sprintf("meaning: %s has a field of type %T, which has no JSON", o.Name, field))
}

// isNothing tells whether an empty value of an option means that there is none. Otherwise
// it is a text that happens to be empty.
func isNothing(o *config.Option) bool {
	return o.Type == config.TypeLog || o.Default == config.AutoLog || o.Default == "" && !o.Required
}

func number(o *config.Option, n int) any {
	switch {
	case o.Type == config.TypeSignal && o.Own && n == 0:
		return nil
	case o.Type == config.TypeSignal:
		return Object{"name": dialect.SignalName(n), "number": n}
	case o.Type != config.TypeOctal:
		return n
	case n < 0:
		return nil
	}
	return octal(n)
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

func vars(list []dialect.Var) Object {
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
