package life

import (
	"slipway/supervise/ending"
	"slipway/supervise/machine"
)

// Start asks for a process to be started, once what it depends on is ready. With a
// start_limit its turn comes with the next Release.
func (t *Table) Start(p *Process) {
	p.Place.Asked = true
	t.start(p)
}

// Autostart is a start that nobody has asked for.
func (t *Table) Autostart(p *Process) {
	p.Place.Asked = false
	t.start(p)
}

func (t *Table) start(p *Process) {
	need := p.Place.WaitsFor()
	switch {
	case !need.IsZero():
		t.hold(p, need.Goal())
	case t.limit > 0:
		t.hold(p, "")
	default:
		t.begin(p)
	}
}

// hold has a process wait. Why is what for; "" for its turn.
func (t *Table) hold(p *Process, why string) {
	if !p.Held {
		p.Held, p.since = true, t.k.Now()
		if why != "" {
			t.log.Info("holding ", p.Name(), " until ", why)
		}
	}
	p.Vain = "" // what it waits for may be started in the same breath
	t.Touch()
}

// begin starts a process that waits for nobody.
func (t *Table) begin(p *Process) {
	if name := p.Place.Unknown(); name != "" {
		t.log.Warn("starting ", p.Name(), " without ", name, ", which it depends on and which is not there")
	}
	auto := !p.Place.Asked
	p.Unhold()
	p.Followed = false
	if auto && t.isDone(p) {
		t.Feed(p, machine.Event{Kind: machine.Skip})
		return
	}
	t.Feed(p, machine.Event{Kind: machine.Start})
}

// Release starts the processes whose turn has come, and decides for those that wait in
// vain: they do not start, which is said, until what they wait for comes up after all.
func (t *Table) Release() {
	coming := t.Survey()
	t.Each(func(p *Process) {
		if !p.Held {
			return
		}
		if p.Place.WaitsFor().IsZero() {
			if t.limit == 0 || coming < t.limit {
				t.begin(p)
				coming++
			}
			return
		}
		vain := t.whyInVain(p)
		if vain != p.Vain && vain != "" {
			t.log.Warn(p.Name(), " is not started: ", vain, " (depends_on); it follows when that comes up")
		}
		p.Vain = vain
	})
	t.remind()
}

// whyInVain says why what a process depends on will not be the case; "" if it may be.
func (t *Table) whyInVain(p *Process) string {
	need := p.Place.InVain()
	if need.IsZero() {
		return ""
	}
	if p.blamed == nil || !p.blamed.Place.IsCulprit(need) { // else each change looks at all, for all that wait
		p.blamed = nil
		t.Each(func(q *Process) {
			if q.Place.IsCulprit(need) {
				p.blamed = q
			}
		})
	}
	if p.blamed == nil {
		return need.Not()
	}
	return p.blamed.FullName() + " " + p.blamed.resting()
}

// resting says what a process that is at rest is at.
func (p *Process) resting() string {
	if p.Held {
		return "waits in vain for " + p.Place.InVain().String()
	}
	return ending.Resting(&p.Life)
}

// restartOthers restarts what says restart_with a process that was restarted, now that
// it can be used again.
func (t *Table) restartOthers(p *Process) {
	if p.Life.Gen < 2 || !t.opts.Running() {
		return
	}
	t.Each(func(other *Process) {
		if other == p || !isUp(other) || other.Life.Started.After(p.Life.Started) || !p.Place.IsIn(other.Config.RestartWith) {
			return
		}
		t.log.Info("restarting ", other.Name(), " because ", p.Name(), " was restarted (restart_with)")
		t.Restart(other)
	})
}
