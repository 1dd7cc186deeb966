package supervise

import (
	"syscall"
	"testing"
	"time"

	"slipway/supervise/config"
	"slipway/supervise/control"
)

// While all stops nothing is started by itself any more, whatever was to come.
func TestNothingStartsInAStop(t *testing.T) {
	slow := func(p *config.Process) { p.StopWait = 2 * time.Second }
	for _, tt := range []struct {
		name   string
		app    func(x *simulation) config.Process
		before func(x *simulation) // what is under way when the stop begins
	}{
		{"restart", func(x *simulation) config.Process { return x.plays("app", "ignore TERM; pause", slow) },
			func(x *simulation) { x.begin(control.OpProcessRestart, control.String("app"), control.Bool(true)) }},
		{"overlap=kill", func(x *simulation) config.Process {
			return x.plays("app", "ignore TERM; pause", slow, scheduled("@every 1m", config.OverlapKill))
		}, func(x *simulation) {
			x.sleep(118500 * time.Millisecond)
		}},
		{"health", func(x *simulation) config.Process {
			return x.plays("app", "ignore TERM; pause", slow, healthProbe("file:/never", config.HealthRestart), func(p *config.Process) { p.Health.Interval, p.Health.Retries = 10*time.Second, 1 })
		}, func(x *simulation) {
			x.until("app is stopped", func() bool { return x.info("app").State == control.Stopping })
		}},
		{"a pre_start of what others depend on", func(x *simulation) config.Process {
			return x.plays("app", "sleep 18s; exit 1", autorestart, hooked("pre_start", "sleep 3s"))
		}, func(x *simulation) { x.sleep(20500 * time.Millisecond) }},
		{"a crash of what others depend on", func(x *simulation) config.Process { return x.plays("app", "sleep 20s; exit 1", autorestart) },
			func(x *simulation) { x.sleep(17500 * time.Millisecond) }},
		{"the end of what is always started again", func(x *simulation) config.Process { return x.plays("app", "sleep 20s; exit 0", always) },
			func(x *simulation) { x.sleep(17500 * time.Millisecond) }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			simulatedWith(t, Run, probesFor("/data"), deps(func(x *simulation) []config.Process {
				return []config.Process{tt.app(x), x.plays("late", "ignore TERM; pause", dependsOn("app:started"), slow), x.plays("other", "pause")}
			}), func(x *simulation) {
				x.sleep(2 * time.Second)
				tt.before(x)
				x.settle()
				n := x.count("spawned: ")
				x.signal(syscall.SIGTERM)
				x.ends(10*time.Second, 0)
				if more := x.count("spawned: ") - n; more > 0 {
					t.Errorf("%d programs were started in the stop", more)
				}
			})
		})
	}
}
