package life

import (
	"slipway/supervise/logs"
	"slipway/supervise/loop"
	"slipway/supervise/probe"
	"slipway/supervise/summary"
)

// minutely are what is summed up every minute, while there is anything: a wait that nothing
// ends must not be silent, and many ends must not be a flood.
type minutely struct {
	ends  summary.Ends
	crowd loop.Timer // of ends
	waits loop.Timer
}

// remind has what waits be said in a minute, if there is anything.
func (t *Table) remind() {
	waiting := false
	t.Each(func(p *Process) { waiting = waiting || p.Held && p.Vain == "" || p.isUnready() })
	switch timer := &t.minutely.waits; {
	case !waiting:
		t.loop.Clear(timer)
	case !timer.IsSet():
		t.loop.After(timer, summary.Every, t.sayWaits)
	}
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
	var list []summary.Wait
	t.Each(func(p *Process) {
		switch {
		case p.Held && p.Vain == "":
			list = append(list, summary.Wait{Name: p.Name(), Text: "has waited for " + p.Place.WaitsFor(), Since: p.since})
		case p.isUnready():
			list = append(list, summary.Wait{Name: p.Name(), Text: "has not been ready" + p.lastAnswer(), Since: p.Life.Started})
		}
	})
	for _, line := range summary.Waits(list, t.k.Now()) {
		t.log.Warn(line)
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

// tell logs a line about the life of p, one of those that come with every end and start.
// Those of a program that has been started again a few times, after a short run, are told
// up to a number and then summed up. As supervisord every line is told, as is with loglevel
// = debug.
func (t *Table) tell(p *Process, end bool, log func(parts ...string), parts ...string) {
	if !t.opts.Explain || p.Life.Restarts < 2 || p.Life.Ran >= summary.Every || t.log.Enabled(logs.Debug) {
		log(parts...)
		return
	}
	if !t.minutely.crowd.IsSet() {
		t.loop.After(&t.minutely.crowd, summary.Every, t.sayCrowd)
	}
	if t.minutely.ends.Tell(p.FullName(), end) {
		log(parts...)
	}
}

// sayCrowd sums up a minute of ends.
func (t *Table) sayCrowd() {
	ends := map[string]string{}
	t.Each(func(p *Process) { ends[p.FullName()] = t.howEnded(p) })
	if text := t.minutely.ends.Sum(func(name string) string { return ends[name] }); text != "" {
		t.log.Warn(text)
	}
}
