package supervise

import (
	"testing"
	"time"

	"slipway/supervise/config"
	"slipway/supervise/control"
)

func TestBudgetShorterThanAStopIsSaidAtTheStart(t *testing.T) {
	simulated(t, Run, deafWithBudget, func(x *simulation) {
		x.says("deaf: stopwaitsecs=3600 is more than an ordered stop may take (stop_budget=5s)")
	})
}

func TestLostOutputIsCounted(t *testing.T) {
	simulated(t, Run, sole("chatty", "print 1 chat; sleep 50ms; print 1 chat; pause", func(p *config.Process) {
		p.Stdout = config.Output{Logfile: "/dev/full"}
	}), func(x *simulation) {
		x.sleep(2 * time.Second)
		if i := x.info("chatty"); i.LostLog != 10 {
			t.Errorf("%d bytes of the log are counted as lost, want all 10", i.LostLog)
		}
	})
}

func TestSupervisorInfo(t *testing.T) {
	simulated(t, Run, sole("sleep", "pause"), func(x *simulation) {
		i := control.Read[control.SupervisorInfo](x.ask(control.Success, control.OpInfo))
		if i.Version != "1.2.3" || i.ConfigFile != "/etc/x.conf" || i.Mode != "run" {
			t.Errorf("info = %+v", i)
		}
	})
}
