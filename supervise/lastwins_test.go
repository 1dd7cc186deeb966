package supervise

import (
	"slices"
	"strings"
	"testing"
	"time"

	"slipway/supervise/config"
	"slipway/supervise/control"
	"slipway/supervise/machine"
)

// wanted is a configuration that a test changes: the version of each member of the group.
type wanted struct {
	kind    config.GroupKind
	members map[string]string // version by name; none: there is no such group
	script  string            // what members do after they have said their version
	change  func(*config.Process)
}

// config is the group, beside a program that keeps the container up.
func (w *wanted) config(x *simulation) *config.Config {
	cfg := x.config(0, x.playing("keeper", "pause"))
	if len(w.members) == 0 {
		return cfg
	}
	g := config.Group{Name: "g", Priority: 999, Kind: w.kind}
	switch w.kind {
	case config.KindListener:
		g.Events, g.BufferSize = []string{"TICK_3600"}, 10
	case config.KindFCGI:
		g.Socket = &config.FCGISocket{URL: "unix:///run/fcgi.sock", Path: "/run/fcgi.sock", Mode: 0o700, OwnerUID: -1, OwnerGID: -1}
	}
	for name, version := range w.members {
		p := x.playing(name, "on TERM (sleep 1s; exit 0)", "print 2 version "+version, w.script)
		p.Group = "g"
		p.RedirectStderr, p.Stderr, p.Stdout = false, p.Stdout, config.Output{}
		w.change(&p)
		g.Processes = append(g.Processes, x.config(0, p).Groups[0].Processes...)
	}
	slices.SortFunc(g.Processes, func(a, b config.Process) int { return strings.Compare(a.Name, b.Name) })
	cfg.Groups = append(cfg.Groups, g)
	return cfg
}

// Whatever a group is made of, and whatever it is about when its configuration changes, the one
// that was read last is in force in the end, and what was read in between has not run where the first one
// takes a while to stop.
func TestLastConfigurationWinsForEveryKindAtEveryMoment(t *testing.T) {
	one := func(version string) map[string]string { return map[string]string{"a": version} }
	two := func(a, b string) map[string]string { return map[string]string{"a": a, "b": b} }
	courses := []struct {
		name  string
		steps []map[string]string // one after the other, while the first is stopping
	}{
		{"changed", []map[string]string{one("2")}},
		{"changed and changed back", []map[string]string{one("2"), one("1")}},
		{"changed twice", []map[string]string{one("2"), one("3")}},
		{"removed", []map[string]string{nil}},
		{"removed and put back", []map[string]string{nil, one("1")}},
		{"removed and put back as another one", []map[string]string{nil, one("2")}},
		{"changed and removed", []map[string]string{one("2"), nil}},
		{"a member more, and less", []map[string]string{two("1", "1"), one("1")}},
		{"a member more", []map[string]string{two("1", "1")}},
		{"a member changes, the other as well", []map[string]string{two("1", "2"), two("2", "2")}},
		{"four changes", []map[string]string{one("2"), nil, two("3", "3"), one("4")}},
	}
	kinds := map[string]config.GroupKind{"programs": config.KindGroup, "listeners": config.KindListener, "fcgi": config.KindFCGI}
	for _, m := range moments {
		for kind, k := range kinds {
			for _, c := range courses {
				t.Run(m.name+"/"+kind+"/"+c.name, func(t *testing.T) {
					w := &wanted{kind: k, members: one("1"), script: m.script, change: m.change}
					simulated(t, Run, w.config, func(x *simulation) {
						m.reach(x)
						for _, step := range c.steps {
							w.members = step
							x.ask(control.Success, control.OpRestart)
							x.sleep(100 * time.Millisecond)
						}
						x.sleep(time.Minute)
						x.isInForce(w, m.up)
					})
				})
			}
		}
	}
}

// moments are what a process is about when its configuration changes.
var moments = []struct {
	name   string
	script string
	change func(*config.Process)
	reach  func(*simulation)
	up     bool // it is up in the end
}{
	{"running", "pause", func(*config.Process) {}, func(x *simulation) { x.sleep(2 * time.Second) }, true},
	{"starting", "pause", func(p *config.Process) { p.StartSecs = 30 * time.Second }, func(x *simulation) { x.sleep(2 * time.Second) }, true},
	{"backoff", "exit 1", func(p *config.Process) { p.StartRetries, p.OnFatal = 1000, config.OnFatalIgnore }, func(x *simulation) {
		for x.info("g:a").State != control.Backoff {
			x.sleep(100 * time.Millisecond)
		}
	}, false},
	{"restarting", "pause", func(*config.Process) {}, func(x *simulation) {
		x.sleep(2 * time.Second)
		x.begin(control.OpProcessRestart, control.String("g:a"), control.Bool(false))
	}, true},
	{"exited, about to start again", "sleep 2s; exit 1", func(p *config.Process) {
		p.Autorestart = machine.RestartAlways
	}, func(x *simulation) {
		for x.count("exited: a") == 0 {
			x.sleep(100 * time.Millisecond)
		}
	}, false},
	{"fatal", "exit 1", func(p *config.Process) { p.StartRetries, p.OnFatal = 0, config.OnFatalIgnore }, func(x *simulation) {
		for x.info("g:a").State != control.Fatal {
			x.sleep(100 * time.Millisecond)
		}
	}, false},
}

// isInForce insists that the members of the group are those that are wanted, that they run if
// they are to be up, and that the version that has run last is theirs.
func (x *simulation) isInForce(w *wanted, up bool) {
	x.t.Helper()
	for _, name := range []string{"a", "b"} {
		version, there := w.members[name]
		if !there {
			x.ask(control.BadName, control.OpProcessGet, control.String("g:"+name))
			continue
		}
		if up {
			x.is("g:"+name, control.Running)
		}
		lines := strings.Fields(strings.ReplaceAll(x.file(name+".log"), "version ", ""))
		if len(lines) == 0 || lines[len(lines)-1] != version {
			x.t.Errorf("of %s have run the versions %v, want %s in the end", name, lines, version)
		}
		if between := slices.DeleteFunc(lines, func(v string) bool { return v == "1" || v == version }); up && len(between) > 0 {
			x.t.Errorf("of %s have run %v in between, while the first was still stopping", name, between)
		}
	}
}

// A client's update is stopping a group, to remove it and add it, when the configuration is read
// again. What the client adds is what was read last.
func TestLastConfigurationWinsOverAnUpdateInFlight(t *testing.T) {
	for _, row := range []struct {
		name  string
		later map[string]string
	}{
		{"changed again", map[string]string{"a": "3"}},
		{"changed back", map[string]string{"a": "1"}},
		{"removed", nil},
	} {
		t.Run(row.name, func(t *testing.T) {
			w := &wanted{members: map[string]string{"a": "1"}, script: "pause", change: func(*config.Process) {}}
			simulated(t, Run, w.config, func(x *simulation) {
				x.sleep(2 * time.Second)
				w.members = map[string]string{"a": "2"}
				x.ask(control.Success, control.OpConfigReread)
				stop := x.begin(control.OpGroupStop, control.String("g"), waiting)
				x.sleep(100 * time.Millisecond)
				w.members = row.later
				x.ask(control.Success, control.OpRestart) // somebody else
				for stop.answer == nil {
					x.sleep(100 * time.Millisecond)
					x.clients[0].receive(t)
				}
				call := x.begin(control.OpGroupRemove, control.String("g"))
				x.sleep(10 * time.Second)
				x.clients[0].receive(t)
				if call.answer == nil {
					t.Fatal("remove is not answered")
				}
				if row.later == nil {
					x.ask(control.BadName, control.OpGroupAdd, control.String("g"))
				} else {
					x.begin(control.OpGroupAdd, control.String("g"))
					x.sleep(10 * time.Second)
					x.begin(control.OpProcessStart, control.String("g:a"), waiting) // the stop was asked for
					x.sleep(10 * time.Second)
				}
				x.isInForce(w, true)
				if strings.Contains(x.file("a.log"), "version 2") {
					t.Errorf("has run: %q, want nothing of what was read in between", x.file("a.log"))
				}
			})
		})
	}
}
