package supervise

import (
	"strconv"
	"syscall"
	"testing"
	"time"

	"slipway/supervise/config"
	"slipway/supervise/control"
	"slipway/supervise/dialect"
)

// sections is a configuration of web and other, whose web says what changed holds.
func sections(mode Mode, changed *func(p *config.Process)) (Mode, func(*simulation) *config.Config) {
	return mode, func(x *simulation) *config.Config {
		return x.config(0, x.plays("web", "env 1 NUMBER; pause", overlapping, func(p *config.Process) { (*changed)(p) }), x.playing("other", "pause"))
	}
}

// numbered gives a program a variable.
func numbered(n int) func(p *config.Process) {
	return func(p *config.Process) { p.Environment = []dialect.Var{{Name: "NUMBER", Value: strconv.Itoa(n)}} }
}

// A changed section of a program with restart_mode=overlap comes into force with another process
// of it; the one that runs is stopped when that is ready. The rest is not touched.
func TestChangedSectionOverlaps(t *testing.T) {
	for _, tt := range []struct {
		name string
		do   func(x *simulation)
	}{
		{"SIGHUP", func(x *simulation) { x.signal(syscall.SIGHUP) }},
		{"update", func(x *simulation) {
			x.ask(control.Success, control.OpConfigReread)
			names := x.ask(control.Success, control.OpGroupChange, control.String("web")).Strings()
			if len(names) != 1 || names[0] != "web" {
				t.Errorf("to be restarted: %q, want web", names)
			}
			x.ask(control.Success, control.OpProcessRestart, control.String("web"), waiting)
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			change := numbered(1)
			mode, load := sections(Run, &change)
			simulated(t, mode, load, func(x *simulation) {
				x.up("web")
				old, other := x.info("web"), x.info("other")
				change = func(p *config.Process) {
					numbered(2)(p)
					p.StopWait = 3 * time.Second
				}
				tt.do(x)
				x.printed("web", "1\n2\n")
				if !x.lives(int(old.PID)) && x.info("web").State != control.Running {
					t.Error("there was a moment without a process")
				}
				x.until("the old one has ended", func() bool { return !x.lives(int(old.PID)) })
				x.up("web")
				if now := x.info("other"); now.PID != other.PID {
					t.Errorf("other is pid %d, and was %d", now.PID, other.PID)
				}
				if v := x.ask(control.Success, control.OpConfigReread); len(v.Get("changed").List()) != 0 {
					t.Errorf("after that %v still differs", v)
				}
				if w := x.s.table.Find("web", "web").Place.Member.Wait; w != 3*time.Second {
					t.Errorf("its turn at the end may take %v, want the new 3 s", w)
				}
			})
		})
	}
}

// What a process is in the table does not change while it runs: such a section stops it first.
// Neither does that of one that does not run, or is no program that overlaps.
func TestChangedSectionThatNeedsAStop(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(p *config.Process)
		before func(x *simulation)
	}{
		{"another priority", func(p *config.Process) { p.Priority = 1 }, nil},
		{"no overlap any more", func(p *config.Process) { numbered(2)(p); p.RestartMode = 0 }, nil},
		{"it waits for another", func(p *config.Process) { p.DependsOn = []string{"other"} }, nil},
		{"it is stopped", numbered(2), func(x *simulation) {
			x.ask(control.Success, control.OpProcessStop, control.String("web"), waiting)
		}},
		{"nothing differs", numbered(1), nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			change := numbered(1)
			mode, load := sections(Run, &change)
			simulated(t, mode, load, func(x *simulation) {
				x.up("web")
				if tt.before != nil {
					tt.before(x)
				}
				old := x.info("web")
				change = tt.change
				x.ask(control.Success, control.OpConfigReread)
				if names := x.ask(control.Success, control.OpGroupChange, control.String("web")).Strings(); len(names) != 0 {
					t.Errorf("to be restarted: %q, want nothing", names)
				}
				if now := x.info("web"); now.PID != old.PID {
					t.Errorf("web is pid %d, and was %d", now.PID, old.PID)
				}
			})
		})
	}
}

// If the process with the new settings does not come up, the one that runs stays.
func TestChangedSectionThatFails(t *testing.T) {
	change := numbered(1)
	mode, load := sections(Run, &change)
	simulated(t, mode, load, func(x *simulation) {
		x.up("web")
		old := x.info("web")
		change = func(p *config.Process) { p.Argv = []string{"/bin/play", "exit 3"} }
		x.signal(syscall.SIGHUP)
		x.sleep(10 * time.Second)
		if now := x.info("web"); now.PID != old.PID || now.State != control.Running {
			t.Errorf("web: %+v, want pid %d", now, old.PID)
		}
		x.says("the restart of web has failed: another one was started, and ")
	})
}
