package supervise

import (
	"strings"
	"syscall"
	"testing"
	"time"

	"slipway/supervise/config"
	"slipway/supervise/control"
)

// What is waited for is what the entry of depends_on says, and its end is seen in whatever
// way it comes.
func TestDependsOnConditions(t *testing.T) {
	for _, tt := range []struct {
		name, needs string
		db          func(x *simulation) config.Process
		holding     string        // the line that says so
		after       time.Duration // when the app is started
		vain        string        // why it never is
	}{
		{"started, not ready", "db:started", func(x *simulation) config.Process {
			return x.plays("db", "pause", ready("file:/never", 0))
		}, "holding app until db is started", time.Second, ""},
		{"completed", "db:completed", func(x *simulation) config.Process { return x.plays("db", "sleep 5s; exit 0") },
			"holding app until db has completed", 5 * time.Second, ""},
		{"completed with an exit status of its own", "db:completed", func(x *simulation) config.Process {
			return x.plays("db", "sleep 5s; exit 3", func(p *config.Process) { p.ExitCodes = []int{0, 3} })
		}, "", 5 * time.Second, ""},
		{"not completed", "db:completed", func(x *simulation) config.Process { return x.plays("db", "sleep 5s; exit 3", never) },
			"", 0, "app is not started: db has ended (exit status 3) (depends_on)"},
		{"not completed, by a signal", "db:completed", func(x *simulation) config.Process { return x.plays("db", "sleep 5s; raise KILL", never) },
			"", 0, "app is not started: db has ended (terminated by SIGKILL) (depends_on)"},
		{"completed at the second try", "db:completed", func(x *simulation) config.Process {
			return x.plays("db", "sleep 2s; need /once; exit 0")
		}, "", 4 * time.Second, ""},
		{"exited", "db:exited", func(x *simulation) config.Process { return x.plays("db", "sleep 5s; exit 3", never) },
			"holding app until db has ended", 5 * time.Second, ""},
		{"exited for good", "db:exited", func(x *simulation) config.Process {
			return x.plays("db", "exit 1", retries(0), ignoreFatal)
		}, "", 0, ""},
		{"cannot be started", "db:exited", func(x *simulation) config.Process {
			p := x.program("db", "/bin/nothing")
			p.StartRetries, p.OnFatal = 0, config.OnFatalIgnore
			return p
		}, "", 0, "app is not started: db is FATAL (depends_on)"},
		{"healthy", "db:healthy", func(x *simulation) config.Process {
			return x.plays("db", "pause", healthProbe("file:/data", config.HealthNone), func(p *config.Process) { p.Health.Interval = 5 * time.Second })
		}, "holding app until db is healthy", 6 * time.Second, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			simulatedWith(t, Run, probesFor("/data"), deps(func(x *simulation) []config.Process {
				return []config.Process{x.plays("app", "pause", dependsOn(tt.needs)), tt.db(x), x.plays("other", "pause")}
			}), func(x *simulation) {
				begun := time.Now()
				x.says(tt.holding)
				x.sleep(3 * time.Second)
				x.m.Put("/data", "", 0o644)
				x.m.Put("/once", "", 0o644)
				x.sleep(27 * time.Second)
				if tt.vain != "" {
					x.says(tt.vain)
					if x.count("spawned: 'app'") > 0 {
						t.Error("app was started")
					}
				} else {
					x.says("spawned: 'app'")
					if app := x.s.table.Find("app", "app"); tt.after > 0 && app.Life.Started.Sub(begun).Round(time.Second) != tt.after {
						t.Errorf("app was started after %v, want %v", app.Life.Started.Sub(begun), tt.after)
					}
				}
				x.signal(syscall.SIGTERM)
				x.ends(time.Second, 0)
			})
		})
	}
}

// A wait for an end is over when the program is run again by hand and ends as it should.
func TestFollowsACompletion(t *testing.T) {
	simulatedWith(t, Run, func(*simulation) {}, deps(func(x *simulation) []config.Process {
		return []config.Process{x.plays("app", "pause", dependsOn("migrate:completed")), x.plays("migrate", "sleep 2s; need /schema; exit 0", never), x.plays("other", "pause")}
	}), func(x *simulation) {
		x.sleep(5 * time.Second)
		x.says("app is not started: migrate has ended (exit status 1) (depends_on)")
		if app := x.info("app"); app.Waiting != "migrate:completed" || app.Vain == "" {
			t.Errorf("app waits for %q, in vain: %q", app.Waiting, app.Vain)
		}
		x.m.Put("/schema", "", 0o644)
		x.ask(control.Success, control.OpProcessStart, control.String("migrate"), control.Bool(true))
		x.sleep(3 * time.Second)
		x.says("spawned: 'app'")
		x.signal(syscall.SIGTERM)
		x.ends(time.Second, 0)
	})
}

// With start_limit no more programs come up at a time, the first by priority first, and each
// has its turn.
func TestStartLimit(t *testing.T) {
	simulatedWith(t, Run, func(*simulation) {}, func(x *simulation) *config.Config {
		var list []config.Process
		for i, name := range strings.Fields("a b c d e") {
			list = append(list, x.plays(name, "pause", priority(i), startSecs(10*time.Second)))
		}
		list = append(list, x.plays("bad", "exit 1", priority(-1), startSecs(10*time.Second), retries(0), ignoreFatal))
		cfg := x.config(9*time.Second, list...)
		cfg.Slipway.StartLimit = 2
		return cfg
	}, func(x *simulation) {
		most := 0
		for range 100 {
			x.sleep(500 * time.Millisecond)
			coming := 0
			for _, name := range strings.Fields("a b c d e") {
				if x.info(name).State == control.Starting {
					coming++
				}
			}
			most = max(most, coming)
			if e := x.info("e"); coming == 2 && e.State == control.Stopped && e.Waiting != "its turn (start_limit)" {
				t.Errorf("e waits for %q", e.Waiting)
			}
		}
		if most != 2 {
			t.Errorf("%d programs came up at a time, want 2", most)
		}
		text := x.file("log")
		for i, name := range strings.Fields("a b c d") {
			next := string(rune('a' + i + 1))
			if strings.Index(text, "spawned: '"+name+"'") > strings.Index(text, "spawned: '"+next+"'") {
				t.Errorf("%s was started before %s", next, name)
			}
		}
		x.says("success: e entered RUNNING state")
		x.signal(syscall.SIGTERM)
		x.ends(time.Second, 0)
	})
}
