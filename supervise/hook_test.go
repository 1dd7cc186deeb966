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

// hooked gives a program a hook that plays a script, and hooks a limit.
func hooked(name, script string) func(*config.Process) {
	return func(p *config.Process) {
		p.Hooked.Set(name, "/bin/play '"+script+"'")
		p.Hooks.Limit = 20 * time.Second
	}
}

// Hooks are run around the life of a program, each in its turn and with what it may want to know.
func TestHooks(t *testing.T) {
	tell := func(name string) func(*config.Process) {
		return hooked(name, "env 1 SLIPWAY_HOOK; env 1 SUPERVISOR_PROCESS_NAME; sleep 2s; env 1 SLIPWAY_EXIT_STATUS; env 1 SLIPWAY_EXIT_SIGNAL")
	}
	load := deps(func(x *simulation) []config.Process {
		return []config.Process{x.plays("web", "pause", tell("pre_start"), tell("post_start"), tell("pre_stop"), tell("post_stop"), autorestart), x.plays("other", "pause")}
	})
	simulatedWith(t, Run, func(*simulation) {}, load, func(x *simulation) {
		x.sleep(time.Second)
		if i := x.is("web", control.Starting); i.PID != 0 || i.Waiting != "pre_start" {
			t.Errorf("pid %d, waits for %q, want none and pre_start", i.PID, i.Waiting)
		}
		x.sleep(10 * time.Second)
		pid := x.is("web", control.Running).PID
		if got, want := x.m.Output(1), "pre_start\nweb\n\n\npost_start\nweb\n\n\n"; got != want {
			t.Errorf("the hooks have printed %q, want %q", got, want)
		}
		x.m.Kill(int(pid), syscall.SIGKILL) // its end is followed by a start
		x.sleep(time.Second)
		if i := x.info("web"); i.PID != 0 || i.Waiting != "post_stop" {
			t.Errorf("pid %d, waits for %q, want none and post_stop", i.PID, i.Waiting)
		}
		x.sleep(20 * time.Second)
		x.is("web", control.Running)
		if got, want := x.m.Output(1), "\npost_stop\nweb\n137\nKILL\npre_start\nweb\n"; !strings.Contains(got, want) {
			t.Errorf("the hooks have printed %q, want %q in it", got, want)
		}
		before := len(x.m.Output(1))
		x.ask(control.Success, control.OpProcessStop, control.String("web"), control.Bool(true))
		if got, want := x.m.Output(1)[before:], "pre_stop\nweb\n\n\npost_stop\nweb\n143\nTERM\n"; got != want {
			t.Errorf("the hooks of the stop have printed %q, want %q", got, want)
		}
		x.is("web", control.Stopped)
		x.signal(syscall.SIGTERM)
		x.ends(time.Second, 0)
	})
}

func autorestart(p *config.Process) { p.MaxRestarts = "10 in 1m"; always(p) }

// What goes wrong with a hook is said, and none holds anything up for ever.
func TestHooksThatFail(t *testing.T) {
	for _, tt := range []struct {
		name   string
		script string
		hook   func(*config.Process)
		says   string
		state  control.ProcessState
		starts int
	}{
		{"pre_start", "pause", hooked("pre_start", "sleep 1s; exit 3"), "web cannot be kept up: pre_start has failed (exit status 3)", control.Fatal, 3},
		{"no such file", "pause", func(p *config.Process) { p.Hooked.Set("pre_start", "/bin/nothing here") }, "pre_start: can't find command '/bin/nothing'", control.Fatal, 3},
		{"pre_start is stuck", "pause", hooked("pre_start", "ignore TERM; pause"), "web: pre_start has not ended in time (hook_timeout=20s); it is killed", control.Fatal, 3},
		{"post_start", "pause", hooked("post_start", "exit 3"), "web: post_start has failed (exit status 3)", control.Running, 1},
		{"post_start is stuck", "pause", hooked("post_start", "pause"), "web: post_start has failed (terminated by SIGKILL)", control.Running, 1},
		{"post_stop", "sleep 2s; exit 0", hooked("post_stop", "exit 3"), "web: post_stop has failed (exit status 3)", control.Exited, 1},
		{"post_stop is stuck", "sleep 2s; exit 0", hooked("post_stop", "pause"), "web: post_stop has not ended in time (hook_timeout=20s); it is killed", control.Exited, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			load := deps(func(x *simulation) []config.Process {
				return []config.Process{x.plays("web", tt.script, tt.hook, retries(2), ignoreFatal), x.plays("other", "pause")}
			})
			simulatedWith(t, Run, func(*simulation) {}, load, func(x *simulation) {
				x.sleep(3 * time.Minute)
				if tt.state == control.Fatal {
					tt.says = strings.TrimPrefix(tt.says, "web cannot be kept up: ")
				}
				x.says(tt.says)
				if i := x.is("web", tt.state); int(i.Generation) != tt.starts {
					t.Errorf("it was started %d times, want %d", i.Generation, tt.starts)
				}
				x.signal(syscall.SIGTERM)
				x.ends(time.Second, 0)
				x.empty()
			})
		})
	}
}

// What a program is given by the kernel its hooks have as well, in every mode.
func TestHooksHaveTheAttributes(t *testing.T) {
	limited := func(p *config.Process) { p.Attributes.Set("limit_nofile", "512") }
	for _, mode := range []Mode{Run, Daemon} {
		simulatedOn(t, kerneltest.Settings{Holders: true}, mode, func(*simulation) {}, sole("web", "pause", hooked("pre_start", "pid 1; sleep 5s"), limited), func(x *simulation) {
			x.sleep(time.Second)
			held := false
			for _, p := range x.m.Processes() {
				held = held || strings.Contains(strings.Join(p.Args, " "), "pid 1; sleep 5s") && x.m.Holder(p.PID) != 0
			}
			if !held {
				t.Errorf("mode %v: the hook has no holder, which sets them", mode)
			}
			x.sleep(10 * time.Second)
			x.is("web", control.Running)
			x.signal(syscall.SIGTERM)
			x.ends(time.Second, 0)
		})
	}
}

// A failed pre_start ends the container as any failed start does, with its status.
func TestPreStartOfAContainer(t *testing.T) {
	simulated(t, Run, sole("web", "pause", retries(0), hooked("pre_start", "exit 3")), func(x *simulation) {
		x.ends(time.Minute, 3)
		x.says("stopping: web cannot be kept up: pre_start has failed (exit status 3)")
	})
}

// A stop waits for hooks, but not longer than it may.
func TestHooksOfAStop(t *testing.T) {
	for _, tt := range []struct {
		name, script string
		hooks        []func(*config.Process)
		wait         time.Duration // before the stop
		least, most  time.Duration
		says         string
	}{
		{"pre_stop", "pause", []func(*config.Process){hooked("pre_stop", "sleep 3s")}, 2 * time.Second, 3 * time.Second, 4 * time.Second, "stopped: web (terminated by SIGTERM)"},
		{"pre_stop has half of the budget", "pause", []func(*config.Process){hooked("pre_stop", "pause")}, 2 * time.Second, 4 * time.Second, 5 * time.Second, "web: pre_stop has not ended in time (the program is stopped); it is killed"},
		{"and the program the rest", "ignore TERM; pause", []func(*config.Process){hooked("pre_stop", "pause")}, 2 * time.Second, 8 * time.Second, 9 * time.Second, "killing 'web'"},
		{"the program ends by it", "on USR1 exit 0; pause", []func(*config.Process){hooked("pre_stop", "touch /tell; pause")}, 2 * time.Second, 0, 2 * time.Second, "stopped: web (exit status 0)"},
		{"post_stop", "pause", []func(*config.Process){hooked("post_stop", "sleep 3s")}, 2 * time.Second, 3 * time.Second, 4 * time.Second, "stopped: web (terminated by SIGTERM)"},
		{"post_stop is stuck", "pause", []func(*config.Process){hooked("post_stop", "pause")}, 2 * time.Second, 8 * time.Second, 9 * time.Second, "stop_budget is used up"},
		{"during pre_start", "pause", []func(*config.Process){hooked("pre_start", "sleep 30s")}, 2 * time.Second, 0, time.Second, ""},
		{"during a deaf pre_start", "pause", []func(*config.Process){hooked("pre_start", "ignore TERM; pause")}, 2 * time.Second, 8 * time.Second, 9 * time.Second, "web: pre_start has not ended in time (the program is stopped); it is killed"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			simulated(t, Run, sole("web", tt.script, tt.hooks...), func(x *simulation) {
				x.sleep(tt.wait)
				x.signal(syscall.SIGTERM)
				if strings.HasPrefix(tt.script, "on USR1") {
					x.until("pre_stop runs", func() bool { return func() bool { _, err := x.m.Stat("/tell"); return err == nil }() })
					x.m.Kill(int(x.info("web").PID), syscall.SIGUSR1)
				}
				if took := x.over(); took < tt.least || took > tt.most {
					t.Errorf("the stop took %v, want %v to %v", took, tt.least, tt.most)
				}
				x.says(tt.says)
				x.empty()
			})
		})
	}
}

// A program that is restarted often has one post_start at a time, however long it takes.
func TestPostStartOfTheNextStart(t *testing.T) {
	load := deps(func(x *simulation) []config.Process {
		return []config.Process{x.plays("web", "pause", hooked("post_start", "ignore TERM; pause")), x.plays("other", "pause")}
	})
	simulatedWith(t, Run, func(*simulation) {}, load, func(x *simulation) {
		x.sleep(3 * time.Second)
		before := len(x.m.Processes())
		for range 3 {
			x.ask(control.Success, control.OpProcessStop, control.String("web"), waiting)
			x.ask(control.Success, control.OpProcessStart, control.String("web"), waiting)
			x.sleep(2 * time.Second)
		}
		x.says("web: post_start of the start before still runs; it is killed")
		if now := len(x.m.Processes()); now != before {
			t.Errorf("there are %d processes, want %d as after the first start", now, before)
		}
	})
}

// A pre_stop and its program that end in the same instant: nothing is sent to a number that is
// somebody else's by then. The machine looks after that.
func TestHookEndsWithItsProgram(t *testing.T) {
	for _, by := range []string{"stop", "restart", "the end"} {
		t.Run(by, func(t *testing.T) {
			simulatedWith(t, Run, func(*simulation) {}, deps(func(x *simulation) []config.Process {
				return []config.Process{x.plays("app", "sleep 5s; exit 0", hooked("pre_stop", "sleep 2s")), x.plays("other", "pause")}
			}), func(x *simulation) {
				x.sleep(3 * time.Second)
				switch by {
				case "stop":
					x.ask(control.Success, control.OpProcessStop, control.String("app"), control.Bool(true))
					x.is("app", control.Stopped)
				case "restart":
					x.ask(control.Success, control.OpProcessRestart, control.String("app"), control.Bool(true))
					x.is("app", control.Running)
				}
				x.signal(syscall.SIGTERM)
				x.ends(10*time.Second, 0)
			})
		})
	}
}
