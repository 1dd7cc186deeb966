package life

import (
	"testing"
	"time"

	"slipway/supervise/bus"
	"slipway/supervise/child"
	"slipway/supervise/config"
	"slipway/supervise/logs"
	"slipway/supervise/logs/sink"
	"slipway/supervise/loop"
	"slipway/supervise/probe"
)

// clock is a kernel that only knows the time.
type clock struct {
	loop.Poller
	Kernel
}

func (clock) Now() time.Time { return time.Unix(1000, 0) }

// A freeze leaves a start as much time to become ready as it had before.
func TestFreezeIsNoTimeToBecomeReady(t *testing.T) {
	k := clock{}
	l := loop.New(k, nil)
	log := logs.NewActivity(k.Now)
	table := New(Options{
		Kernel: k, Loop: l, Log: log, Running: func() bool { return true },
		Maker: &child.Maker{}, Targets: sink.NewTargets(sink.Options{}),
		Bus: bus.New(bus.Options{Loop: l, Log: log, Pools: func(func(*bus.Pool)) {}}),
	})
	table.Configure(&config.Config{})
	db := config.Process{Name: "db", Group: "db", Program: "db", Ready: config.Ready{
		Probe: config.Probe{Kind: config.ProbeFD, FD: 3}, Timeout: 10 * time.Second,
	}}
	p := table.Add(config.Group{Name: "db", Processes: []config.Process{db}}).Processes[0]
	table.feedProbe(p, probe.Event{Kind: probe.Begun, Gen: 1})
	table.Stalled(time.Minute)
	if got, want := p.probing.due.At(), time.Unix(1070, 0); !got.Equal(want) {
		t.Errorf("ready_timeout ends at %v, want %v", got, want)
	}
}
