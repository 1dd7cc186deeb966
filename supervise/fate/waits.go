package fate

import (
	"slipway/supervise/life"
	"slipway/supervise/logs"
	"slipway/supervise/loop"
	"slipway/supervise/summary"
)

// Reminder says every minute what is waited for: a wait that nothing ends must not be silent.
// Without any there is no timer.
type Reminder struct {
	Loop  *loop.Loop
	Log   *logs.Activity
	Table *life.Table
	// Running reports whether no stop is under way.
	Running func() bool

	timer loop.Timer
}

// Settle is to be called when something has changed.
func (r *Reminder) Settle() {
	switch waits := r.waits(); {
	case len(waits) == 0:
		r.Loop.Clear(&r.timer)
	case !r.timer.IsSet():
		r.Loop.After(&r.timer, summary.Every, r.say)
	}
}

func (r *Reminder) waits() (list []summary.Wait) {
	r.Table.Each(func(p *life.Process) {
		switch {
		case p.Held && p.Vain == "":
			list = append(list, summary.Wait{Name: p.Name(), Text: "has waited for " + p.Place.WaitsFor(), Since: p.Since})
		case p.IsUnready():
			list = append(list, summary.Wait{Name: p.Name(), Text: "has not been ready" + p.LastAnswer(), Since: p.Life.Started})
		}
	})
	return list
}

func (r *Reminder) say() {
	if !r.Running() {
		return
	}
	for _, line := range summary.Waits(r.waits(), r.Loop.Now()) {
		r.Log.Warn(line)
	}
	r.Settle()
}
