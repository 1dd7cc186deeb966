package supervise

import (
	"testing"
	"testing/synctest"
	"time"

	"slipway/supervise/config"
	"slipway/supervise/control"
	"slipway/supervise/kernel/kerneltest"
)

// Where there is no /proc, what a program leaves behind cannot be found: it is said, and
// nothing waits for it.
func TestStraysThatNobodyFinds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x := simulate(t, Run, kerneltest.Settings{Holders: true, Blind: true}, func(x *simulation) *config.Config {
			return x.config(9*time.Second, x.plays("web", "fork (setsid; pause); pause"), x.plays("other", "pause"))
		})
		x.during(func() {
			x.sleep(2 * time.Second)
			x.ask(control.Success, control.OpProcessStop, control.String("web"), control.Bool(true))
			x.is("web", control.Stopped)
			x.says("web left descendants behind that cannot be found")
			x.ask(control.Success, control.OpProcessStart, control.String("web"), control.Bool(true))
			x.is("other", control.Running)
		})
	})
}
