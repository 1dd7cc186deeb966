package supervise

import (
	"strings"
	"syscall"
	"testing"
	"time"

	"slipway/supervise/config"
	"slipway/supervise/control"
)

// orphaning is a program that leaves n orphans, which end after a second.
func orphaning(x *simulation, n int) config.Process {
	return x.playing("web", strings.Repeat("fork (fork (setsid; sleep 1s)); await; ", n)+"pause")
}

// A burst of orphans is a sum; the next burst begins anew. As supervisord, and for whoever
// asks for every detail, each is a line.
func TestOrphansAreSummedUp(t *testing.T) {
	const n = 500
	for _, row := range []struct {
		name  string
		mode  Mode
		level config.Loglevel
		lines int
		sums  int
	}{
		{"container", Run, config.LevelInfo, 0, 1},
		{"debug", Run, config.LevelDebug, n, 0},
		{"supervisord", Daemon, config.LevelInfo, n, 0},
	} {
		t.Run(row.name, func(t *testing.T) {
			simulated(t, row.mode, func(x *simulation) *config.Config {
				cfg := x.config(0, orphaning(x, n))
				cfg.Supervisord.Loglevel = row.level
				return cfg
			}, func(x *simulation) {
				burst := func(nth int) {
					t.Helper()
					x.sleep(time.Minute)
					if got := x.count("reaped unknown pid "); got != nth*row.lines {
						t.Errorf("%d lines after burst %d, want %d", got, nth, nth*row.lines)
					}
					if got := x.count("reaped 500 unknown processes in 10s"); got != nth*row.sums {
						t.Errorf("%d sums after burst %d, want %d", got, nth, nth*row.sums)
					}
				}
				burst(1)
				x.ask(control.Success, control.OpProcessRestart, control.String("web"), waiting)
				burst(2)
			})
		})
	}
}

// The end of the supervisor does not swallow a sum.
func TestOrphansAreSummedUpAtTheEnd(t *testing.T) {
	simulated(t, Run, func(x *simulation) *config.Config {
		cfg := x.config(0, orphaning(x, 100))
		cfg.Supervisord.Loglevel = config.LevelInfo
		return cfg
	}, func(x *simulation) {
		x.sleep(2 * time.Second)
		x.signal(syscall.SIGTERM)
		x.ends(time.Minute, 0)
		x.says("reaped 100 unknown processes in ")
	})
}

// Stopping a shell script with a child is nothing to warn of: the child ends with it. The child
// that a script leaves behind when it crashes is.
func TestStopOfAScriptWithAChildIsNoWarning(t *testing.T) {
	simulated(t, Run, func(x *simulation) *config.Config {
		script := x.playing("script", "fork (pause)", "pause")
		crash := x.playing("crash", "fork (pause)", "sleep 2s; exit 1")
		cfg := x.config(0, script, crash, x.playing("keeper", "pause"))
		cfg.Supervisord.Loglevel = config.LevelWarn
		return cfg
	}, func(x *simulation) {
		x.sleep(time.Second + time.Second/2)
		x.ask(control.Success, control.OpProcessStop, control.String("script"), waiting)
		if text := x.file("log"); text != "" {
			t.Errorf("warnings of a stop:\n%s", text)
		}
		x.sleep(10 * time.Second)
		x.says("crash left processes of its group behind")
		x.ask(control.Success, control.OpProcessStop, control.String("crash"), waiting)
		if got := x.count("behind; they are ended with it"); got != 1 {
			t.Errorf("that is said %d times, want once", got)
		}
	})
}

// Some orphans, such as the child of a script that was stopped, are nobody's business. As
// supervisord each is a line.
func TestFewOrphansAreNotTold(t *testing.T) {
	for _, row := range []struct {
		mode Mode
		want int
	}{{Run, 0}, {Daemon, 11}} {
		t.Run(row.mode.String(), func(t *testing.T) {
			simulated(t, row.mode, func(x *simulation) *config.Config {
				cfg := x.config(0, orphaning(x, 10), x.playing("script", "fork (pause)", "pause"))
				cfg.Supervisord.Loglevel = config.LevelInfo
				return cfg
			}, func(x *simulation) {
				x.sleep(time.Minute)
				x.ask(control.Success, control.OpProcessStop, control.String("script"), waiting)
				x.signal(syscall.SIGTERM)
				x.ends(time.Minute, 0)
				if got := x.count("reaped "); got != row.want {
					t.Errorf("%d lines of orphans, want %d:\n%s", got, row.want, x.file("log"))
				}
			})
		})
	}
}
