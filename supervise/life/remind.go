package life

import (
	"slipway/supervise/probe"
	"slipway/supervise/summary"
)

// SumUp says what has not been said of orphans.
func (t *Table) SumUp() { t.orphans.SumUp() }

// remind has what waits be said in a minute, if there is anything.
func (t *Table) remind() {
	waiting := false
	t.Each(func(p *Process) { waiting = waiting || p.waits() })
	t.waits.Remind(waiting, t.listWaits)
}

// waits reports whether something is waited for that p or another one needs to go on.
func (p *Process) waits() bool { return p.Held && p.Vain == "" || p.isUnready() || p.Life.Stalls > 0 }

// isUnready reports whether p is up, has a ready probe, and is not ready.
func (p *Process) isUnready() bool {
	return isUp(p) && p.probing.spec.Ready != probe.ByRunning && !p.IsReady()
}

func (t *Table) listWaits() (list []summary.Wait) {
	if !t.opts.Running() {
		return nil
	}
	t.Each(func(p *Process) {
		switch {
		case p.Held && p.Vain == "":
			list = append(list, summary.Wait{Name: p.Name(), Since: p.since, What: "has waited for " + p.Awaits()})
		case p.Life.Stalls > 0:
			list = append(list, summary.Wait{Name: p.Name(), Since: p.since, What: "could not be started (" + p.Life.SpawnErr + ")"})
		case p.isUnready():
			list = append(list, summary.Wait{Name: p.Name(), Since: p.Life.Started, What: "has not been ready" + p.lastAnswer()})
		}
	})
	t.remind()
	return list
}

// lastAnswer is what the ready probe has said last, in parentheses.
func (p *Process) lastAnswer() string {
	switch {
	case p.notifies():
		return " (it has not said so)"
	case p.probing.state.Why == "":
		return ""
	}
	return " (" + p.probing.state.Why + ")"
}
