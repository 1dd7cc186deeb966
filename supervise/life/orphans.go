package life

import (
	"time"

	"slipway/supervise/logs"
	"slipway/supervise/loop"
)

// The bounds of what is told of orphans one by one.
const (
	burstTold = 10
	burstTime = 10 * time.Second
)

// burst is the orphans that have ended lately: some are told, the others counted.
type burst struct {
	began time.Time
	told  int
	more  int
	end   loop.Timer // set while there is something to sum up
}

// sayOrphan writes the line that the end of an orphan is worth; how it has ended is for people. Twenty thousand of them are
// not worth twenty thousand lines; as supervisord, and with loglevel debug, they are.
func (t *Table) sayOrphan(pid int, how string) {
	if b := &t.gone.burst; t.opts.Explain && !t.log.Enabled(logs.Debug) {
		if now := t.k.Now(); b.more == 0 && now.Sub(b.began) >= burstTime {
			b.began, b.told = now, 0
		}
		if b.told >= burstTold {
			if b.more++; !b.end.IsSet() {
				t.loop.After(&b.end, burstTime, t.SumUpOrphans)
			}
			return
		}
		b.told++
	}
	t.log.Info("reaped unknown pid ", itoa(pid), " (", how, ")")
}

// SumUpOrphans says how many orphans have ended of which nothing was told.
func (t *Table) SumUpOrphans() {
	b := &t.gone.burst
	if b.more > 0 {
		t.log.Info("reaped ", itoa(b.more), " more unknown processes in ", t.k.Now().Sub(b.began).Round(time.Second).String())
	}
	t.loop.Clear(&b.end)
	*b = burst{}
}
