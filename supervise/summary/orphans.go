package summary

import (
	"strconv"
	"time"

	"slipway/supervise/logs"
	"slipway/supervise/loop"
)

// The bounds of what is told of orphans one by one.
const (
	burstTold = 10
	burstTime = 10 * time.Second
)

// Orphans tells of the ends of processes that belong to no program: some one by one, the
// others as a number.
type Orphans struct {
	teller
	each  bool // every one is told
	began time.Time
	told  int
	more  int
	end   loop.Timer // set while there is something to sum up
}

// NewOrphans returns an Orphans that writes to log. With each it sums nothing up, which is
// Supervisor's habit; nor does it with loglevel debug.
func NewOrphans(clock Clock, l *loop.Loop, log *logs.Activity, each bool) *Orphans {
	return &Orphans{teller: teller{clock, l, log}, each: each}
}

// Ended tells of the end of an orphan; how is for people.
func (o *Orphans) Ended(pid int, how string) {
	if !o.each && !o.log.Enabled(logs.Debug) {
		if now := o.clock.Now(); o.more == 0 && now.Sub(o.began) >= burstTime {
			o.began, o.told = now, 0
		}
		if o.told >= burstTold {
			if o.more++; !o.end.IsSet() {
				o.loop.After(&o.end, burstTime, o.SumUp)
			}
			return
		}
		o.told++
	}
	o.log.Info("reaped unknown pid ", strconv.Itoa(pid), " (", how, ")")
}

// SumUp says how many orphans have ended of which nothing was told.
func (o *Orphans) SumUp() {
	if o.more > 0 {
		o.log.Info("reaped ", strconv.Itoa(o.more), " more unknown processes in ", o.clock.Now().Sub(o.began).Round(time.Second).String())
	}
	o.loop.Clear(&o.end)
	o.began, o.told, o.more = time.Time{}, 0, 0
}
