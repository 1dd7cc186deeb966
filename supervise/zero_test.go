package supervise

import (
	"strings"
	"syscall"
	"testing"
	"time"

	"slipway/supervise/config"
	"slipway/supervise/control"
)

// A time of 0 is none: no limit, no pause. It does not make anything fail at once, and it
// does not keep the loop busy.
func TestTimesOfZero(t *testing.T) {
	const slow = "exec:sleep 700ms; need /well"
	for _, tt := range []struct {
		option string
		set    func(p *config.Process)
		health string
	}{
		{"health_timeout", func(p *config.Process) { healthProbe(slow, config.HealthRestart)(p); p.Health.Timeout = 0 }, "healthy"},
		{"health_timeout of a program with a ready probe", func(p *config.Process) {
			ready(slow, time.Minute)(p)
			healthProbe(slow, config.HealthRestart)(p)
			p.Health.Timeout = 0
		}, "healthy"},
		{"health_interval", func(p *config.Process) {
			healthProbe("exec:need /well", config.HealthRestart)(p)
			p.Health.Interval = 0
		}, "healthy"},
		{"health_retries", func(p *config.Process) { healthProbe("exec:need /well", config.HealthRestart)(p); p.Health.Retries = 0 }, "healthy"},
		{"health_successes", func(p *config.Process) {
			healthProbe("exec:need /well", config.HealthRestart)(p)
			p.Health.Successes = 0
		}, "healthy"},
		{"health_start_period", func(p *config.Process) {
			healthProbe("exec:need /well", config.HealthRestart)(p)
			p.Health.StartPeriod = 0
		}, "healthy"},
		{"ready_interval", func(p *config.Process) { ready(slow, 0)(p); p.Ready.Interval = 0 }, ""},
		{"ready_timeout", func(p *config.Process) { ready(slow, 0)(p) }, ""},
		{"startsecs", func(p *config.Process) { p.StartSecs = 0 }, ""},
		{"stopwaitsecs", func(p *config.Process) { p.StopWait = 0 }, ""},
		{"timeout", func(p *config.Process) { oneshot(p); p.Timeout = 0 }, ""},
		{"jitter", func(p *config.Process) { p.Jitter = 0 }, ""},
		{"min_interval", func(p *config.Process) { p.MinInterval = 0 }, ""},
	} {
		t.Run(tt.option, func(t *testing.T) {
			simulatedWith(t, Run, func(x *simulation) { x.m.Put("/well", "", 0o644) }, sole("web", "pause", tt.set), func(x *simulation) {
				x.sleep(time.Minute)
				before := x.passes.Load()
				x.sleep(time.Minute)
				if n := x.passes.Load() - before; n > 10*60*20 {
					t.Errorf("the loop has woken up %d times in a minute", n)
				}
				if i := x.is("web", control.Running); i.Generation != 1 || i.Health != tt.health || !i.Ready && i.Task == "" {
					t.Errorf("it is %+v, want its first start up, ready, and its health %q", i, tt.health)
				}
				if text := x.file("log"); strings.Contains(text, "no answer in time") || strings.Contains(text, "unhealthy") {
					t.Errorf("the log is\n%s", text)
				}
				x.signal(syscall.SIGTERM)
				x.ends(10*time.Second, 0)
				x.empty()
			})
		})
	}
}

// A run for which there is no limit ends with the process that it is about, and with the
// supervisor.
func TestHealthWithoutALimitEnds(t *testing.T) {
	hangs := func(p *config.Process) { healthProbe("exec:pause", config.HealthRestart)(p); p.Health.Timeout = 0 }
	simulated(t, Run, func(x *simulation) *config.Config {
		return x.config(0, x.plays("web", "pause", hangs), x.plays("other", "pause"))
	}, func(x *simulation) {
		x.sleep(time.Hour)
		if i := x.is("web", control.Running); i.Health != "starting" {
			t.Errorf("health %q of a probe that has not answered, want starting", i.Health)
		}
		x.ask(control.Success, control.OpProcessRestart, control.String("web"), waiting)
		x.ask(control.Success, control.OpProcessStop, control.String("web"), waiting)
		x.sleep(time.Second)
		if n := len(x.m.Processes()); n != 1 {
			t.Errorf("%d processes after the stop, want the other program only", n)
		}
		x.signal(syscall.SIGTERM)
		x.ends(10*time.Second, 0)
		x.empty()
	})
}
