package supervise

import (
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"slipway/supervise/config"
	"slipway/supervise/control"
	"slipway/supervise/kernel"
	"slipway/supervise/kernel/kerneltest"
)

// holding is simulated on a machine where programs have holders.
func holding(t *testing.T, mode Mode, load func(*simulation) *config.Config, test func(*simulation)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		x := simulate(t, mode, kerneltest.Settings{Holders: true}, load)
		x.during(func() { test(x) })
	})
}

// during does something while the supervisor runs, ends it, and finds nothing left.
func (x *simulation) during(test func()) {
	t := x.t
	x.done = make(chan struct{})
	if err := x.s.Begin(); err != nil {
		t.Fatal(err)
	}
	go func() { // ends with the supervisor, whose end is waited for below
		x.code = x.s.Run()
		close(x.done)
	}()
	defer func() {
		for range 3 {
			x.signal(syscall.SIGTERM)
		}
		x.over()
		if left := x.m.Processes(); len(left) > 0 {
			t.Errorf("left at the end: %v", left)
		}
		if t.Failed() {
			t.Logf("the log:\n%s", x.file("log"))
		}
	}()
	x.settle()
	test()
}

// main is the process of the machine that a program shows as its own.
func (x *simulation) main(name string) kerneltest.Info {
	x.t.Helper()
	pid := int(x.info(name).PID)
	for _, p := range x.m.Processes() {
		if p.PID == pid {
			return p
		}
	}
	x.t.Fatalf("%s shows pid %d, which is none", name, pid)
	return kerneltest.Info{}
}

// living is how many processes of the machine there are beside zombies.
func (x *simulation) living() (n int) {
	for _, p := range x.m.Processes() {
		if !p.Zombie {
			n++
		}
	}
	return n
}

func yes(p *config.Process) { p.Holder = config.HolderYes }
func no(p *config.Process)  { p.Holder = config.HolderNo }

func forking(p *config.Process) { p.Conduct = config.ConductForking }

func TestWhoHasAHolder(t *testing.T) {
	for _, tt := range []struct {
		name   string
		mode   Mode
		change []func(*config.Process)
		want   string
	}{
		{"in a container", Run, nil, "holder"},
		{"as supervisord", Daemon, nil, "marks"},
		{"as supervisord, asked for", Daemon, []func(*config.Process){yes}, "holder"},
		{"as supervisord, forking", Daemon, []func(*config.Process){forking}, "holder"},
		{"refused", Run, []func(*config.Process){no}, "marks"},
		{"forking, refused", Run, []func(*config.Process){no, forking}, "marks"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			holding(t, tt.mode, sole("web", "pause", tt.change...), func(x *simulation) {
				x.sleep(2 * time.Second)
				i := x.is("web", control.Running)
				if i.Level != tt.want || i.LevelWhy != "" {
					t.Errorf("level %q (%s), want %q", i.Level, i.LevelWhy, tt.want)
				}
				if held := x.m.Holder(int(i.PID)) != 0; held != (tt.want == "holder") {
					t.Errorf("has a holder: %v", held)
				}
				if p := x.main("web"); p.Path != "/bin/play" {
					t.Errorf("pid %d is %v, want the program's", i.PID, p)
				}
			})
		})
	}
	t.Run("delegated", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			x := simulate(t, Run, kerneltest.Settings{Holders: true, Cgroups: true}, sole("web", "fork (pause); pause"))
			x.during(func() {
				if i := x.is("web", control.Starting); i.Level != "cgroup" || i.LevelWhy != "" {
					t.Errorf("level %q (%s), want cgroup", i.Level, i.LevelWhy)
				}
				x.sleep(2 * time.Second)
			})
		})
	})
	t.Run("nowhere", func(t *testing.T) {
		simulated(t, Run, sole("web", "pause"), func(x *simulation) {
			if i := x.info("web"); i.Level != "marks" || i.LevelWhy == "" {
				t.Errorf("level %q (%s), want marks and why", i.Level, i.LevelWhy)
			}
		})
	})
	t.Run("a listener", func(t *testing.T) {
		holding(t, Run, func(x *simulation) *config.Config {
			cfg := x.config(0, x.plays("ears", "print 1 READY; pause", yes), x.plays("keeper", "pause"))
			cfg.Groups[0].Kind, cfg.Groups[0].BufferSize = config.KindListener, 10
			return cfg
		}, func(x *simulation) {
			if i := x.info("ears"); i.Level != "marks" {
				t.Errorf("level %q, want marks: it signals its parent", i.Level)
			}
		})
	})
}

func TestHeldStatusesArrive(t *testing.T) {
	for _, tt := range []struct {
		name, script, says string
	}{
		{"exit", "exit 7", "exited: job (exit status 7; not expected)"},
		{"signal", "raise KILL", "exited: job (terminated by SIGKILL; not expected)"},
		{"orphans before", "fork (fork (exit 3); exit 4); sleep 1s; exit 5", "exited: job (exit status 5; not expected)"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			holding(t, Run, sole("job", tt.script, never, startSecs(0)), func(x *simulation) {
				x.over()
				x.says(tt.says)
			})
		})
	}
}

func TestHeldFailures(t *testing.T) {
	t.Run("no format that is known", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			x := simulate(t, Run, kerneltest.Settings{Holders: true}, sole("bad", "", argv("/bin/garbage"), retries(0)))
			x.m.Put("/bin/garbage", "\x01", 0o755)
			x.done = make(chan struct{})
			if err := x.s.Begin(); err != nil {
				t.Fatal(err)
			}
			if code := x.s.Run(); code != 126 {
				t.Errorf("exit status %d, want 126", code)
			}
			x.says("spawnerr: couldn't exec /bin/garbage: ENOEXEC")
			x.says("gave up: bad entered FATAL state")
		})
	})
	t.Run("no process for the holder", func(t *testing.T) {
		holding(t, Run, sole("web", "pause"), func(x *simulation) {
			x.m.Fail("Hold", syscall.EAGAIN)
			x.ask(control.Success, control.OpProcessStop, control.String("web"), control.Bool(true))
			x.begin(control.OpProcessStart, control.String("web"), control.Bool(false))
			x.sleep(5 * time.Second)
			x.says("spawnerr: Too many processes in process table to spawn 'web'")
			x.is("web", control.Running)
		})
	})
	t.Run("no holder from now on", func(t *testing.T) {
		holding(t, Run, sole("web", "pause"), func(x *simulation) {
			x.m.Fail("Hold", kernel.NoHolder("noexec"))
			x.ask(control.Success, control.OpProcessStop, control.String("web"), control.Bool(true))
			x.begin(control.OpProcessStart, control.String("web"), control.Bool(false))
			x.sleep(5 * time.Second)
			if i := x.is("web", control.Running); i.Level != "marks" || i.LevelWhy != "noexec" {
				t.Errorf("level %q (%s), want marks (noexec)", i.Level, i.LevelWhy)
			}
		})
	})
}

func TestLauncherIsFollowed(t *testing.T) {
	for _, tt := range []struct {
		name, script string
		how          string // the main process is found; "" for none
	}{
		{"setsid at once", "fork (setsid; pause)", "the session leader"},
		{"setsid after a while", "fork (sleep 50ms; setsid; pause)", "the oldest"},
		{"in the background", "fork (pause); exit 0", "the oldest"},
		{"double fork", "fork (setsid; fork (pause); exit 0); await; exit 0", "the oldest"},
		{"double fork, nobody waits", "fork (setsid; fork (pause); exit 0)", "the oldest"},
		{"the leader among others", "fork (pause); fork (setsid; pause); sleep 10ms", "the session leader"},
		{"after startsecs", "sleep 5s; fork (setsid; pause)", "the session leader"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			holding(t, Run, sole("daemon", tt.script), func(x *simulation) {
				x.sleep(10 * time.Second)
				x.is("daemon", control.Running)
				x.says("went into the background as pid ")
				x.says("(" + tt.how + ")")
				if n := x.m.Spawns(); n != 1 {
					t.Errorf("%d starts, want 1", n)
				}
				pid := int(x.info("daemon").PID)
				if p := x.main("daemon"); p.Zombie || x.m.Holder(pid) == 0 {
					t.Errorf("pid is %v, want a descendant", p)
				}
				x.ask(control.Success, control.OpProcessStop, control.String("daemon"), control.Bool(true))
				x.says("stopped: daemon (terminated by SIGTERM)")
				if n := x.living(); n > 0 {
					t.Errorf("%d processes are left: %v", n, x.m.Processes())
				}
				if n := x.count("with SIGKILL"); n > 0 {
					t.Errorf("killed %d times", n)
				}
			})
		})
	}
}

// What wipes its environment carries no marks.
func TestStraysOfEveryMake(t *testing.T) {
	const stray = "fork (setsid; fork (setsid; ignore TERM; pause); pause); fork (setpgid; pause); "
	for _, tt := range []struct {
		name, script string
		stop         bool
	}{
		{"stop", stray + "pause", true},
		{"crash", stray + "sleep 2s; exit 3", false},
		{"crash at once", stray + "exit 3", false},
		{"deaf", stray + "ignore TERM; pause", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			holding(t, Run, func(x *simulation) *config.Config {
				return x.config(time.Minute, x.plays("web", tt.script, never, retries(0), fatalIgnored), x.plays("keeper", "pause"))
			}, func(x *simulation) {
				x.sleep(time.Second + 500*time.Millisecond)
				if tt.stop {
					x.ask(control.Success, control.OpProcessStop, control.String("web"), control.Bool(true))
				}
				x.sleep(time.Minute)
				if n := x.living(); n != 2 {
					t.Errorf("%d processes, want keeper and its holder: %v", n, x.m.Processes())
				}
				if !tt.stop { // what a stop ends was not left
					x.says("web left descendants behind")
				}
			})
		})
	}
}

func fatalIgnored(p *config.Process) { p.OnFatal = config.OnFatalIgnore }

// Orphans of a program that lives are its own business.
func TestOrphansOfTheLivingStay(t *testing.T) {
	holding(t, Run, sole("web", "fork (fork (setsid; pause); exit 0); await; pause"), func(x *simulation) {
		x.sleep(time.Minute)
		if n := x.living(); n != 3 {
			t.Errorf("%d processes, want web, its orphan and its holder: %v", n, x.m.Processes())
		}
		x.ask(control.Success, control.OpProcessStop, control.String("web"), control.Bool(true))
		if n := x.living(); n != 0 {
			t.Errorf("%d processes are left: %v", n, x.m.Processes())
		}
	})
}

func TestStraysThatAreKept(t *testing.T) {
	keep := func(p *config.Process) { p.Strays = config.StraysKeep }
	holding(t, Run, func(x *simulation) *config.Config {
		return x.config(time.Minute, x.plays("web", "fork (setsid; pause); sleep 2s; exit 3", never, keep), x.plays("keeper", "pause"))
	}, func(x *simulation) {
		x.sleep(2500 * time.Millisecond)
		x.is("web", control.Exited)
		if n := x.living(); n != 3 {
			t.Errorf("%d processes, want the stray, keeper and its holder: %v", n, x.m.Processes())
		}
	})
}

// A holder that is killed costs its program nothing but the level.
func TestKilledHolder(t *testing.T) {
	for _, tt := range []struct {
		name, script string
		says         string
	}{
		{"while the program runs", "sleep 4s; exit 3", "exited: web (exit status 3; not expected)"},
		{"of a daemon", "fork (setsid; sleep 4s; exit 3)", "exited: web (exit status 3; not expected)"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			holding(t, Run, func(x *simulation) *config.Config {
				return x.config(time.Minute, x.plays("web", tt.script, never), x.plays("keeper", "pause"))
			}, func(x *simulation) {
				x.sleep(2 * time.Second)
				before := x.is("web", control.Running)
				if err := x.m.KillFrom(0, x.m.Holder(int(before.PID)), syscall.SIGKILL); err != nil {
					t.Fatal(err)
				}
				x.settle()
				after := x.is("web", control.Running)
				if after.PID != before.PID || after.Level != "marks" || after.LevelWhy != "its holder was killed" {
					t.Errorf("afterwards %+v, want pid %d and the level marks", after, before.PID)
				}
				x.sleep(4 * time.Second)
				x.says(tt.says)
				if n := x.m.Spawns(); n != 2 {
					t.Errorf("%d starts, want 2", n)
				}
			})
		})
	}
	t.Run("with its program", func(t *testing.T) {
		holding(t, Run, sole("web", "pause", startSecs(0)), func(x *simulation) {
			x.sleep(2 * time.Second)
			pid := int(x.info("web").PID)
			h := x.m.Holder(pid)
			x.m.After(0, func() {
				x.m.KillFrom(0, pid, syscall.SIGQUIT)
				x.m.KillFrom(0, h, syscall.SIGKILL)
			})
			x.sleep(2 * time.Second)
			x.says("exited: web (terminated by SIGQUIT; not expected)")
			if text := x.file("log"); strings.Contains(text, "reaped unknown") {
				t.Error("its status was nobody's")
			}
		})
	})
}

// What a program sends to its parent is for the supervisor, once.
func TestSignalToAHolder(t *testing.T) {
	holding(t, Run, func(x *simulation) *config.Config {
		return x.config(time.Minute, x.plays("web", "pause"), x.plays("other", "pause"))
	}, func(x *simulation) {
		x.sleep(2 * time.Second)
		for _, name := range []string{"web", "other"} {
			if err := x.m.KillFrom(0, x.m.Holder(int(x.info(name).PID)), syscall.SIGQUIT); err != nil {
				t.Fatal(err)
			}
		}
		x.ends(time.Second, 0)
		if n := x.count("received SIGQUIT"); n != 1 {
			t.Errorf("%d signals, want 1", n)
		}
	})
}

// What cannot be killed is said, and counts as long as it is there.
func TestWhatIsLeftIsSaid(t *testing.T) {
	holding(t, Run, func(x *simulation) *config.Config {
		return x.config(time.Minute, x.plays("web", "fork (setsid; deep 30s); fork (setsid; pause); pause", stopWait(time.Second)), x.plays("keeper", "pause"))
	}, func(x *simulation) {
		x.sleep(2 * time.Second)
		stop := x.begin(control.OpProcessStop, control.String("web"), control.Bool(true))
		x.sleep(10 * time.Second)
		x.is("web", control.Stopping)
		x.says("web: 1 left that SIGKILL has not ended")
		if x.clients[0].receive(t); stop.answer == nil || stop.answer.Fault == nil {
			t.Errorf("the stop was answered with %+v, want that it is still there", stop.answer)
		}
		x.sleep(30 * time.Second)
		x.is("web", control.Stopped)
		if n := x.living(); n != 2 {
			t.Errorf("%d processes, want keeper and its holder: %v", n, x.m.Processes())
		}
	})
}
