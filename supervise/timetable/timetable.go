// Package timetable runs the programs with a schedule: it keeps when each is to run next, and
// decides what becomes of a run whose time comes while the one before is not over. Package
// schedule computes the times; package life runs the programs.
//
// Times are those of the clock on the wall. A timer is set for an hour at most, so that a clock
// that somebody has set is noticed.
package timetable

import (
	"time"

	"slipway/supervise/config"
	"slipway/supervise/life"
	"slipway/supervise/logs"
	"slipway/supervise/loop"
	"slipway/supervise/machine"
	"slipway/supervise/schedule"
)

// longest is how long a timer is set at most.
const longest = time.Hour

// Wall is the time of day.
type Wall interface{ Wall() time.Time }

// Timetable is that of a supervisor.
type Timetable struct {
	wall    Wall
	loop    *loop.Loop
	log     *logs.Activity
	table   *life.Table
	running func() bool
	any     bool                     // there is, or was, a program with a schedule
	entries map[*life.Process]*entry // nil: no program has a schedule
}

// entry is a program with a schedule.
type entry struct {
	schedule schedule.Schedule
	next     time.Time // by the schedule; zero: never
	at       time.Time // next, with its share of jitter
	queued   bool      // it is to run again when it has ended
	timer    loop.Timer
	onDue    func()
}

// New returns a timetable without entries. Running reports whether no stop is under way.
func New(wall Wall, l *loop.Loop, log *logs.Activity, table *life.Table, running func() bool) *Timetable {
	return &Timetable{wall: wall, loop: l, log: log, table: table, running: running}
}

// Configure is that a configuration comes into force.
func (t *Timetable) Configure(cfg *config.Config) {
	for _, p := range cfg.Processes() {
		t.any = t.any || p.Schedule != ""
	}
}

// Settle takes in the programs that are in the table, forgets those that are not, and runs what
// has waited for the run before. Where no program has a schedule it does nothing.
func (t *Timetable) Settle() {
	if !t.any {
		return
	}
	t.sync()
	t.table.Each(func(p *life.Process) {
		if e := t.entries[p]; e != nil && e.queued && p.IsOver() && !p.Held {
			e.queued = false
			t.Trigger(p)
		}
	})
}

func (t *Timetable) sync() {
	there := map[*life.Process]bool{}
	t.table.Each(func(p *life.Process) {
		if p.Config.Schedule == "" || p.Group.Removing {
			return
		}
		there[p] = true
		if t.entries[p] != nil {
			return
		}
		s, _ := schedule.Parse(p.Config.Schedule) // the decoder has refused others
		e := &entry{schedule: s}
		e.onDue = func() { t.due(p, e) }
		if t.entries == nil {
			t.entries = map[*life.Process]*entry{}
		}
		t.entries[p] = e
		t.plan(p, e, t.wall.Wall())
	})
	for p, e := range t.entries {
		if !there[p] {
			t.loop.Clear(&e.timer)
			delete(t.entries, p)
		}
	}
}

// plan sets when a program runs next.
func (t *Timetable) plan(p *life.Process, e *entry, after time.Time) {
	e.next = e.schedule.Next(after)
	if e.at = e.next; !e.next.IsZero() {
		e.at = e.next.Add(time.Duration(float64(p.Config.Jitter) * machine.Chance(p.FullName(), e.next)))
	}
	t.arm(e)
}

func (t *Timetable) arm(e *entry) {
	if !e.at.IsZero() {
		t.loop.After(&e.timer, min(max(e.at.Sub(t.wall.Wall()), 0), longest), e.onDue)
	}
}

// due is the end of a timer: the time has come, or it is looked at the clock again.
func (t *Timetable) due(p *life.Process, e *entry) {
	now := t.wall.Wall()
	if now.Before(e.at) {
		t.arm(e)
		return
	}
	if t.running() {
		t.Trigger(p)
	}
	if e.next.Before(now) {
		e.next = now // what a stop of the clock, or of the machine, has left out is not made up for
	}
	t.plan(p, e, e.next)
}

// Looked is that the clock has jumped: what was computed by it is computed anew.
func (t *Timetable) Looked() {
	t.table.Each(func(p *life.Process) {
		if e := t.entries[p]; e != nil {
			t.plan(p, e, t.wall.Wall())
		}
	})
}

// Trigger runs a program now, or does with that what overlap says.
func (t *Timetable) Trigger(p *life.Process) {
	if p.IsOver() && !p.Held && p.Life.State != machine.Unknown {
		t.log.Info("running ", p.Name(), ", as its time has come")
		t.table.Start(p)
		return
	}
	switch p.Config.Overlap {
	case config.OverlapSkip:
		t.log.Warn("not running ", p.Name(), ", whose time has come: the run before is not over (overlap=skip)")
	case config.OverlapQueue:
		if e := t.entries[p]; e != nil && !e.queued {
			e.queued = true
			t.log.Info(p.Name(), " runs again when the run before is over (overlap=queue)")
		}
	case config.OverlapKill:
		t.log.Warn("stopping ", p.Name(), " to run it again: the run before is not over (overlap=kill)")
		t.table.Feed(p, machine.Event{Kind: machine.Renew})
	}
}

// Next is when a program runs next; zero: nobody knows.
func (t *Timetable) Next(p *life.Process) time.Time {
	if e := t.entries[p]; e != nil {
		return e.at
	}
	return time.Time{}
}
