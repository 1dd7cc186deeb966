package supervise

import (
	"testing"
	"time"

	"slipway/supervise/config"
	"slipway/supervise/control"
)

// replacing runs a supervisor whose only program needs a while to stop, and gives the test
// the version that the configuration has: "" for none.
func replacing(t *testing.T, test func(x *simulation, version *string)) {
	version := "1"
	simulated(t, Run, func(x *simulation) *config.Config {
		keeper := x.playing("keeper", "pause")
		if version == "" {
			return x.config(0, keeper)
		}
		return x.config(0, x.playing("web", "on TERM sleep 1s", "print 1 version "+version, "pause"), keeper)
	}, func(x *simulation) {
		x.sleep(2 * time.Second)
		test(x, &version)
	})
}

// update makes a version the one that is to run, while the one before is still stopping.
func (x *simulation) update(version *string, to string) {
	*version = to
	x.ask(control.Success, control.OpRestart)
}

// The configuration that was read last is in force, however quickly they follow.
func TestLastConfigurationWins(t *testing.T) {
	for _, tt := range []struct {
		name  string
		steps []string
		want  string // versions that have run
	}{
		{"changed", []string{"2"}, "version 1\nversion 2\n"},
		{"changed and changed back", []string{"2", "1"}, "version 1\nversion 1\n"},
		{"changed twice", []string{"2", "3"}, "version 1\nversion 3\n"},
		{"removed", []string{""}, "version 1\n"},
		{"removed and put back", []string{"", "1"}, "version 1\nversion 1\n"},
		{"removed and put back as another one", []string{"", "2"}, "version 1\nversion 2\n"},
		{"changed and removed", []string{"2", ""}, "version 1\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			replacing(t, func(x *simulation, version *string) {
				for _, to := range tt.steps {
					x.update(version, to)
					x.sleep(100 * time.Millisecond)
				}
				x.sleep(20 * time.Second)
				if got := x.file("web.log"); got != tt.want {
					t.Errorf("what has run: %q, want %q", got, tt.want)
				}
				if *version == "" {
					x.ask(control.BadName, control.OpProcessGet, control.String("web"))
				} else {
					x.is("web", control.Running)
				}
			})
		})
	}
}

// What is asked of a program that is being replaced holds for the one that takes its place.
func TestRequestsWhileReplaced(t *testing.T) {
	name := control.String("web")
	t.Run("stop", func(t *testing.T) {
		replacing(t, func(x *simulation, version *string) {
			x.update(version, "2")
			x.ask(control.Success, control.OpProcessStop, name, waiting)
			x.sleep(20 * time.Second)
			x.is("web", control.Stopped)
			x.ask(control.Success, control.OpProcessStart, name, waiting)
			if got := x.file("web.log"); got != "version 1\nversion 2\n" {
				t.Errorf("what has run: %q", got)
			}
		})
	})
	t.Run("start", func(t *testing.T) {
		replacing(t, func(x *simulation, version *string) {
			x.ask(control.Success, control.OpProcessStop, name, control.Bool(false))
			x.update(version, "2")
			x.ask(control.Success, control.OpProcessStart, name, waiting)
			if i := x.is("web", control.Running); i.Generation != 1 {
				t.Errorf("generation %d, want the first of the new one", i.Generation)
			}
		})
	})
	t.Run("start of what is being removed", func(t *testing.T) {
		replacing(t, func(x *simulation, version *string) {
			x.update(version, "")
			x.ask(control.Failed, control.OpProcessStart, name, waiting)
			x.sleep(20 * time.Second)
			x.ask(control.BadName, control.OpProcessGet, name)
		})
	})
}

// The last of several requests counts, and each of them is answered.
func TestLastRequestWins(t *testing.T) {
	const start, stop, restart = control.OpProcessStart, control.OpProcessStop, control.OpProcessRestart
	for _, tt := range []struct {
		name string
		ops  []string
		want control.ProcessState
	}{
		{"stop, start", []string{stop, start}, control.Running},
		{"restart, stop", []string{restart, stop}, control.Stopped},
		{"stop, start, stop", []string{stop, start, stop}, control.Stopped},
		{"restart, stop, restart", []string{restart, stop, restart}, control.Running},
	} {
		t.Run(tt.name, func(t *testing.T) {
			replacing(t, func(x *simulation, _ *string) {
				var calls []*simCall
				for _, op := range tt.ops {
					calls = append(calls, x.begin(op, control.String("web"), waiting))
					x.sleep(100 * time.Millisecond)
				}
				x.sleep(20 * time.Second)
				x.is("web", tt.want)
				for _, call := range calls {
					if call.answer == nil {
						t.Errorf("%s was not answered", call.what)
					}
				}
			})
		})
	}
}

// A dependant that is removed while it waits is not waited for.
func TestHeldProgramIsRemoved(t *testing.T) {
	with := true
	simulated(t, Run, func(x *simulation) *config.Config {
		app := x.playing("app", "pause")
		app.DependsOn = []string{"db"}
		db := x.playing("db", "pause")
		db.Autostart = false
		other := x.playing("other", "pause") // or the container would end
		if !with {
			return x.config(0, db, other)
		}
		return x.config(0, app, db, other)
	}, func(x *simulation) {
		call := x.begin(control.OpAllStart, waiting)
		x.begin(control.OpProcessStop, control.String("db"), waiting)
		with = false
		x.ask(control.Success, control.OpRestart)
		x.sleep(5 * time.Second)
		x.clients[0].receive(t)
		if call.answer == nil {
			t.Error("the start of what is gone was not answered")
		}
	})
}
