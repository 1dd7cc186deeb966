package supervise

import (
	"syscall"
	"testing"
	"time"

	"slipway/supervise/config"
	"slipway/supervise/control"
)

// What cannot be killed may be of any kind, and what is waited for may be its stop, its
// removal, a new configuration or the end of all: nothing else waits for it.
func TestEveryKindMayBeWhatCannotBeKilled(t *testing.T) {
	const stopWait = time.Second
	kinds := map[string]config.GroupKind{"programs": config.KindGroup, "listeners": config.KindListener, "fcgi": config.KindFCGI}
	courses := []struct {
		name string
		run  func(*simulation, *wanted)
	}{
		{"stopped", func(x *simulation, _ *wanted) {
			call := x.begin(control.OpProcessStop, control.String("g:a"), waiting)
			x.sleep(stopWait + goneWait + time.Second)
			x.clients[0].receive(x.t)
			if call.answer == nil || call.answer.Fault == nil || call.answer.Fault.Detail != "g:a: still there after KILL" {
				x.t.Errorf("the stop is answered %+v, want that it is still there", call.answer)
			}
			x.is("g:b", control.Running)
		}},
		{"removed", func(x *simulation, w *wanted) {
			w.members = nil
			x.ask(control.Success, control.OpRestart)
			x.sleep(stopWait + goneWait + 2*time.Second)
			if i := x.is("g:a", control.Stopping); i.SpawnError != "still there after KILL" {
				x.t.Errorf("the status says %q, want that it is still there", i.SpawnError)
			}
			x.is("g:b", control.Stopped)
			w.members = map[string]string{"a": "2", "b": "2"} // put back: the other one need not wait
			x.ask(control.Success, control.OpRestart)
			x.sleep(2 * time.Second)
			x.is("g:b", control.Running)
			x.is("g:a", control.Stopping)
			x.sleep(2 * time.Hour)
			x.is("g:a", control.Running)
			if got := x.file("a.log"); got != "version 1\nversion 2\n" {
				x.t.Errorf("when it was gone it has printed %q, want version 2", got)
			}
		}},
		{"changed", func(x *simulation, w *wanted) {
			w.members = map[string]string{"a": "2", "b": "2"}
			x.ask(control.Success, control.OpRestart)
			x.sleep(stopWait + goneWait + 4*time.Second)
			if got := x.file("b.log"); got != "version 1\nversion 2\n" {
				x.t.Errorf("the other member has printed %q, want that it runs as version 2", got)
			}
			if got := x.file("a.log"); got != "version 1\n" {
				x.t.Errorf("what cannot be killed has printed %q, want that it is not doubled", got)
			}
		}},
		{"the end of all", func(x *simulation, _ *wanted) {
			x.signal(syscall.SIGTERM)
			x.ends(9*time.Second, 0)
			x.says("cannot be killed; a stop of all does not wait for it")
		}},
	}
	for kind, k := range kinds {
		for _, c := range courses {
			t.Run(kind+"/"+c.name, func(t *testing.T) {
				w := &wanted{kind: k, members: map[string]string{"a": "1", "b": "1"}, script: "pause", change: func(p *config.Process) {
					p.StopWait = stopWait
				}}
				simulated(t, Run, func(x *simulation) *config.Config {
					cfg := w.config(x)
					cfg.Slipway.StopBudget = 9 * time.Second
					return cfg
				}, func(x *simulation) {
					x.sleep(2 * time.Second)
					x.m.Deepen(int(x.info("g:a").PID), time.Hour)
					c.run(x, w)
				})
			})
		}
	}
}
