package supervise

import (
	"testing"
	"time"
)

// A clock that is set, forward or back, is one line; programs, pauses and deadlines do not
// mind.
func TestClockJumpIsOneLine(t *testing.T) {
	simulatedWith(t, Run, probesFor("/ok"), sole("app", "pause", ready("file:/ok", 10*time.Second)), func(x *simulation) {
		x.sleep(time.Second)
		x.m.SetClock(3 * time.Hour)
		x.sleep(2 * time.Second)
		x.m.Put("/ok", "", 0o644)
		x.sleep(2 * time.Second)
		x.m.SetClock(-25 * time.Hour)
		x.m.Wake()
		x.sleep(time.Minute)
		x.m.SetClock(300 * time.Millisecond)
		x.m.Wake()
		x.sleep(time.Minute)
		x.says("the clock has jumped by 3h0m0s; ")
		x.says("the clock has jumped by -25h0m0s; ")
		if n := x.count("the clock has jumped"); n != 2 {
			t.Errorf("the clock has jumped twice, and is said to have %d times", n)
		}
		if x.count("failed: app") > 0 {
			t.Error("a jump of the clock has made ready_timeout overdue")
		}
	})
}
