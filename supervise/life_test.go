package supervise

import (
	"strconv"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"slipway/supervise/config"
	"slipway/supervise/kernel/kerneltest"
)

func argv(words ...string) func(*config.Process) {
	return func(p *config.Process) { p.Argv = words }
}

func TestExitStatus(t *testing.T) {
	no := retries(0)
	for _, tt := range []struct {
		name string
		list func(x *simulation) []config.Process
		want int
		says string
	}{
		{"exit 7, on_exit", one("job", "exit 7", onExitShutdown, startSecs(0)), 7, "exited: job (exit status 7; not expected)"},
		{"killed, on_exit", one("job", "raise KILL", onExitShutdown, startSecs(0)), 137, "exited: job (terminated by SIGKILL; not expected)"},
		{"exit 3, no more", func(x *simulation) []config.Process {
			return []config.Process{x.plays("job", "exit 3", never, startSecs(0)), x.plays("fine", "exit 0", never, startSecs(0))}
		}, 3, "nothing is left to run, and job has failed"},
		{"exit 0, no more", one("job", "exit 0", never, startSecs(0)), 0, "nothing is left to run"},
		{"no program", func(*simulation) []config.Process { return nil }, 0, "there is no program to run"},
		{"not found", one("ghost", "", argv("/no/such"), no), 127, "can't find command '/no/such'"},
		{"not executable", one("ghost", "", argv("/etc/passwd"), no), 126, "command at '/etc/passwd' is not executable"},
		{"fails at once", one("bad", "print 2 it is broken; exit 9", no), 9, "bad: last output: it is broken"},
		{"quick", one("quick", "exit 42", onExitShutdown, startSecs(0)), 42, "exited: quick (exit status 42; not expected)"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			simulatedWith(t, Run, func(x *simulation) {
				x.m.Put("/etc/passwd", "root:x:0:0::/root:/bin/sh\n", 0o644)
			}, func(x *simulation) *config.Config { return x.config(0, tt.list(x)...) }, func(x *simulation) {
				x.ends(10*time.Second, tt.want)
				x.says(tt.says)
			})
		})
	}
}

// one is a configuration of one program.
func one(name, script string, change ...func(*config.Process)) func(*simulation) []config.Process {
	return func(x *simulation) []config.Process { return []config.Process{x.plays(name, script, change...)} }
}

// sole is one as what simulated wants.
func sole(name, script string, change ...func(*config.Process)) func(*simulation) *config.Config {
	return func(x *simulation) *config.Config { return x.config(9*time.Second, x.plays(name, script, change...)) }
}

// The command after -- is the program "main", and its status that of the container.
func TestMainProgram(t *testing.T) {
	simulatedWith(t, Run, func(x *simulation) { x.s.opts.Main = []string{"/bin/play", "print 1 hello; exit 5"} },
		func(x *simulation) *config.Config { return x.config(0) },
		func(x *simulation) {
			x.ends(10*time.Second, 5)
			if got := x.m.Output(1); got != "hello\n" {
				t.Errorf("standard output has %q, want what main has printed", got)
			}
		})
}

func TestOrderedStopEndsWith0(t *testing.T) {
	for _, mode := range []Mode{Run, Daemon} {
		for _, sig := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT, syscall.SIGQUIT} {
			t.Run(mode.String()+" "+sig.String(), func(t *testing.T) {
				simulated(t, mode, sole("sleep", "pause"), func(x *simulation) {
					x.sleep(2 * time.Second)
					x.signal(sig)
					x.ends(time.Second, 0)
					x.says("stopped: sleep (terminated by SIGTERM)")
				})
			})
		}
	}
}

func TestFatalProgramDoesNotEndADaemon(t *testing.T) {
	simulated(t, Daemon, sole("bad", "exit 9", retries(0)), func(x *simulation) {
		x.sleep(time.Minute)
		x.says("gave up: bad entered FATAL state, too many start retries too quickly")
		x.signal(syscall.SIGTERM)
		x.ends(time.Second, 0)
	})
}

func TestStopOrderIsReversePriority(t *testing.T) {
	simulated(t, Run, func(x *simulation) *config.Config {
		var list []config.Process
		for i, name := range []string{"low", "mid", "high"} {
			p := x.plays(name, "on TERM (sleep 200ms; print 1 "+name+"; exit 0); pause", priority(i+1))
			p.Stdout = config.Output{Logfile: x.path("stops")}
			list = append(list, p)
		}
		return x.config(9*time.Second, list...)
	}, func(x *simulation) {
		x.sleep(2 * time.Second)
		x.signal(syscall.SIGTERM)
		x.ends(time.Second, 0)
		if got, want := x.file("stops"), "high\nmid\nlow\n"; got != want {
			t.Errorf("stopped in the order %q, want %q", got, want)
		}
	})
}

func TestDependsOnWaits(t *testing.T) {
	simulated(t, Run, func(x *simulation) *config.Config {
		return x.config(9*time.Second, x.plays("app", "pause", dependsOn("db")), x.plays("db", "pause", priority(1000)))
	}, func(x *simulation) {
		x.says("holding app until db is up")
		x.sleep(3 * time.Second)
		x.says("success: app entered RUNNING state")
		if text := x.file("log"); strings.Index(text, "success: db") > strings.Index(text, "spawned: 'app'") {
			t.Errorf("app was started before db was RUNNING")
		}
		x.signal(syscall.SIGTERM)
		x.ends(time.Second, 0)
		text := x.file("log")
		if app, db := strings.Index(text, "stopped: app"), strings.Index(text, "stopped: db"); app < 0 || db < app {
			t.Errorf("app must be stopped before what it depends on")
		}
	})
}

func TestDependsOnCycleIsRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x := simulate(t, Run, kerneltest.Settings{}, func(x *simulation) *config.Config {
			return x.config(0, x.plays("a", "pause", dependsOn("b")), x.plays("b", "pause", dependsOn("c")), x.plays("c", "pause", dependsOn("a")))
		})
		const want = "programs wait for each other: a -> b -> c -> a"
		if err := x.s.Begin(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %s", err, want)
		}
		if n := x.m.Spawns(); n != 0 {
			t.Errorf("%d programs were started", n)
		}
	})
}

// F15, and the pauses between the starts.
func TestF15ProgramExits0AtOnce(t *testing.T) {
	simulated(t, Daemon, sole("brief", "print 1 run; exit 0", never), func(x *simulation) {
		x.sleep(time.Minute)
		x.says("gave up: brief entered FATAL state")
		if n := strings.Count(x.file("brief.log"), "run"); n != 4 {
			t.Errorf("%d starts, want startretries + 1 = 4", n)
		}
		x.signal(syscall.SIGTERM)
		x.ends(time.Second, 0)
	})
}

// 500 children die at the same moment. Not one status is lost.
func TestF22ManyDeathsAtOnceSimulated(t *testing.T) {
	const n = 500
	simulated(t, Run, func(x *simulation) *config.Config {
		cfg := x.config(9 * time.Second)
		g := config.Group{Name: "all", Priority: 999}
		for i := range n {
			p := x.plays("p"+strconv.Itoa(i), "sleep 30m; exit 7", never, startSecs(0))
			p.Group, p.Stdout, p.OnFatal = "all", config.Output{}, config.OnFatalShutdown
			g.Processes = append(g.Processes, p)
		}
		cfg.Groups = append(cfg.Groups, g)
		cfg.Supervisord.Loglevel = config.LevelInfo
		return cfg
	}, func(x *simulation) {
		x.ends(2*time.Hour, 7)
		if got := x.count("(exit status 7; not expected)"); got != n {
			t.Errorf("%d statuses of 7, want %d", got, n)
		}
	})
}

const deaf = "ignore TERM; pause"

func TestF1ProgramIgnoresTERM(t *testing.T) {
	simulated(t, Daemon, sole("deaf", deaf, stopWait(time.Second)), func(x *simulation) {
		x.sleep(2 * time.Second)
		x.signal(syscall.SIGTERM)
		if took := x.over(); took != time.Second || x.code != 0 {
			t.Errorf("ended with %d after %v, want 0 after its stopwaitsecs of 1 s", x.code, took)
		}
		x.says("killing 'deaf' (")
		x.says("stopped: deaf (terminated by SIGKILL)")
	})
}

// deafWithBudget would wait for an hour, in a container that has 5 s.
func deafWithBudget(x *simulation) *config.Config {
	return x.config(5*time.Second, x.plays("deaf", deaf, stopWait(time.Hour)))
}

func TestF2BudgetIsShorterThanTheWait(t *testing.T) {
	simulated(t, Run, deafWithBudget, func(x *simulation) {
		x.sleep(2 * time.Second)
		x.signal(syscall.SIGTERM)
		if took := x.over(); took != 5*time.Second-sweepReserve || x.code != 0 {
			t.Errorf("ended with %d after %v, want 0 after the budget, but for what is left behind", x.code, took)
		}
		x.says("killing 'deaf' (")
	})
}

func TestF45SecondAndThirdSignal(t *testing.T) {
	t.Run("second shortens", func(t *testing.T) {
		simulated(t, Run, deafWithBudget, func(x *simulation) {
			x.sleep(2 * time.Second)
			x.signal(syscall.SIGTERM)
			x.signal(syscall.SIGINT)
			if took := x.over(); took != hurry || x.code != 0 {
				t.Errorf("ended with %d after %v, want 0 after %v", x.code, took, hurry)
			}
		})
	})
	t.Run("third kills", func(t *testing.T) {
		simulated(t, Run, deafWithBudget, func(x *simulation) {
			x.sleep(2 * time.Second)
			for _, sig := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT, syscall.SIGQUIT} {
				x.signal(sig)
			}
			if took := x.over(); took > hurry/2 || x.code != 0 {
				t.Errorf("ended with %d after %v, want 0 at once", x.code, took)
			}
		})
	})
}
