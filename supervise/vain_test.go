package supervise

import (
	"strings"
	"syscall"
	"testing"
	"time"

	"slipway/supervise/config"
	"slipway/supervise/control"
	"slipway/supervise/kernel/kerneltest"
)

// deps is a configuration of programs.
func deps(list func(x *simulation) []config.Process) func(*simulation) *config.Config {
	return func(x *simulation) *config.Config { return x.config(9*time.Second, list(x)...) }
}

// probesFor has probes ask for a file.
func probesFor(path string) func(*simulation) {
	return func(x *simulation) {
		x.m.Install("/bin/slipway", func(p *kerneltest.Process) {
			if !p.Exists(path) {
				p.Print(1, "there is no file\n")
				p.Exit(1)
			}
		})
	}
}

func noAutostart(p *config.Process) { p.Autostart = false }
func ignoreFatal(p *config.Process) { p.OnFatal = config.OnFatalIgnore }

// A program that waits for one which will not be ready is decided at once: it is said,
// visible, `start` answers, and it follows when the other comes up after all.
func TestWaitsInVain(t *testing.T) {
	for _, tt := range []struct {
		name string
		db   func(x *simulation) config.Process
		down func(x *simulation)
		why  string
	}{
		{"FATAL", func(x *simulation) config.Process {
			return x.plays("db", "need /data; pause", retries(0), ignoreFatal)
		}, func(*simulation) {}, "db is FATAL"},
		{"ended", func(x *simulation) config.Process {
			return x.plays("db", "sleep 1200ms; need /data; pause", never, ready("file:/data", 0))
		},
			func(*simulation) {}, "db has ended (exit status 1)"},
		{"stopped", func(x *simulation) config.Process {
			return x.plays("db", "need /data; pause", startSecs(100*time.Second))
		}, func(x *simulation) {
			x.ask(control.Success, control.OpProcessStop, control.String("db"), control.Bool(true))
		}, "db was stopped"},
		{"not started", func(x *simulation) config.Process { return x.plays("db", "pause", noAutostart) }, func(*simulation) {}, "db is not started"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			simulatedWith(t, Run, probesFor("/data"), deps(func(x *simulation) []config.Process {
				return []config.Process{
					x.plays("app", "pause", dependsOn("db"), priority(1)), x.plays("more", "pause", dependsOn("app"), priority(1)),
					tt.db(x), x.plays("other", "pause"),
				}
			}), func(x *simulation) {
				tt.down(x)
				x.sleep(2 * time.Second)
				if i := x.is("app", control.Stopped); i.Waiting != "db" || i.Vain != tt.why {
					t.Errorf("waits for %q, in vain because %q; want db, %q", i.Waiting, i.Vain, tt.why)
				}
				if i := x.info("more"); i.Vain != "app waits in vain for db" {
					t.Errorf("what depends on app waits in vain because %q", i.Vain)
				}
				x.says("app is not started: " + tt.why + " (depends_on); it follows when that comes up")
				x.ask(control.Failed, control.OpProcessStart, control.String("app"), control.Bool(true))
				x.ask(control.Success, control.OpWaitIdle)
				x.m.Put("/data", "", 0o644)
				db := x.begin(control.OpProcessStart, control.String("db"), control.Bool(false))
				x.sleep(200 * time.Second)
				x.is("app", control.Running)
				x.is("more", control.Running)
				if x.clients[0].receive(t); db.answer == nil || db.answer.Fault != nil {
					t.Errorf("start of db: %v", db.answer)
				}
			})
		})
	}
}

// A container in which nothing runs, and what is left waits in vain, ends: with the status
// of what has failed, else with one of its own.
func TestNothingButVainWaits(t *testing.T) {
	for _, tt := range []struct {
		name, db string
		change   func(*config.Process)
		want     int
		says     string
	}{
		{"failed", "sleep 1200ms; exit 7", func(p *config.Process) { never(p); ready("file:/data", 0)(p) }, 7, "nothing is left to run, and db has failed"},
		{"FATAL", "exit 8", func(p *config.Process) { retries(0)(p); ignoreFatal(p) }, 8, "nothing is left to run, and db has failed"},
		{"ended well", "sleep 1200ms; exit 0", func(p *config.Process) { never(p); ready("file:/data", 0)(p) }, 1, "nothing is left to run, and app was not started: db has ended (exit status 0)"},
		{"not started", "pause", noAutostart, 1, "nothing is left to run, and app was not started: db is not started"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			simulatedWith(t, Run, probesFor("/data"), deps(func(x *simulation) []config.Process {
				return []config.Process{x.plays("app", "pause", dependsOn("db")), x.plays("db", tt.db, tt.change)}
			}), func(x *simulation) {
				x.ends(3*time.Second, tt.want)
				x.says(tt.says)
			})
		})
	}
}

// A start of all that names the dependant first is no wait in vain, even after one.
func TestStartOfAllIsNotInVain(t *testing.T) {
	simulated(t, Run, deps(func(x *simulation) []config.Process {
		return []config.Process{x.plays("app", "pause", dependsOn("db"), priority(1)), x.plays("db", "pause", priority(2), noAutostart), x.plays("other", "pause")}
	}), func(x *simulation) {
		x.sleep(time.Second)
		x.says("app is not started: db is not started")
		list := x.ask(control.Success, control.OpAllStart, control.Bool(true))
		for _, st := range control.ReadList[control.Status](list) {
			if st.Code != control.Success {
				t.Errorf("start of %s: %v", st.Name, st.Code.Name())
			}
		}
		x.is("app", control.Running)
	})
}

// What waits, or is not ready, is said every minute, and no longer than it does.
func TestWaitsAreSaidEveryMinute(t *testing.T) {
	simulatedWith(t, Run, probesFor("/run/ready"), deps(func(x *simulation) []config.Process {
		db := x.plays("db", "pause", ready("file:/run/ready", 0))
		return []config.Process{x.plays("app", "pause", dependsOn("db")), db}
	}), func(x *simulation) {
		x.sleep(3*time.Minute + 10*time.Second)
		if n := x.count("app has waited for db for "); n != 3 {
			t.Errorf("the wait was said %d times in three minutes, want 3", n)
		}
		x.says("db has not been ready (there is no file) for 3m0s")
		x.m.Put("/run/ready", "", 0o644)
		x.sleep(time.Minute)
		x.is("app", control.Running)
		before := len(x.file("log"))
		x.sleep(10 * time.Minute)
		if text := x.file("log")[before:]; strings.Contains(text, "has waited") || strings.Contains(text, "has not been") {
			t.Errorf("a wait that is over is said: %s", text)
		}
	})
}

// Many that wait are a few lines.
func TestManyWaitsAreAFewLines(t *testing.T) {
	simulated(t, Run, deps(func(x *simulation) []config.Process {
		list := []config.Process{x.plays("db", "pause", startSecs(600*time.Second))}
		for i := range 100 {
			list = append(list, x.plays("app"+string(rune('a'+i%26))+string(rune('a'+i/26)), "pause", dependsOn("db")))
		}
		return list
	}), func(x *simulation) {
		before := len(x.file("log"))
		x.sleep(time.Minute + time.Second)
		text := x.file("log")[before:]
		if n := strings.Count(text, "\n"); n > 10 || !strings.Contains(text, "so it is with 92 more: ") {
			t.Errorf("%d lines: %s", n, text)
		}
		x.signal(syscall.SIGTERM)
		x.ends(time.Second, 0)
	})
}

// A name that means nothing any more holds nobody, and that is said.
func TestDependencyIsNotThere(t *testing.T) {
	simulated(t, Run, deps(func(x *simulation) []config.Process {
		return []config.Process{x.plays("app", "pause", dependsOn("db"), noAutostart), x.plays("db", "pause")}
	}), func(x *simulation) {
		x.sleep(2 * time.Second)
		x.ask(control.Success, control.OpProcessStop, control.String("db"), control.Bool(true))
		x.ask(control.Success, control.OpGroupRemove, control.String("db"))
		x.ask(control.Success, control.OpProcessStart, control.String("app"), control.Bool(true))
		x.says("starting app without db, which it depends on and which is not there")
	})
}
