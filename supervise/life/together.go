package life

import "slipway/supervise/machine"

// stopWith stops those that say stop_with a program that has come to rest, by whatever. They
// are not stopped by hand.
func (t *Table) stopWith(p *Process, a machine.Action) {
	if !a.To.IsStopped() || !p.Life.AtRest() || !t.opts.Running() {
		return
	}
	t.Each(func(other *Process) {
		if other == p || other.IsOver() && !other.Held || !p.Place.IsIn(other.Config.StopWith) {
			return
		}
		t.log.Info("stopping ", other.Name(), " because ", p.Name(), " ", p.resting(), " (stop_with)")
		t.Stop(other)
		other.Followed = true
	})
}

// startWith starts those again that have stopped with a program, once all that they stop with
// can be used.
func (t *Table) startWith(p *Process) {
	if !t.opts.Running() {
		return
	}
	t.Each(func(other *Process) {
		if other.Followed && p.Place.IsIn(other.Config.StopWith) && !t.anyRests(other.Config.StopWith) {
			t.log.Info("starting ", other.Name(), " because ", p.Name(), " is back (stop_with)")
			t.Start(other)
		}
	})
}

func (t *Table) anyRests(list []string) (rests bool) {
	t.Each(func(p *Process) { rests = rests || p.Life.AtRest() && p.Place.IsIn(list) })
	return rests
}
