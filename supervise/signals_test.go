package supervise

import (
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"

	"slipway/supervise/config"
	"slipway/supervise/signals"
)

// prints is a script that prints each of these signals when it comes, and goes on.
func prints(signals ...string) string {
	var b strings.Builder
	for _, s := range signals {
		fmt.Fprintf(&b, "on %s (print 1 %s); ", s, s)
	}
	return b.String() + "pause"
}

// command makes the supervisor one of slipway run -- COMMAND, the script being the command.
func command(script string) func(*simulation) {
	return func(x *simulation) { x.runs("/bin/play", script) }
}

// runs makes a new supervisor, of slipway run -- COMMAND.
func (x *simulation) runs(words ...string) {
	opts := x.s.opts
	opts.Main = words
	x.s = New(opts)
}

// alone is a configuration without a program, changed.
func alone(change ...func(*config.Slipway)) func(*simulation) *config.Config {
	return func(x *simulation) *config.Config {
		cfg := x.config(9 * time.Second)
		for _, c := range change {
			c(&cfg.Slipway)
		}
		return cfg
	}
}

func stopSignals(list ...int) func(*config.Slipway) {
	return func(c *config.Slipway) { c.StopSignals = list }
}

func routes(text string) func(*config.Slipway) {
	return func(c *config.Slipway) { c.Signals, _ = signals.ParseRoutes(strings.Split(text, ",")) }
}

// TestSoleCommandGetsEverySignal is what tini and dumb-init do: only CHLD is ours.
func TestSoleCommandGetsEverySignal(t *testing.T) {
	var names []string
	for n := 1; n <= 64; n++ {
		switch s := syscall.Signal(n); s {
		case syscall.SIGKILL, syscall.SIGSTOP, syscall.SIGCHLD, syscall.SIGCONT:
		default:
			names = append(names, signals.Name(n))
		}
	}
	simulatedWith(t, Run, command(prints(names...)), alone(), func(x *simulation) {
		var want strings.Builder
		for range 2 { // a second TERM shortens nothing, a third kills nothing
			for _, name := range names {
				n, _ := signals.Number(name)
				x.signal(syscall.Signal(n))
				x.sleep(time.Second)
				want.WriteString(name + "\n")
			}
		}
		x.signal(syscall.SIGCHLD)
		x.sleep(time.Minute)
		if got := x.m.Output(1); got != want.String() {
			t.Errorf("got %q, want %q", got, want.String())
		}
		x.m.KillFrom(0, x.pidOf("main"), syscall.SIGKILL)
		x.ends(time.Second, 137)
	})
}

func TestSoleCommandEndsByItsSignal(t *testing.T) {
	for _, row := range []struct {
		name   string
		script string
		sig    syscall.Signal
		want   int
	}{
		{"by TERM", "pause", syscall.SIGTERM, 143},
		{"by QUIT", "pause", syscall.SIGQUIT, 131},
		{"by HUP", "pause", syscall.SIGHUP, 129},
		{"by a real-time signal", "pause", 36, 164},
		{"with a status of its own", "on QUIT (exit 3); pause", syscall.SIGQUIT, 3},
		{"with 0", "on TERM (sleep 20s; exit 0); pause", syscall.SIGTERM, 0}, // longer than stop_budget: it is its own end
	} {
		t.Run(row.name, func(t *testing.T) {
			simulatedWith(t, Run, command(row.script), alone(), func(x *simulation) {
				x.signal(row.sig)
				x.ends(time.Minute, row.want)
			})
		})
	}
}

// What is stopped by hand, or is stopping, has no use for signals.
func TestSoleCommandThatIsStopping(t *testing.T) {
	simulatedWith(t, Run, command("on TERM (print 1 TERM); pause"), alone(), func(x *simulation) {
		x.s.shutdown(ending{}, false)
		x.settle()
		x.signal(syscall.SIGTERM)
		x.signal(syscall.SIGTERM)
		x.signal(syscall.SIGTERM)
		x.ends(time.Second, 0)
	})
}

func TestCommandBesideOthersIsNotAlone(t *testing.T) {
	simulatedWith(t, Run, command(prints("USR1")), sole("web", "pause"), func(x *simulation) {
		x.signal(syscall.SIGUSR1)
		x.signal(syscall.SIGTERM)
		x.ends(time.Second, 0)
		if got := x.m.Output(1); got != "" {
			t.Errorf("main got %q, want nothing", got)
		}
	})
}

func TestStopSignals(t *testing.T) {
	set := func(x *simulation) *config.Config {
		cfg := sole("web", prints("USR1"))(x)
		cfg.Slipway.StopSignals = []int{int(syscall.SIGUSR1), 37}
		return cfg
	}
	for _, mode := range []Mode{Run, Daemon} {
		for _, sig := range []syscall.Signal{syscall.SIGUSR1, 37} {
			t.Run(fmt.Sprint(mode, int(sig)), func(t *testing.T) {
				simulated(t, mode, set, func(x *simulation) {
					x.sleep(2 * time.Second)
					x.signal(syscall.SIGTERM) // is none
					x.sleep(time.Minute)
					x.signal(sig)
					x.ends(time.Second, 0)
					x.says("stopped: web (terminated by SIGTERM)")
					x.s.cfg.Slipway.StopSignals = []int{15}
				})
			})
		}
	}
	t.Run("of a command that is alone", func(t *testing.T) {
		simulatedWith(t, Run, command(prints("TERM")), alone(stopSignals(int(syscall.SIGWINCH), 15)), func(x *simulation) {
			x.signal(syscall.SIGTERM) // as every other signal
			x.sleep(time.Second)
			x.signal(syscall.SIGWINCH) // an ordered stop
			x.ends(20*time.Second, 0)
			x.says("killing 'main'")
		})
	})
}

func TestSignalsArePassedOn(t *testing.T) {
	pass := func(x *simulation) *config.Config {
		cfg := x.config(9*time.Second, x.plays("web", prints("HUP", "USR1")), x.plays("nginx", prints("HUP", "QUIT")), x.plays("off", "pause"))
		cfg.Groups[2].Processes[0].Autostart = false
		routes("HUP:web,USR2:nginx=HUP,RTMIN+1:web=USR1,RTMIN+1:nginx=QUIT,ALRM:off,TERM:web=USR1")(&cfg.Slipway)
		return cfg
	}
	for _, mode := range []Mode{Run, Daemon} {
		t.Run(mode.String(), func(t *testing.T) {
			simulated(t, mode, pass, func(x *simulation) {
				x.sleep(2 * time.Second)
				x.signal(syscall.SIGHUP) // is no reload any more
				x.printed("web", "HUP\n")
				x.signal(syscall.SIGUSR2)
				x.printed("nginx", "HUP\n")
				x.signal(35)
				x.printed("web", "HUP\nUSR1\n")
				x.printed("nginx", "HUP\nQUIT\n")
				x.signal(syscall.SIGALRM)
				x.says("received SIGALRM for off, which is not running")
				x.says("passed SIGUSR2 as SIGHUP on to nginx (pid ")
				x.says("passed SIGRTMIN+1 as SIGUSR1 on to web (pid ")
				if strings.Contains(x.file("log"), "restart request") {
					t.Error("HUP was a reload all the same")
				}
				x.signal(syscall.SIGTERM) // a stop signal comes first
				x.ends(time.Second, 0)
			})
		})
	}
}

func TestSignalsRewrittenForACommand(t *testing.T) {
	simulatedWith(t, Run, command(prints("QUIT", "HUP", "USR1")), alone(routes("TERM:main=QUIT,HUP:main")), func(x *simulation) {
		for _, sig := range []syscall.Signal{syscall.SIGTERM, syscall.SIGHUP, syscall.SIGUSR1} {
			x.signal(sig)
			x.sleep(time.Second)
		}
		if got, want := x.m.Output(1), "QUIT\nHUP\nUSR1\n"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
		x.m.KillFrom(0, x.pidOf("main"), syscall.SIGKILL)
		x.ends(time.Second, 137)
	})
}

func TestSignalWithoutMeaningIsSaidOnce(t *testing.T) {
	const text = "received SIGRTMIN+3, which has no meaning here (in [slipway], stop_signals = TERM, INT, QUIT, RTMIN+3 lets it end the container, signals = RTMIN+3:PROGRAM passes it on)"
	for _, row := range []struct {
		mode Mode
		want int
	}{{Run, 1}, {Daemon, 0}} {
		t.Run(row.mode.String(), func(t *testing.T) {
			simulated(t, row.mode, sole("web", "pause"), func(x *simulation) {
				for range 3 {
					x.signal(37)
					x.signal(syscall.SIGCONT)
					x.signal(syscall.SIGWINCH)
				}
				log := x.file("log")
				if got := strings.Count(log, text); got != row.want {
					t.Errorf("it was said %d times, want %d", got, row.want)
				}
				if got := strings.Count(log, "has no meaning"); got != 2*row.want { // WINCH, too: nobody has a terminal
					t.Errorf("%d lines, want %d", got, 2*row.want)
				}
			})
		})
	}
}

// A person who starts a shell sees the shell, and what went wrong.
func TestSoleCommandIsSilent(t *testing.T) {
	quiet := func(level config.Loglevel, given bool) func(x *simulation) *config.Config {
		return func(x *simulation) *config.Config {
			cfg := x.config(9 * time.Second)
			cfg.Supervisord.Loglevel, cfg.Supervisord.LoglevelGiven = level, given
			return cfg
		}
	}
	for _, row := range []struct {
		name   string
		script string
		load   func(x *simulation) *config.Config
		want   int
		says   string
		silent bool
	}{
		{"nothing", "exit 3", quiet(config.LevelInfo, false), 3, "", true},
		{"what was asked for", "exit 3", quiet(config.LevelInfo, true), 3, "exited: main (exit status 3; not expected)", false},
	} {
		t.Run(row.name, func(t *testing.T) {
			simulatedWith(t, Run, command(row.script), row.load, func(x *simulation) {
				x.ends(time.Minute, row.want)
				if x.says(row.says); row.silent && x.file("log") != "" {
					t.Errorf("the log has %q", x.file("log"))
				}
			})
		})
	}
	t.Run("why it does not start", func(t *testing.T) {
		simulatedWith(t, Run, func(x *simulation) { x.runs("/no/such") }, quiet(config.LevelInfo, false), func(x *simulation) {
			x.ends(time.Minute, 127)
			x.says("can't find command '/no/such'")
		})
	})
}

// A listener ends the supervisor as Supervisor's documentation has it: kill -s QUIT $PPID.
func TestQuitFromAListener(t *testing.T) {
	for _, mode := range []Mode{Run, Daemon} {
		t.Run(mode.String(), func(t *testing.T) {
			simulated(t, mode, sole("web", "pause"), func(x *simulation) {
				x.sleep(2 * time.Second)
				x.m.KillFrom(0, 1, syscall.SIGQUIT)
				x.ends(time.Second, 0)
			})
		})
	}
}

// pidOf is the process of a program.
func (x *simulation) pidOf(program string) int {
	p := x.s.table.Find(program, program)
	if p == nil {
		x.t.Fatalf("there is no %s", program)
	}
	return p.Life.PID
}
