package supervise

import (
	"syscall"
	"testing"
	"time"

	"slipway/supervise/config"
	"slipway/supervise/control"
	"slipway/supervise/ownership"
)

// F19: a program is in a system call that nothing interrupts. An ordered stop goes on
// without it, after its turn.
func TestF19ProgramCannotBeKilled(t *testing.T) {
	for _, budget := range []time.Duration{0, 9 * time.Second, 2 * time.Second} {
		t.Run("stop_budget="+budget.String(), func(t *testing.T) {
			simulated(t, Run, func(x *simulation) *config.Config {
				nfs, db := x.playing("nfs", "on TERM deep 1h", "pause"), x.playing("db", "on TERM print 1 asked", "pause")
				nfs.StopWait = 3 * time.Second
				db.Priority, db.StopWait = 1, time.Second
				return x.config(budget, nfs, db)
			}, func(x *simulation) {
				x.sleep(2 * time.Second)
				x.signal(syscall.SIGTERM)
				limit := budget + killWait + flushWait
				if budget == 0 {
					limit = 3*time.Second + killWait + time.Second + ownership.SweepWait + killWait
				}
				x.ends(limit, 0)
				x.says("nfs (3) cannot be killed; a stop of all does not wait for it")
				if got := x.file("db.log"); got != "asked\n" {
					t.Errorf("db has printed %q, want that it was asked to stop", got)
				}
			})
		})
	}
}

// What a program has left behind keeps its group: a signal for the program is for nobody.
func TestSignalToWhatIsReaped(t *testing.T) {
	simulated(t, Run, func(x *simulation) *config.Config {
		return x.config(0, x.playing("web", "fork (setsid; ignore TERM; pause)", "pause"), x.playing("keeper", "pause"))
	}, func(x *simulation) {
		x.sleep(2 * time.Second)
		x.begin(control.OpProcessStop, control.String("web"), waiting)
		x.is("web", control.Stopping)
		x.ask(control.NotRunning, control.OpProcessSignal, control.String("web"), control.String("USR1"))
	})
}
