package supervise

import (
	"strings"
	"testing"
	"time"

	"slipway/supervise/config"
	"slipway/supervise/kernel/kerneltest"
)

// A container is paused soon after a run of a health probe has begun, until just after the
// run's time is up. The run has had a tenth of a second of its time, and gets the rest.
func TestFreezeWithinAWaitIsNoTimeForAProbe(t *testing.T) {
	simulatedWith(t, Run, func(x *simulation) {
		x.m.Install("/bin/sh", func(p *kerneltest.Process) { p.Sleep(800 * time.Millisecond) })
	}, func(x *simulation) *config.Config {
		db := x.plays("db", "pause")
		db.Health = config.Health{
			Probe:    config.Probe{Kind: config.ProbeExec, Target: "probe"},
			Interval: 3 * time.Second, Timeout: 2 * time.Second, Retries: 1, Action: config.HealthRestart,
		}
		return x.config(9*time.Second, db)
	}, func(x *simulation) {
		probing := func() bool {
			for _, p := range x.m.Processes() {
				if p.Path == "/bin/sh" {
					return true
				}
			}
			return false
		}
		for range 5 {
			x.until("a probe runs", probing)
			x.sleep(100 * time.Millisecond)
			x.m.Freeze(2*time.Second, true)
			x.sleep(3 * time.Second)
		}
		if log := x.file("log"); strings.Contains(log, "unhealthy: ") {
			t.Error("a program is unhealthy because it was paused")
		}
	})
}
