package config

import (
	"testing"
	"time"

	"slipway/supervise/machine"
)

func TestInheritPause(t *testing.T) {
	all := Slipway{Pause: machine.Pause{First: time.Second, Most: time.Minute}}
	var silent, fixed Process
	silent.UnsetPause()
	all.Inherit(&silent)
	all.Inherit(&fixed)
	if silent.Pause != all.Pause || fixed.Pause != (machine.Pause{}) {
		t.Errorf("pauses %v and %v, want that of [slipway] and none", silent.Pause, fixed.Pause)
	}
}
