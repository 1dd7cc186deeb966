package supervise

import (
	"syscall"
	"testing"
	"time"

	"slipway/supervise/config"
	"slipway/supervise/control"
	"slipway/supervise/kernel/kerneltest"
)

func stopsWith(names ...string) func(*config.Process) {
	return func(p *config.Process) { p.StopWith = names }
}

// What stops with another program does so however that comes to rest, and is back with it.
func TestStopWith(t *testing.T) {
	for _, tt := range []struct {
		name, script string
		change       func(*config.Process)
		stop         func(x *simulation)
		says         string
	}{
		{"by hand", "pause", always, func(x *simulation) {
			x.ask(control.Success, control.OpProcessStop, control.String("db"), control.Bool(true))
		}, "stopping app because db was stopped (stop_with)"},
		{"its end", "until /end; exit 0", never, func(x *simulation) { x.m.Put("/end", "", 0o644) }, "stopping app because db has ended (exit status 0) (stop_with)"},
		{"its failure", "lack /end; until /end; exit 1", retries(0), func(x *simulation) { x.m.Put("/end", "", 0o644) }, "stopping app because db is FATAL (stop_with)"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			load := deps(func(x *simulation) []config.Process {
				return []config.Process{x.plays("app", "pause", stopsWith("db")), x.plays("deep", "pause", stopsWith("app")), x.plays("db", tt.script, tt.change, ignoreFatal), x.plays("other", "pause")}
			})
			simulatedWith(t, Run, func(*simulation) {}, load, func(x *simulation) {
				x.up("app", "deep", "db")
				tt.stop(x)
				x.sleep(5 * time.Second)
				x.says(tt.says)
				x.says("stopping deep because app was stopped (stop_with)")
				x.is("app", control.Stopped)
				x.is("deep", control.Stopped)
				x.is("other", control.Running)
				x.m.Remove("/end")
				x.ask(control.Success, control.OpProcessStart, control.String("db"), control.Bool(true))
				x.sleep(5 * time.Second)
				x.says("starting app because db is back (stop_with)")
				x.is("app", control.Running)
				x.is("deep", control.Running)
				x.signal(syscall.SIGTERM)
				x.ends(time.Second, 0)
			})
		})
	}
}

// A restart of a program is no stop, and what somebody has stopped by hand does not come back.
func TestStopWithByHand(t *testing.T) {
	load := deps(func(x *simulation) []config.Process {
		return []config.Process{x.plays("app", "pause", stopsWith("db")), x.plays("web", "pause", stopsWith("db")), x.plays("db", "pause")}
	})
	simulatedWith(t, Run, func(*simulation) {}, load, func(x *simulation) {
		x.up("app", "web", "db")
		x.ask(control.Success, control.OpProcessRestart, control.String("db"), control.Bool(true))
		x.sleep(2 * time.Second)
		if n := x.count("(stop_with)"); n != 0 {
			t.Errorf("a restart has stopped %d others", n)
		}
		x.ask(control.Success, control.OpProcessStop, control.String("app"), control.Bool(true))
		x.ask(control.Success, control.OpProcessStop, control.String("db"), control.Bool(true))
		x.sleep(2 * time.Second)
		x.ask(control.Success, control.OpProcessStart, control.String("db"), control.Bool(true))
		x.sleep(2 * time.Second)
		x.is("web", control.Running)
		x.is("app", control.Stopped)
		x.signal(syscall.SIGTERM)
		x.ends(time.Second, 0)
	})
}

// A container of which only that is left which has stopped with another program ends.
func TestStopWithIsNotByHand(t *testing.T) {
	load := deps(func(x *simulation) []config.Process {
		return []config.Process{x.plays("app", "pause", stopsWith("job")), x.plays("job", "sleep 5s; exit 4", never)}
	})
	simulatedWith(t, Run, func(*simulation) {}, load, func(x *simulation) {
		x.ends(10*time.Second, 4)
	})
}

// A program that is restarted beside itself is no stop for those that stop with it, and its
// hooks are run as for any start and end.
func TestStopWithAndHooksOfAnOverlap(t *testing.T) {
	load := deps(func(x *simulation) []config.Process {
		return []config.Process{x.plays("app", "pause", stopsWith("db")), x.plays("db", "pause", overlapping, hooked("pre_start", "print 1 before"), hooked("post_stop", "print 1 after"))}
	})
	simulatedOn(t, kerneltest.Settings{Holders: true}, Run, func(*simulation) {}, load, func(x *simulation) {
		x.up("app", "db")
		x.ask(control.Success, control.OpProcessRestart, control.String("db"), control.Bool(true))
		x.sleep(5 * time.Second)
		if n := x.count("(stop_with)"); n != 0 {
			t.Errorf("a restart has stopped %d others", n)
		}
		x.is("app", control.Running)
		if got, want := x.m.Output(1), "before\nbefore\nafter\n"; got != want {
			t.Errorf("the hooks have printed %q, want %q", got, want)
		}
		x.signal(syscall.SIGTERM)
		x.ends(time.Second, 0)
	})
}
