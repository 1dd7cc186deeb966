package loop

import (
	"testing"
	"testing/synctest"
	"time"
)

func TestDrift(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var d Drift
		var off time.Duration // of the clock on the wall
		for i, tt := range []struct{ pass, jump, want time.Duration }{
			{0, time.Hour, 0}, // the first look
			{time.Minute, 0, 0},
			{time.Minute, time.Hour, time.Hour},
			{time.Millisecond, -24 * time.Hour, -24 * time.Hour},
			{0, 900 * time.Millisecond, 0},
			{0, -1100 * time.Millisecond, -1100 * time.Millisecond},
			{10 * time.Hour, 18 * time.Second, 0}, // slewed by 500 ppm
			{10 * time.Hour, time.Minute, time.Minute},
			{time.Minute, 0, 0},
		} {
			time.Sleep(tt.pass)
			off += tt.jump
			now := time.Now()
			if got := d.Jump(now, now.Add(off)); got != tt.want {
				t.Errorf("step %d: jump %v, want %v", i, got, tt.want)
			}
		}
	})
}
