package life

import (
	"strings"
	"time"

	"slipway/supervise/probe"
)

const (
	// remindEvery is how often it is said what waits.
	remindEvery = time.Minute
	// remindMost is how many programs are named then.
	remindMost = 8
)

// remind has what waits be said in a minute, if there is anything: a wait that nothing ends
// must not be silent. Without any there is no timer.
func (t *Table) remind() {
	waiting := false
	t.Each(func(p *Process) { waiting = waiting || p.waits() })
	switch {
	case !waiting:
		t.loop.Clear(&t.reminder)
	case !t.reminder.IsSet():
		t.loop.After(&t.reminder, remindEvery, t.sayWaits)
	}
}

// waits reports whether something is waited for that p or another one needs to go on.
func (p *Process) waits() bool {
	return p.Held && p.Vain == "" || p.isUnready()
}

// isUnready reports whether p is up, has a ready probe, and is not ready.
func (p *Process) isUnready() bool {
	return isUp(p) && p.probing.spec.Ready != probe.ByRunning && !p.IsReady()
}

// sayWaits says what has waited for a minute or longer.
func (t *Table) sayWaits() {
	if !t.opts.Running() {
		return
	}
	now, n := t.k.Now(), 0
	var names []string
	say := func(name string, since time.Time, text ...string) {
		d := now.Sub(since)
		if d < remindEvery {
			return
		}
		if n++; n <= remindMost {
			t.log.Warn(name, " ", strings.Join(text, ""), " for ", d.Round(time.Second).String())
			return
		}
		names = append(names, name)
	}
	t.Each(func(p *Process) {
		switch {
		case p.Held && p.Vain == "":
			say(p.Name(), p.since, "has waited for ", p.Place.WaitsFor())
		case p.isUnready():
			say(p.Name(), p.Life.Started, "has not been ready", p.lastAnswer())
		}
	})
	if len(names) > 0 {
		t.log.Warn("so it is with ", itoa(len(names)), " more: ", short(names))
	}
	t.remind()
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

// short is the first of many names.
func short(names []string) string {
	if len(names) <= remindMost {
		return strings.Join(names, ", ")
	}
	return strings.Join(names[:remindMost], ", ") + " …"
}
