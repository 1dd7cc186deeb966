package supervise

import (
	"fmt"
	"syscall"
	"testing"
	"time"

	"slipway/supervise/config"
	"slipway/supervise/control"
	"slipway/supervise/kernel/kerneltest"
)

// Whatever programs, listeners, probes, commands, strangers and readers do: a container that
// is asked to stop ends within stop_budget, and with 0.
func TestStopBudgetWhateverHappens(t *testing.T) {
	stubborn := func(x *simulation, n int, change func(i int, p *config.Process)) []config.Process {
		var list []config.Process
		for i := range n {
			p := x.plays(fmt.Sprintf("p%02d", i), "ignore TERM; pause")
			change(i, &p)
			list = append(list, p)
		}
		return list
	}
	idle := func(*simulation) {}
	for _, tt := range []struct {
		name    string
		list    func(x *simulation) []config.Process
		prepare func(x *simulation) // before the stop
	}{
		{"twenty turns that ignore it", func(x *simulation) []config.Process {
			return stubborn(x, 20, func(i int, p *config.Process) { p.Priority = i })
		}, idle},
		{"a chain that ignores it", func(x *simulation) []config.Process {
			return stubborn(x, 12, func(i int, p *config.Process) {
				if p.StopWait = 60 * time.Second; i > 0 {
					p.DependsOn = []string{fmt.Sprintf("p%02d", i-1)}
				}
			})
		}, func(x *simulation) { x.sleep(15 * time.Second) }},
		{"twenty turns that cannot be killed", func(x *simulation) []config.Process {
			return stubborn(x, 20, func(i int, p *config.Process) {
				p.Priority, p.Argv = i, []string{"/bin/play", "on TERM deep 1h", "pause"}
			})
		}, idle},
		{"children that ignore it", func(x *simulation) []config.Process {
			return stubborn(x, 3, func(i int, p *config.Process) {
				p.Priority, p.Argv = i, []string{"/bin/play", "fork (ignore TERM; pause); fork (setsid; ignore TERM; deep 1h); pause"}
			})
		}, idle},
		{"strangers that ignore it", func(x *simulation) []config.Process { return []config.Process{x.plays("app", "pause")} },
			func(x *simulation) {
				for range 5 {
					x.m.Enter([]string{"bash"}, func(p *kerneltest.Process) { p.Ignore(syscall.SIGTERM); p.Pause() })
				}
				x.m.Deepen(x.m.Enter([]string{"cp"}, func(p *kerneltest.Process) { p.Pause() }), -1)
			}},
		{"a probe that hangs, a reload that hangs", func(x *simulation) []config.Process {
			p := x.plays("app", "ignore TERM; pause", ready("exec:ignore TERM; deep 1h", 0), reload("command /bin/play \"ignore TERM; pause\""))
			return []config.Process{p}
		}, func(x *simulation) { x.begin(control.OpProcessReload, control.String("app"), control.Bool(true)) }},
		{"a program that crashes and waits for its next try", func(x *simulation) []config.Process {
			return []config.Process{x.plays("bad", "exit 1", retries(100), growing), x.plays("app", "ignore TERM; pause")}
		}, func(x *simulation) { x.sleep(time.Minute) }},
		{"a program that starts slowly", func(x *simulation) []config.Process {
			return []config.Process{x.plays("app", "ignore TERM; pause", startSecs(time.Hour)), x.plays("next", "pause", dependsOn("app"))}
		}, idle},
		{"readers that take nothing", func(x *simulation) []config.Process {
			return stubborn(x, 3, func(i int, p *config.Process) {
				p.Argv = []string{"/bin/play", "ignore TERM", "flood 1 100000", "pause"}
				p.Stdout = config.Output{Logfile: "/dev/stdout"}
			})
		}, func(x *simulation) { x.m.Stall(1, true) }},
	} {
		for _, budget := range []time.Duration{time.Second, 3 * time.Second, 9 * time.Second} {
			t.Run(fmt.Sprintf("%s, stop_budget=%v", tt.name, budget), func(t *testing.T) {
				simulated(t, Run, func(x *simulation) *config.Config { return x.config(budget, tt.list(x)...) }, func(x *simulation) {
					x.sleep(2 * time.Second)
					tt.prepare(x)
					x.signal(syscall.SIGTERM)
					x.ends(budget, 0)
				})
			})
		}
	}
}

// An event listener that answers nothing, and one that reads nothing, do not hold the end.
func TestStopBudgetWithListeners(t *testing.T) {
	const budget = 9 * time.Second
	simulated(t, Run, func(x *simulation) *config.Config {
		listener := x.plays("deaf", "print 1 READY; ignore TERM; pause")
		return x.listening("EVENT", config.DefaultHandler, listener, x.plays("app", "ignore TERM; pause"))
	}, func(x *simulation) {
		x.sleep(2 * time.Second)
		x.signal(syscall.SIGTERM)
		x.ends(budget, 0)
	})
}

// A second and a third signal make the end come sooner, never later.
func TestStopBudgetAndMoreSignals(t *testing.T) {
	for _, tt := range []struct {
		signals int
		within  time.Duration
	}{{1, 9 * time.Second}, {2, hurry + sweepReserve}, {3, time.Second / 2}} {
		simulated(t, Run, func(x *simulation) *config.Config {
			return x.config(9*time.Second, x.playing("app", "on TERM deep 1h", "ignore TERM", "pause"))
		}, func(x *simulation) {
			x.sleep(2 * time.Second)
			x.m.Enter([]string{"bash"}, func(p *kerneltest.Process) { p.Ignore(syscall.SIGTERM); p.Deep(time.Hour) })
			for range tt.signals {
				x.signal(syscall.SIGTERM)
			}
			x.ends(tt.within, 0)
		})
	}
}
