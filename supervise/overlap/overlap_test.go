package overlap

import (
	"testing"

	"slipway/supervise/machine"
)

func TestJudge(t *testing.T) {
	for _, tt := range []struct {
		name        string
		life        machine.Proc
		ready, late bool
		want        Verdict
	}{
		{"comes up", machine.Proc{State: machine.Starting, Wanted: true}, false, false, Wait},
		{"comes up too slowly", machine.Proc{State: machine.Starting, Wanted: true}, false, true, GiveUp},
		{"says early that it is ready", machine.Proc{State: machine.Starting, Wanted: true}, true, false, Wait},
		{"is up", machine.Proc{State: machine.Running, Wanted: true}, false, false, Wait},
		{"is not ready in time", machine.Proc{State: machine.Running, Wanted: true}, false, true, GiveUp},
		{"is ready", machine.Proc{State: machine.Running, Wanted: true}, true, false, Replace},
		{"is ready at the last moment", machine.Proc{State: machine.Running, Wanted: true}, true, true, Replace},
		{"is restarted", machine.Proc{State: machine.Stopping, Wanted: true}, false, false, Wait},
		{"is restarted for too long", machine.Proc{State: machine.Stopping, Wanted: true}, false, true, GiveUp},
		{"its probe has failed", machine.Proc{State: machine.Stopping, Wanted: true, Faulty: true}, false, false, GiveUp},
		{"is stopped", machine.Proc{State: machine.Stopping}, false, false, GiveUp},
		{"has ended early", machine.Proc{State: machine.Backoff, Wanted: true}, false, false, GiveUp},
		{"has ended", machine.Proc{State: machine.Exited, Wanted: true}, false, false, GiveUp},
		{"cannot be kept up", machine.Proc{State: machine.Fatal}, false, false, GiveUp},
		{"cannot be signalled", machine.Proc{State: machine.Unknown}, false, false, GiveUp},
		{"was not started", machine.Proc{State: machine.Stopped}, false, false, GiveUp},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := Judge(New{&tt.life, tt.ready, tt.late}); got != tt.want {
				t.Errorf("verdict %d, want %d", got, tt.want)
			}
		})
	}
}
