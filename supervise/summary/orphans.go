package summary

import (
	"strconv"
	"time"

	"slipway/supervise/logs"
	"slipway/supervise/loop"
)

// Up to so many orphans in that time are not worth a line.
const (
	burstTold = 10
	burstTime = 10 * time.Second
)

// Orphans tells of the ends of processes that belong to no program. A container always has
// some: the child of a script that was stopped, what a health check leaves. Nobody can act on
// one of them, so only a crowd is told of, as a number.
type Orphans struct {
	teller
	each  bool // every one is told
	began time.Time
	count int        // since then
	end   loop.Timer // set while there is something to sum up
}

// NewOrphans returns an Orphans that writes to log. With each it tells of every one, which is
// Supervisor's habit; so it does, in the log's own words for details, with loglevel debug.
func NewOrphans(clock Clock, l *loop.Loop, log *logs.Activity, each bool) *Orphans {
	return &Orphans{teller: teller{clock, l, log}, each: each}
}

// Ended tells of the end of an orphan; how is for people.
func (o *Orphans) Ended(pid int, how string) {
	if o.each || o.log.Enabled(logs.Debug) {
		tell := o.log.Debug
		if o.each {
			tell = o.log.Info
		}
		tell("reaped unknown pid ", strconv.Itoa(pid), " (", how, ")")
		return
	}
	if now := o.clock.Now(); o.count <= burstTold && now.Sub(o.began) >= burstTime {
		o.began, o.count = now, 0
	}
	if o.count++; o.count > burstTold && !o.end.IsSet() {
		o.loop.After(&o.end, burstTime, o.SumUp)
	}
}

// SumUp says how many orphans have ended, if they are a crowd.
func (o *Orphans) SumUp() {
	if o.count > burstTold {
		o.log.Info("reaped ", strconv.Itoa(o.count), " unknown processes in ", o.clock.Now().Sub(o.began).Round(time.Second).String())
	}
	o.loop.Clear(&o.end)
	o.began, o.count = time.Time{}, 0
}
