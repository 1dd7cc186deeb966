package supervise

import (
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"slipway/supervise/config"
	"slipway/supervise/control"
	"slipway/supervise/kernel/kerneltest"
)

// parsed insists that a text of a test can be parsed.
func parsed[T any](v T, ok bool) T {
	if !ok {
		panic("the text of a test cannot be parsed")
	}
	return v
}

func ready(probe string, timeout time.Duration) func(*config.Process) {
	return func(p *config.Process) {
		p.Ready = config.Ready{Probe: parsed(config.ParseProbe(probe)), Interval: 50 * time.Millisecond, Timeout: timeout}
	}
}

func healthProbe(probe string, action config.HealthAction) func(*config.Process) {
	return func(p *config.Process) {
		p.Health = config.Health{Probe: parsed(config.ParseProbe(probe)), Interval: 50 * time.Millisecond, Timeout: time.Second / 2, Retries: 2, Action: action}
	}
}

func retries(n int) func(*config.Process) { return func(p *config.Process) { p.StartRetries = n } }

func reload(how string) func(*config.Process) {
	return func(p *config.Process) { p.Reload = parsed(config.ParseReload(how)) }
}

func restartWith(name string) func(*config.Process) {
	return func(p *config.Process) { p.RestartWith = []string{name} }
}

func TestReadyHoldsDependants(t *testing.T) {
	simulated(t, Run, func(x *simulation) *config.Config {
		return x.config(0, x.plays("db", "pause", ready("exec:need /up", 0)), x.plays("app", "pause", dependsOn("db")))
	}, func(x *simulation) {
		x.sleep(2 * time.Second)
		x.says("success: db entered RUNNING state")
		if i := x.info("db"); i.Ready {
			t.Errorf("ready before its probe has succeeded: %+v", i)
		}
		if i := x.is("app", control.Stopped); i.Waiting != "db" {
			t.Errorf("app waits for %q, want db", i.Waiting)
		}
		x.m.Put("/up", "", 0o644)
		x.up("db")
		if i := x.info("db"); !i.Ready {
			t.Errorf("not ready after waitReady: %+v", i)
		}
		x.up("app")
		x.signal(syscall.SIGTERM)
		x.ends(time.Second, 0)
	})
}

func TestReadyTimeoutIsAFailedStart(t *testing.T) {
	simulated(t, Run, func(x *simulation) *config.Config {
		db := x.plays("db", "pause", ready("exec:print 1 not yet; exit 1", time.Second/2), retries(0))
		return x.config(0, db, x.plays("app", "pause", dependsOn("db")))
	}, func(x *simulation) {
		x.ask(control.SpawnError, control.OpWaitReady, control.String("db"))
		x.ends(time.Second, 75)
		x.says("failed: db (not ready within 500ms, the last answer: not yet)")
		if strings.Contains(x.file("log"), "spawned: 'app'") {
			t.Error("app was started although db was never ready")
		}
	})
}

// A stop waits for no probe, and leaves none behind.
func TestStopWhileNotReady(t *testing.T) {
	for _, tt := range []struct {
		name  string
		probe kerneltest.Program
	}{
		{"between two probes", func(p *kerneltest.Process) {
			p.Print(1, "connection refused\n")
			p.Exit(1)
		}},
		{"during a probe", func(p *kerneltest.Process) { p.Pause() }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var asked atomic.Value
			simulatedWith(t, Run, func(x *simulation) {
				x.m.Install("/bin/slipway", func(p *kerneltest.Process) {
					var what [64]byte
					n, _ := p.Read(0, what[:]) // what is missing is seen in the comparison
					asked.Store(strings.Join(p.Args, " ") + " " + string(what[:n]) + p.Env("SLIPWAY_PROBE"))
					tt.probe(p)
				})
			}, sole("db", "pause", ready("http://probed/", 0)), func(x *simulation) {
				x.sleep(2 * time.Second)
				if got, want := asked.Load(), "slipway probe http://probed/"; got != want {
					t.Errorf("what was asked: %v, want %s", got, want)
				}
				x.signal(syscall.SIGTERM)
				x.ends(time.Second, 0)
				x.empty()
			})
		})
	}
}

func TestReadyIsOfOneIncarnation(t *testing.T) {
	simulated(t, Run, sole("db", "print 3 up; sleep 300ms; raise KILL", startSecs(100*time.Millisecond), always, ready("fd:3", 0)), func(x *simulation) {
		x.until("three incarnations are ready", func() bool { return x.count("ready: db") >= 3 })
		if ready, spawned := x.count("ready: db"), x.count("spawned: 'db'"); ready > spawned {
			t.Errorf("%d times ready after %d starts", ready, spawned)
		}
	})
}

// A program that ends, or closes the channel, has not said that it is ready.
func TestReadyIsNotSaidByAnEnd(t *testing.T) {
	for _, tt := range []struct{ name, script string }{
		{"it closes the channel", "close 3; pause"},
		{"it prints half a line", "fill 3 5; close 3; pause"},
		{"it dies", "sleep 300ms; raise KILL"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			simulated(t, Run, sole("db", tt.script, startSecs(100*time.Millisecond), always, ready("fd:3", 0)), func(x *simulation) {
				x.sleep(10 * time.Second)
				if i := x.info("db"); i.Ready || x.count("ready: db") > 0 {
					t.Errorf("it is taken for ready: %+v", i)
				}
			})
		})
	}
}

// becomes waits until the health of a process is known to be that.
func (x *simulation) becomes(name, health string) {
	x.t.Helper()
	x.until(name+" is "+health, func() bool { return x.info(name).Health == health })
}

func TestHealthIsSaidOncePerChange(t *testing.T) {
	simulated(t, Run, sole("web", "pause", retries(1), healthProbe("exec:lack /ill", config.HealthNone)), func(x *simulation) {
		x.becomes("web", "healthy")
		x.m.Put("/ill", "", 0o644)
		x.becomes("web", "unhealthy")
		x.ask(control.Failed, control.OpWaitReady, control.String("web"))
		x.sleep(10 * time.Second)
		x.m.Delete("/ill")
		x.becomes("web", "healthy")
		if i := x.info("web"); i.Generation != 1 {
			t.Errorf("health_action=none restarted it: %+v", i)
		}
		if n := x.count("unhealthy: web (2 health checks have failed in a row"); n != 1 {
			t.Errorf("said %d times that it is unhealthy, want once", n)
		}
		if n := x.count("healthy: web has recovered"); n != 1 {
			t.Errorf("said %d times that it has recovered, want once", n)
		}
	})
}

func TestIllnessRestarts(t *testing.T) {
	simulated(t, Run, sole("web", "pause", healthProbe("exec:lack /ill", config.HealthRestart)), func(x *simulation) {
		x.up("web")
		x.m.Put("/ill", "", 0o644)
		x.until("web is unhealthy", func() bool { return x.count("unhealthy: web") > 0 })
		x.m.Delete("/ill")
		x.until("web is healthy again", func() bool {
			i := x.info("web")
			return i.Generation == 2 && i.Health == "healthy"
		})
	})
}

func TestIllnessEndsTheContainer(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change []func(*config.Process)
		says   string
	}{
		{"ill for ever", []func(*config.Process){retries(0), healthProbe("exec:print 1 it is ill; exit 1", config.HealthRestart)},
			"web cannot be kept up: 2 health checks have failed in a row, the last: it is ill"},
		{"shutdown", []func(*config.Process){healthProbe("exec:exit 1", config.HealthShutdown)}, "web is unhealthy (health_action=shutdown)"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			simulated(t, Run, sole("web", "pause", tt.change...), func(x *simulation) {
				x.ends(8*time.Second, 75)
				x.says(tt.says)
			})
		})
	}
}

// F26: a health check hangs, floods, and leaves children.
func TestF26HangingProbeIsKilledWithItsGroup(t *testing.T) {
	simulated(t, Run, sole("web", "pause", healthProbe("exec:fork (flood 1 20000; pause); pause", config.HealthNone)), func(x *simulation) {
		x.sleep(10 * time.Second)
		x.says("unhealthy: web (2 health checks have failed in a row, the last: no answer in time)")
		probes := map[int]bool{}
		for _, p := range x.m.Processes() {
			if p.Path == "/bin/sh" {
				probes[p.Group] = true
			}
		}
		if len(probes) > 1 {
			t.Errorf("%d probes are there, want one at most", len(probes))
		}
		x.signal(syscall.SIGTERM)
		x.ends(time.Second, 0)
		x.empty()
	})
}

func TestRestartWith(t *testing.T) {
	simulated(t, Run, func(x *simulation) *config.Config {
		return x.config(0, x.plays("db", "pause"), x.plays("app", "pause", restartWith("db")), x.plays("other", "pause"))
	}, func(x *simulation) {
		x.up("db", "app", "other")
		x.ask(control.Success, control.OpProcessRestart, control.String("db"), waiting)
		x.sleep(5 * time.Second)
		for name, want := range map[string]int64{"db": 2, "app": 2, "other": 1} {
			if i := x.is(name, control.Running); i.Generation != want {
				t.Errorf("%s was started %d times, want %d", name, i.Generation, want)
			}
		}
	})
}

func TestReloadMustProveItself(t *testing.T) {
	for _, tt := range []struct {
		name   string
		script string
		change func(*config.Process)
		want   control.Code
	}{
		{"dies", "on HUP (sleep 100ms; exit 3); pause", never, control.AbnormalTermination},
		{"ill", "on HUP touch /ill; pause", healthProbe("exec:lack /ill", config.HealthNone), control.Failed},
		{"well", "on HUP print 1 reloaded; pause", healthProbe("exec:lack /ill", config.HealthNone), control.Success},
	} {
		t.Run(tt.name, func(t *testing.T) {
			simulated(t, Run, func(x *simulation) *config.Config {
				return x.config(0, x.plays("web", tt.script, tt.change, reload("signal HUP")), x.plays("other", "pause"))
			}, func(x *simulation) {
				x.up("web")
				x.ask(control.Success, control.OpProcessReload, control.String("web"), waiting)
				x.ask(tt.want, control.OpWaitReady, control.String("web"))
			})
		})
	}
}
