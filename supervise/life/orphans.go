package life

import (
	"slipway/supervise/logs"
	"slipway/supervise/loop"
	"slipway/supervise/ownership"
)

// burst is the orphans that have ended lately.
type burst struct {
	ownership.Burst
	end loop.Timer // set while there is something to sum up
}

// sayOrphan writes the line that the end of an orphan is worth; how it has ended is for people.
// As supervisord, and with loglevel debug, each is worth one.
func (t *Table) sayOrphan(pid int, how string) {
	b := &t.gone.burst
	if t.opts.Explain && !t.log.Enabled(logs.Debug) && !b.Tell(t.k.Now()) {
		if !b.end.IsSet() {
			t.loop.After(&b.end, ownership.BurstTime, t.SumUpOrphans)
		}
		return
	}
	t.log.Info("reaped unknown pid ", itoa(pid), " (", how, ")")
}

// SumUpOrphans says how many orphans have ended of which nothing was told.
func (t *Table) SumUpOrphans() {
	t.loop.Clear(&t.gone.burst.end)
	if more, in := t.gone.burst.Sum(t.k.Now()); more > 0 {
		t.log.Info("reaped ", itoa(more), " more unknown processes in ", in.String())
	}
}
