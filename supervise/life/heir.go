package life

import (
	"cmp"
	"slices"

	"slipway/supervise/config"
	"slipway/supervise/ending"
	"slipway/supervise/machine"
	"slipway/supervise/overlap"
	"slipway/supervise/probe"
)

// Stop asks for a process to be down.
func (t *Table) Stop(p *Process) {
	p.Unhold()
	p.Followed = false
	t.disinherit(p)
	t.Feed(p, machine.Event{Kind: machine.Stop})
}

// Restart restarts a process that is up, the way its restart_mode says.
func (t *Table) Restart(p *Process) {
	if p.Config.RestartMode != config.RestartOverlap || p.member != nil || p.Life.State != machine.Running && !(isUp(p) && p.IsReady()) {
		t.disinherit(p)
		p.Line = nil
		t.Feed(p, machine.Event{Kind: machine.Renew})
		return
	}
	if p.Line == nil {
		p.Line = new(overlap.Line[*Process])
	}
	p.Failed = ""
	if q := p.Heir; q != nil { // it may have begun before what the restart is for
		q.Late = false
		t.bound(q)
		t.Feed(q, machine.Event{Kind: machine.Renew})
		return
	}
	q := t.record(p.Group, p.Config)
	p.Streams.Share(&q.Streams)
	q.Place, q.Life.Gen, q.Life.Restarts = p.Place, p.Life.Gen, p.Life.Restarts
	q.Line = &overlap.Line[*Process]{Beside: true}
	p.Heir = q
	p.Group.beside = append(p.Group.beside, q)
	t.log.Info("starting another ", p.Name(), "; pid ", itoa(p.Life.PID), " stays until that is ready (restart_mode=overlap)")
	t.bound(q)
	t.Feed(q, machine.Event{Kind: machine.Start})
}

// bound limits the time that an heir may take.
func (t *Table) bound(q *Process) {
	t.loop.After(&q.Limit, cmp.Or(q.Config.Ready.Timeout, overlap.Patience), func() {
		q.Late = true
		t.Touch()
	})
}

// disinherit has a process keep its place, and stops who was to take it.
func (t *Table) disinherit(p *Process) {
	if !p.HasHeir() {
		return
	}
	q := p.Heir
	p.Heir = nil
	t.loop.Clear(&q.Limit)
	t.Feed(q, machine.Event{Kind: machine.Stop})
}

// Disinherit does so with all processes.
func (t *Table) Disinherit() { t.Each(t.disinherit) }

// Succeed gives the heirs that are ready their places, and stops those that have failed.
func (t *Table) Succeed() {
	for _, g := range t.groups.List {
		if len(g.beside) == 0 {
			continue
		}
		for i, p := range g.Processes {
			if p.HasHeir() {
				t.judge(g, i, p)
			}
		}
		g.beside = slices.DeleteFunc(g.beside, func(p *Process) bool { return p.IsOver() })
	}
}

func (t *Table) judge(g *Group, i int, p *Process) {
	q := p.Heir
	ready := q.IsReady() && (!q.IsReadyByHealth() || q.Health() == probe.Healthy)
	switch overlap.Judge(overlap.New{Life: &q.Life, Ready: ready, Late: q.Late}) {
	case overlap.Replace:
		t.loop.Clear(&q.Limit)
		p.Heir, p.Beside, q.Beside = nil, true, false
		g.Processes[i] = q
		g.beside[slices.Index(g.beside, q)] = p
		t.log.Info(p.Name(), " is pid ", itoa(q.Life.PID), " from now on, which is ready; stopping pid ", itoa(p.Life.PID))
		p.Unhold()
		t.Feed(p, machine.Event{Kind: machine.Stop})
	case overlap.GiveUp:
		if p.Failed = ending.BeforeReady(&q.Life, q.Failure.Text); q.Late {
			p.Failed = "was not ready in time" + q.lastAnswer()
		}
		t.log.Warn("the restart of ", p.Name(), " has failed: another one was started, and ", p.Failed, "; pid ", itoa(p.Life.PID), " stays")
		t.disinherit(p)
	case overlap.Wait:
	}
}
