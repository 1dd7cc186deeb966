package supervise

import (
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"slipway/supervise/config"
	"slipway/supervise/control"
	"slipway/supervise/kernel"
	"slipway/supervise/kernel/kerneltest"
)

// hear is an event listener that writes the events to its standard error.
func hear(p *kerneltest.Process) {
	for {
		p.Print(1, "READY\n")
		header, err := p.ReadLine(0)
		if err != nil {
			return
		}
		_, length, _ := strings.Cut(header, " len:")
		n, _ := strconv.Atoi(length)
		event := make([]byte, n)
		for done := 0; done < n; {
			more, err := p.Read(0, event[done:])
			if err != nil {
				return
			}
			done += more
		}
		p.Print(2, string(event)+"\n")
		p.Print(1, "RESULT 2\nOK")
	}
}

// How a process has ended is in the log, in status and in events; as supervisord the log and
// the events are the original's.
func TestHowItEnded(t *testing.T) {
	stop := func(x *simulation) {
		x.ask(control.Success, control.OpProcessStop, control.String("app"), control.Bool(true))
	}
	for _, tt := range []struct {
		name, script string
		change       []func(*config.Process)
		end          func(x *simulation)
		want         control.ProcessInfo // Signal, Core, Cause, Why, LastStatus, SpawnError
		log, event   string
		original     string // log as supervisord, if it differs
	}{
		{"exit", "sleep 1500ms; exit 3", nil, nil, control.ProcessInfo{LastStatus: 3, SpawnError: "Bad exit code 3"},
			"WARN exited: app (exit status 3; not expected)", "from_state:RUNNING expected:0 pid:3 exitstatus:3", ""},
		{"signal", "sleep 1500ms; raise SEGV", nil, nil, control.ProcessInfo{Signal: 11, SpawnError: "terminated by SIGSEGV"},
			"WARN exited: app (terminated by SIGSEGV; not expected)", "pid:3 signal:11 core:0", ""},
		{"core", "pause", nil, func(x *simulation) { x.m.End(3, kernel.Exit{Signal: 6, Core: true}) },
			control.ProcessInfo{Signal: 6, Core: true, SpawnError: "terminated by SIGABRT (core dumped)"},
			"WARN exited: app (terminated by SIGABRT (core dumped); not expected)", "pid:3 signal:6 core:1", ""},
		{"memory limit", "pause", nil, func(x *simulation) { x.m.OutOfMemory(3) },
			control.ProcessInfo{Signal: 9, Cause: "memory", SpawnError: "terminated by SIGKILL by the memory limit"},
			"WARN exited: app (terminated by SIGKILL by the memory limit; not expected)", "pid:3 signal:9 core:0 cause:memory",
			"WARN exited: app (terminated by SIGKILL; not expected)"},
		{"killed by somebody", "pause", nil, func(x *simulation) { x.m.End(3, kernel.Exit{Signal: 9}) },
			control.ProcessInfo{Signal: 9, SpawnError: "terminated by SIGKILL"}, "WARN exited: app (terminated by SIGKILL; not expected)", "signal:9 core:0\n", ""},
		{"stop", "pause", nil, stop, control.ProcessInfo{Signal: 15, Cause: "stop"}, "stopped: app (terminated by SIGTERM)", "pid:3 signal:15 core:0 cause:stop", ""},
		{"kill", "ignore TERM; pause", nil, stop, control.ProcessInfo{Signal: 9, Cause: "kill"}, "WARN stopped: app (terminated by SIGKILL)", "signal:9 core:0 cause:kill", ""},
		{"ready", "pause", []func(*config.Process){ready("file:/ok", 1200*time.Millisecond)}, nil,
			control.ProcessInfo{Signal: 15, Cause: "ready", Why: "not ready within 1.2s, the last answer: there is no file", SpawnError: "not ready within 1.2s, the last answer: there is no file"},
			"WARN stopped: app (terminated by SIGTERM) because it was not ready: not ready within 1.2s", "from_state:STOPPING tries:1 signal:15 core:0 cause:ready",
			"WARN exited: app (terminated by SIGTERM; not expected)"},
		{"health", "pause", []func(*config.Process){healthProbe("file:/ok", config.HealthRestart)}, nil,
			control.ProcessInfo{Signal: 15, Cause: "health", Why: "2 health checks have failed in a row, the last: there is no file", SpawnError: "2 health checks have failed in a row, the last: there is no file"},
			"WARN stopped: app (terminated by SIGTERM) because it was unhealthy: 2 health checks have failed in a row", "signal:15 core:0 cause:health",
			"WARN exited: app (terminated by SIGTERM; not expected)"},
	} {
		for _, mode := range []Mode{Run, Daemon} {
			t.Run(tt.name+" "+mode.String(), func(t *testing.T) {
				simulatedWith(t, mode, func(x *simulation) {
					probesFor("/ok")(x)
					x.m.Install("/bin/hear", hear)
				}, func(x *simulation) *config.Config {
					listener := x.program("heard", "/bin/hear")
					listener.Stderr.Logfile = x.path("heard")
					cfg := x.listening("PROCESS_STATE", config.DefaultHandler, listener, x.plays("app", tt.script, append(tt.change, never, growing, ignoreFatal)...))
					cfg.Groups = append(cfg.Groups, x.config(0, x.plays("other", "pause")).Groups...)
					return cfg
				}, func(x *simulation) {
					x.sleep(1100 * time.Millisecond)
					if tt.end != nil {
						tt.end(x)
					}
					x.sleep(500 * time.Millisecond)
					i := x.info("app")
					want := tt.want
					log := tt.log
					if mode == Daemon {
						if want.Signal != 0 && want.Why == "" && want.SpawnError != "" {
							want.SpawnError = "Bad exit code -1"
						}
						if tt.original != "" {
							log = tt.original
						}
					}
					got := control.ProcessInfo{Signal: i.Signal, Core: i.Core, Cause: i.Cause, Why: i.Why, LastStatus: i.LastStatus, SpawnError: i.SpawnError}
					if got != want {
						t.Errorf("got  %+v\nwant %+v", got, want)
					}
					x.says(log)
					heard := x.file("heard")
					if has := strings.Contains(heard, tt.event); has != (mode == Run) {
						t.Errorf("events with %q: %v\n%s", tt.event, has, heard)
					}
				})
			})
		}
	}
}

// More processes killed than those that we know of: that is said as well.
func TestMemoryLimitKillsOthers(t *testing.T) {
	simulated(t, Run, sole("app", "fork (pause); pause"), func(x *simulation) {
		x.sleep(2 * time.Second)
		x.m.OutOfMemory(3)
		x.m.OutOfMemory(2)
		x.sleep(time.Second)
		x.says("the memory limit has killed 1 more processes of this container")
		x.says("exited: app (terminated by SIGKILL by the memory limit; not expected)")
	})
}

// A program that SIGSTOP has stopped is shown as such, until it goes on.
func TestPausedIsShown(t *testing.T) {
	simulated(t, Run, sole("app", "pause"), func(x *simulation) {
		x.sleep(2 * time.Second)
		for _, tt := range []struct {
			signal string
			want   bool
		}{{"STOP", true}, {"CONT", false}} {
			x.ask(control.Success, control.OpProcessSignal, control.String("app"), control.String(tt.signal))
			x.sleep(time.Second)
			if i := x.is("app", control.Running); i.Paused != tt.want {
				t.Errorf("after SIG%s: paused %v", tt.signal, i.Paused)
			}
		}
		x.signal(syscall.SIGTERM)
		x.ends(time.Second, 0)
	})
}
