package supervise

import (
	"syscall"
	"testing"
	"time"

	"slipway/supervise/config"
	"slipway/supervise/control"
)

// What dependent_startup_wait_for waits for is that a state was reached once, whatever came
// after it, as the listener sees it.
func TestDependentStartup(t *testing.T) {
	for _, tt := range []struct {
		name   string
		needs  []string
		db     string
		change func(*config.Process)
		after  time.Duration // when the app is started; -1: never
		waits  string        // what status says until then
	}{
		{"running", []string{"db:reached running"}, "pause", nil, time.Second, "db:running"},
		{"running, and ended before it matters", []string{"other:reached running", "db:reached running"}, "exit 0", func(p *config.Process) { p.StartSecs = 0 }, time.Second, "other:running"},
		{"starting", []string{"db:reached starting"}, "pause", nil, 0, ""},
		{"backoff", []string{"db:reached backoff"}, "need /data; pause", ignoreFatal, 0, ""},
		{"exited, with any status, and started again", []string{"db:reached exited"}, "sleep 5s; exit 3", nil, 5 * time.Second, "db:exited"},
		{"exited, though it is always started again", []string{"db:reached exited"}, "sleep 5s; exit 0", always, 5 * time.Second, "db:exited"},
		{"fatal", []string{"db:reached fatal"}, "exit 1", func(p *config.Process) { retries(0)(p); ignoreFatal(p) }, 0, ""},
		{"one of several", []string{"db:reached stopping,exited"}, "sleep 5s; exit 0", nil, 5 * time.Second, "db:stopping,exited"},
		{"never", []string{"db:reached running"}, "exit 1", func(p *config.Process) { retries(0)(p); ignoreFatal(p) }, -1, "db:running"},
		{"not yet", []string{"db:reached exited"}, "pause", nil, -1, "db:exited"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			simulatedWith(t, Run, func(*simulation) {}, deps(func(x *simulation) []config.Process {
				db := x.plays("db", tt.db)
				if tt.change != nil {
					tt.change(&db)
				}
				return []config.Process{x.plays("app", "pause", dependsOn(tt.needs...)), db, x.plays("other", "pause")}
			}), func(x *simulation) {
				begun := time.Now()
				x.settle()
				if got := x.info("app").Waiting; got != tt.waits {
					t.Errorf("app waits for %q, want %q", got, tt.waits)
				}
				x.sleep(30 * time.Second)
				app := x.s.table.Find("app", "app")
				switch {
				case tt.after < 0 && app.Life.Gen > 0:
					t.Error("app was started")
				case tt.after >= 0 && (app.Life.Gen == 0 || app.Life.Started.Sub(begun).Round(time.Second) != tt.after):
					t.Errorf("app was started after %v (%d times), want %v", app.Life.Started.Sub(begun), app.Life.Gen, tt.after)
				}
				x.signal(syscall.SIGTERM)
				x.ends(10*time.Second, 0)
			})
		})
	}
}

// A start that somebody asks for does not wait: the script that others wait for may start them
// itself. A depends_on beside it is waited for all the same.
func TestDependentStartupByHand(t *testing.T) {
	simulatedWith(t, Run, func(*simulation) {}, deps(func(x *simulation) []config.Process {
		return []config.Process{x.plays("app", "pause", dependsOn("db:reached exited")), x.plays("db", "pause"),
			x.plays("both", "pause", dependsOn("job:completed", "db:reached exited")), x.plays("job", "sleep 5s; exit 0", oneshot)}
	}), func(x *simulation) {
		x.sleep(time.Second)
		x.ask(control.Success, control.OpProcessStart, control.String("app"), control.Bool(true))
		x.is("app", control.Running)
		x.ask(control.Success, control.OpProcessStart, control.String("both"), control.Bool(false))
		if got := x.info("both").Waiting; got != "job:completed" {
			t.Errorf("both waits for %q, want job:completed", got)
		}
		x.sleep(5 * time.Second)
		x.is("both", control.Running)
		x.signal(syscall.SIGTERM)
		x.ends(time.Second, 0)
	})
}

// What was reached is not forgotten: after a stop and a start of both, in whatever order,
// nobody waits.
func TestDependentStartupIsOver(t *testing.T) {
	simulatedWith(t, Run, func(*simulation) {}, deps(func(x *simulation) []config.Process {
		return []config.Process{x.plays("app", "pause", dependsOn("db:reached running")), x.plays("db", "pause"), x.plays("other", "pause")}
	}), func(x *simulation) {
		x.sleep(5 * time.Second)
		x.up("app", "db")
		x.ask(control.Success, control.OpProcessStop, control.String("db"), control.Bool(true))
		x.ask(control.Success, control.OpProcessStop, control.String("app"), control.Bool(true))
		x.ask(control.Success, control.OpProcessStart, control.String("app"), control.Bool(true))
		x.is("app", control.Running)
		x.signal(syscall.SIGTERM)
		x.ends(time.Second, 0)
	})
}
