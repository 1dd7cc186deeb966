package supervise

import (
	"fmt"
	"testing"
	"time"

	"slipway/internal/test/testkit"
	"slipway/supervise/config"
	"slipway/supervise/control"
)

func TestBudgetShorterThanAStopIsSaidAtTheStart(t *testing.T) {
	r := start(t, "F2")
	r.says("deaf: stopwaitsecs=3600 is more than an ordered stop may take (stop_budget=2s)")
}

func TestLostOutputIsCounted(t *testing.T) {
	r := start(t, "full log")
	c := r.dial()
	testkit.Eventually(t, 10*time.Second, "the loss is counted", func() error {
		if i := info(t, c, "chatty"); i.LostLog == 0 {
			return fmt.Errorf("%+v", i)
		}
		return nil
	})
}

func TestSupervisorInfo(t *testing.T) {
	r := start(t, "sleep")
	i := control.Read[control.SupervisorInfo](ask(t, r.dial(), control.Success, control.OpInfo))
	if i.Version != "1.2.3" || i.ConfigFile != "/etc/x.conf" || i.Mode != "run" {
		t.Errorf("info = %+v", i)
	}
}

func fullLog() *config.Config {
	return groups(program("chatty", "while :; do echo chat; sleep 0.05; done", func(p *config.Process) {
		p.Stdout = config.Output{Logfile: "/dev/full"}
	}))
}
