package supervise

import (
	"strings"
	"syscall"
	"testing"
	"time"

	"slipway/supervise/config"
	"slipway/supervise/control"
)

// oneshot makes a program one, as the decoder does.
func oneshot(p *config.Process) { p.Conduct = config.ConductOneshot }

func onlyOnce(p *config.Process) { p.Once = config.OnceOnce }

// A oneshot comes to its end, is retried until it does, and everybody can see how far it is.
func TestOneshots(t *testing.T) {
	for _, tt := range []struct {
		name, script string
		change       func(*config.Process)
		starts       int
		task         string
		says         string
		app          bool // who depends on it is started
	}{
		{"ends at once, well within startsecs", "exit 0", nil, 1, "completed", "completed: migrate (exit status 0)", true},
		{"takes its time", "sleep 20s; exit 0", nil, 1, "completed", "completed: migrate (exit status 0) after 20s", true},
		{"has a status of its own", "exit 4", func(p *config.Process) { p.ExitCodes = []int{4} }, 1, "completed", "completed: migrate (exit status 4)", true},
		{"at the third try", "need /schema; exit 0", nil, 3, "completed", "exited: migrate (exit status 1; not expected)", true},
		{"always means no more", "exit 0", always, 1, "completed", "completed: migrate", true},
		{"never", "exit 1", retries(0), 1, "failed", "gave up: migrate entered FATAL state", false},
		{"is not retried", "sleep 2s; exit 1", never, 1, "failed", "app is not started: migrate has ended (exit status 1)", false},
		{"is too slow", "sleep 1h; exit 0", func(p *config.Process) { p.Timeout, p.StartRetries = 5*time.Second, 1 }, 2, "failed",
			"stopped: migrate (terminated by SIGTERM) because it was too slow: has not ended within 5s", false},
		{"is too slow, and not retried", "sleep 1h; exit 0", func(p *config.Process) { p.Timeout = 5 * time.Second; never(p) }, 1, "failed", "has not ended within 5s", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			simulatedWith(t, Run, func(*simulation) {}, deps(func(x *simulation) []config.Process {
				migrate := x.plays("migrate", tt.script, oneshot, ignoreFatal)
				if tt.change != nil {
					tt.change(&migrate)
				}
				return []config.Process{x.plays("app", "pause", dependsOn("migrate")), migrate, x.plays("other", "pause")}
			}), func(x *simulation) {
				x.sleep(2500 * time.Millisecond) // between the second and the third try
				x.m.Put("/schema", "", 0o644)
				x.sleep(time.Minute)
				x.says(tt.says)
				info := x.info("migrate")
				if info.Task != tt.task || int(info.Generation) != tt.starts {
					t.Errorf("it is %q after %d starts, want %q after %d", info.Task, info.Generation, tt.task, tt.starts)
				}
				if app := x.info("app").State == control.Running; app != tt.app {
					t.Errorf("app is up: %v, want %v", app, tt.app)
				}
				x.signal(syscall.SIGTERM)
				x.ends(time.Second, 0)
			})
		})
	}
}

// A start by hand is answered when the oneshot has come to its end, with how.
func TestStartOfOneshotWaitsForItsEnd(t *testing.T) {
	simulatedWith(t, Run, func(*simulation) {}, deps(func(x *simulation) []config.Process {
		return []config.Process{x.plays("other", "pause"), x.plays("good", "sleep 20s; exit 0", oneshot, noAutostart), x.plays("bad", "sleep 20s; exit 1", oneshot, noAutostart, never)}
	}), func(x *simulation) {
		for name, want := range map[string]control.Code{"good": control.Success, "bad": control.AbnormalTermination} {
			begun := time.Now()
			x.ask(want, control.OpProcessStart, control.String(name), control.Bool(true))
			if took := time.Since(begun); took < 20*time.Second {
				t.Errorf("the start of %s was answered after %v", name, took)
			}
		}
		x.signal(syscall.SIGTERM)
		x.ends(time.Second, 0)
	})
}

// A container of oneshots ends when they have: with 0, or as the one that failed.
func TestContainerOfOneshots(t *testing.T) {
	for script, want := range map[string]int{"exit 0": 0, "sleep 2s; exit 7": 7} {
		t.Run(script, func(t *testing.T) {
			simulatedWith(t, Run, func(*simulation) {}, deps(func(x *simulation) []config.Process {
				return []config.Process{x.plays("first", "sleep 1s; exit 0", oneshot), x.plays("second", script, oneshot, never, dependsOn("first"))}
			}), func(x *simulation) { x.ends(time.Minute, want) })
		})
	}
}

// run=once holds over starts of the supervisor, for the command as it was.
func TestRunOnce(t *testing.T) {
	run := func(files map[string]string, script string, hand bool) (log, stamp string) {
		simulatedWith(t, Run, func(x *simulation) {
			for name, text := range files {
				x.m.Put(name, text, 0o644)
			}
		}, func(x *simulation) *config.Config {
			cfg := x.config(9*time.Second, x.plays("app", "pause", dependsOn("seed")), x.plays("seed", script, oneshot, onlyOnce))
			cfg.Slipway.StateDir = "/state"
			return cfg
		}, func(x *simulation) {
			x.sleep(3 * time.Second)
			if x.info("seed").Task != "completed" || x.info("app").State != control.Running {
				t.Errorf("seed is %q, app %v", x.info("seed").Task, x.info("app").State)
			}
			if hand {
				x.ask(control.Success, control.OpProcessStart, control.String("seed"), control.Bool(true))
			}
			x.signal(syscall.SIGTERM)
			x.ends(time.Second, 0)
			log, stamp = x.file("log"), x.m.Text("/state/once/seed")
		})
		return log, stamp
	}
	log, stamp := run(nil, "exit 0", false)
	if !strings.Contains(log, "spawned: 'seed'") || stamp == "" {
		t.Fatalf("the first run leaves the stamp %q", stamp)
	}
	kept := map[string]string{"/state/once/seed": stamp}
	if log, _ := run(kept, "exit 0", false); strings.Contains(log, "spawned: 'seed'") || !strings.Contains(log, "not run: seed has completed before (run=once, /state/once/seed)") {
		t.Error("the second start runs it again, or does not say why not")
	}
	if log, _ := run(kept, "exit 0", true); !strings.Contains(log, "spawned: 'seed'") {
		t.Error("a start by hand does not run it")
	}
	if log, _ := run(kept, "print 1 other; exit 0", false); !strings.Contains(log, "spawned: 'seed'") {
		t.Error("another command is not run")
	}
	if log, _ := run(map[string]string{"/state/once/seed": "nonsense"}, "exit 0", false); !strings.Contains(log, "spawned: 'seed'") {
		t.Error("a stamp that is none keeps it from running")
	}
}
