package life

import (
	"slipway/supervise/logs"
	"slipway/supervise/loop"
	"slipway/supervise/summary"
)

// crowd is what is summed up every minute about programs that end again and again.
type crowd struct {
	ends  summary.Ends
	timer loop.Timer
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
	if !t.crowd.timer.IsSet() {
		t.loop.After(&t.crowd.timer, summary.Every, t.sayCrowd)
	}
	if t.crowd.ends.Tell(p.FullName(), end) {
		log(parts...)
	}
}

// sayCrowd sums up a minute of ends.
func (t *Table) sayCrowd() {
	ends := map[string]string{}
	t.Each(func(p *Process) { ends[p.FullName()] = t.howEnded(p) })
	if text := t.crowd.ends.Sum(func(name string) string { return ends[name] }); text != "" {
		t.log.Warn(text)
	}
}
