package text

import (
	"testing"
	"time"

	"slipway/supervise/machine"
)

func TestPause(t *testing.T) {
	for _, tt := range []struct {
		text string
		want machine.Pause
		ok   bool
	}{
		{"1s, 1m", machine.Pause{First: time.Second, Most: time.Minute, Factor: 2, Jitter: 0.1}, true},
		{"500ms,30,1.5,0", machine.Pause{First: 500 * time.Millisecond, Most: 30 * time.Second, Factor: 1.5}, true},
		{"5s", machine.Pause{First: 5 * time.Second, Most: 5 * time.Second, Factor: 2, Jitter: 0.1}, true},
		{"fixed", machine.Pause{}, true},
		{" Fixed ", machine.Pause{}, true},
		{"", machine.Pause{}, false},
		{"0s", machine.Pause{}, false},
		{"1m, 1s", machine.Pause{}, false},
		{"1s, 1m, 0.5", machine.Pause{}, false},
		{"1s, 1m, NaN", machine.Pause{}, false},
		{"1s, 1m, 2, 1.5", machine.Pause{}, false},
		{"1s, 1m, 2, 0.1, 3", machine.Pause{}, false},
		{"-1s", machine.Pause{}, false},
	} {
		got, ok := Pause(tt.text)
		if ok != tt.ok || ok && got != tt.want {
			t.Errorf("Pause(%q) = %+v, %v; want %+v, %v", tt.text, got, ok, tt.want, tt.ok)
		}
		if again, ok := Pause(got.String()); tt.ok && (!ok || again != got) {
			t.Errorf("%q is written %q, which reads as %+v", tt.text, got, again)
		}
	}
}
