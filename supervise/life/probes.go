package life

import (
	"cmp"
	"time"

	"slipway/supervise/child"
	"slipway/supervise/config"
	"slipway/supervise/logs"
	"slipway/supervise/loop"
	"slipway/supervise/machine"
	"slipway/supervise/order"
	"slipway/supervise/probe"
)

// exitDeadline is the exit status when something was not ready, or well, in time (sysexits:
// EX_TEMPFAIL).
const exitDeadline = 75

// probing is what the supervisor keeps of the readiness and health of a process. What
// becomes of them is decided by package probe; this file carries its actions out.
type probing struct {
	spec   *probe.Spec
	state  probe.Probe
	due    loop.Timer // of state.Due
	onDue  func()
	run    *child.Child // that probes; nil: none
	notify readyChannel
}

// probeSpec is what the options say about readiness and health. Processes whose options say
// the same share one.
func (t *Table) probeSpec(c *config.Process) *probe.Spec {
	if spec := c.Probing(); t.probes == nil || *t.probes != spec {
		own := spec // which is allocated, and spec is not
		t.probes = &own
	}
	return t.probes
}

// notifies reports whether the program says itself when it is ready.
func (p *Process) notifies() bool { return p.probing.spec.Ready == probe.ByItself }

// IsReady reports whether p does what it is for: its ready probe has succeeded, or
// without one it is RUNNING.
func (p *Process) IsReady() bool { return p.probing.state.IsReady(p.probing.spec) }

// feedProbe gives an event to the readiness and health of a process and does what they
// say.
func (t *Table) feedProbe(p *Process, ev probe.Event) {
	ev.Now, ev.Stopping = t.k.Now(), !t.opts.Running()
	next, actions := probe.Step(p.probing.state, p.probing.spec, ev)
	p.probing.state = next
	t.board.Set(p.Place, p.facts())
	set := t.loop.Set
	if p.probing.state.IsTimed() {
		set = t.loop.SetLive
	}
	set(&p.probing.due, p.probing.state.Due(), p.probing.onDue)
	t.Touch()
	for _, a := range actions {
		t.actProbe(p, a)
	}
}

// probeEntered passes a change of state on to readiness and health.
func (t *Table) probeEntered(p *Process, a machine.Action) {
	switch a.To {
	case machine.Running:
		t.feedProbe(p, probe.Event{Kind: probe.Up, Gen: a.Gen})
	case machine.Starting:
	default:
		t.closeNotify(p)
		t.feedProbe(p, probe.Event{Kind: probe.Gone, Gen: a.Gen})
	}
}

// Reloaded has p confirm that it has survived a reload.
func (t *Table) Reloaded(p *Process) {
	t.feedProbe(p, probe.Event{Kind: probe.Reloaded, Gen: p.Life.Gen})
}

// Stalled implements loop.Handler. Time in which the loop did not run is no time in which
// a program could have become ready, or a probe could have answered.
func (t *Table) Stalled(d time.Duration) {
	t.log.Debug("not run for ", d.String(), ", which counts for no probe")
	t.EachOne(func(p *Process) {
		if p.probing.state.IsUp() {
			t.feedProbe(p, probe.Event{Kind: probe.Stalled, For: d})
		}
	})
}

func (t *Table) actProbe(p *Process, a probe.Action) {
	switch a.Do {
	case probe.DoRun:
		t.startRun(p, a)
	case probe.DoKill:
		if p.probing.run != nil {
			p.probing.run.KillGroup()
		}
	case probe.DoAnswer:
		if t.log.Enabled(logs.Debug) {
			t.log.Debug("probe of ", p.Name(), ": ", cmp.Or(a.Text, "ok"))
		}
	case probe.DoReady:
		t.log.Info("ready: ", p.Name())
		t.came(p)
	case probe.DoConfirm:
		t.Feed(p, machine.Event{Kind: machine.Confirmed, Gen: a.Gen})
	case probe.DoLate:
		t.log.Warn("failed: ", p.Name(), " (", a.Text, ")")
	case probe.DoRecovered:
		t.log.Info("healthy: ", p.Name(), " has recovered")
	case probe.DoUnhealthy:
		t.log.Warn("unhealthy: ", p.Name(), " (", a.Text, ")")
	case probe.DoFail:
		p.Failure = child.Failure{Text: a.Text, Code: exitDeadline}
		cause := machine.ByHealth
		if a.Run == probe.ReadyRun {
			cause = machine.ByReady
		}
		t.Feed(p, machine.Event{Kind: machine.Failed, Gen: a.Gen, Text: a.Text, Cause: cause})
	case probe.DoShutdown:
		t.opts.Shutdown(exitDeadline, p.Name()+" is unhealthy (health_action=shutdown)")
	}
}

// startRun starts a run of a probe. What it leaves behind in its group ends with it.
func (t *Table) startRun(p *Process, a probe.Action) {
	what := p.Config.Health.Probe
	if a.Run == probe.ReadyRun {
		what = p.Config.Ready.Probe
	}
	run := t.opts.Runner.Probe(t.opts.Maker, p.Config, what, func(why string, started bool) {
		p.probing.run = nil
		ev := probe.Event{Kind: probe.Done, Gen: a.Gen, Why: why}
		if !started {
			ev.Kind = probe.NotStarted
		}
		t.feedProbe(p, ev)
	})
	if run != nil {
		p.probing.run = run
	}
}

// Health is what the health probe has found out.
func (p *Process) Health() probe.Health { return p.probing.state.Health }

// Illness is why p is unhealthy, in words.
func (p *Process) Illness() string { return p.probing.state.Illness() }

// IsConfirming reports whether p has still to confirm that it has survived a reload.
func (p *Process) IsConfirming() bool { return !p.probing.state.Confirm.IsZero() }

// IsReadyByHealth reports whether p is ready when it is healthy, as nothing else says so.
func (p *Process) IsReadyByHealth() bool {
	return p.probing.spec.Ready == probe.ByRunning && p.probing.spec.Health
}

// facts are what is the case with a process that others may wait for.
func (p *Process) facts() order.Facts {
	done := p.Life.State == machine.Exited && !p.Life.Wanted
	return order.Facts(0).With(order.Ready, p.HasCompleted() || p.IsReady() && !p.Spec.Oneshot).
		With(order.Started, p.Life.State == machine.Running).
		With(order.Healthy, p.Health() == probe.Healthy).
		With(order.Completed, done && p.Life.Status.Expected(p.Spec.ExitCodes)).
		With(order.Exited, done || p.Life.State == machine.Fatal && !p.Life.Ended.IsZero())
}
