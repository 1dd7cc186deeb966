package supervise

import (
	"syscall"
	"testing"
	"time"

	"slipway/supervise/config"
	"slipway/supervise/control"
)

func maxRestarts(text string) func(*config.Process) {
	return func(p *config.Process) { p.MaxRestarts = text }
}

// Restarts that come too often are the end of them: ends of a program that was up, failed starts
// and failed health checks alike. What comes seldom enough goes on for ever, and a start by hand
// begins anew.
func TestMaxRestarts(t *testing.T) {
	for _, tt := range []struct {
		name, script string
		change       []func(*config.Process)
		starts       int // in an hour; 0: for ever
	}{
		{"ends of a program that was up", "sleep 2s; exit 1", nil, 4},
		{"ends as it should", "sleep 2s; exit 0", []func(*config.Process){always}, 4},
		{"failed starts", "exit 1", []func(*config.Process){retries(1000)}, 4},
		{"failed health checks", "pause", []func(*config.Process){healthProbe("file:/never", config.HealthRestart), retries(1000)}, 4},
		{"seldom enough", "sleep 40s; exit 1", nil, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			simulatedWith(t, Run, probesFor("/never"), deps(func(x *simulation) []config.Process {
				return []config.Process{x.plays("other", "pause"), x.plays("web", tt.script, append(tt.change, maxRestarts("3 in 2m"), ignoreFatal)...)}
			}), func(x *simulation) {
				x.sleep(time.Hour)
				web := x.info("web")
				if tt.starts == 0 {
					if web.State == control.Fatal || web.Generation < 80 {
						t.Errorf("%v after %d starts", web.State, web.Generation)
					}
				} else {
					const why = "ended more often than 3 in 2m0s (max_restarts)"
					if web.State != control.Fatal || int(web.Generation) != tt.starts || web.SpawnError != why {
						t.Errorf("%v after %d starts: %q, want FATAL after %d: %q", web.State, web.Generation, web.SpawnError, tt.starts, why)
					}
					x.says("gave up: web entered FATAL state")
					x.begin(control.OpProcessStart, control.String("web"), control.Bool(false))
					x.sleep(time.Hour)
					if again := int(x.info("web").Generation); again != 2*tt.starts {
						t.Errorf("%d starts after a start by hand, want %d", again, 2*tt.starts)
					}
				}
				x.signal(syscall.SIGTERM)
				x.ends(time.Second, 0)
			})
		})
	}
}

// By default a program that is restarted too often ends the container, with its status and the
// reason.
func TestMaxRestartsEndTheContainer(t *testing.T) {
	simulatedWith(t, Run, func(*simulation) {}, deps(func(x *simulation) []config.Process {
		return []config.Process{x.plays("web", "sleep 2s; exit 7", maxRestarts("2 in 1m"))}
	}), func(x *simulation) {
		x.ends(time.Hour, 7)
		x.says("stopping: web cannot be kept up: ended more often than 2 in 1m0s (max_restarts)")
	})
}
