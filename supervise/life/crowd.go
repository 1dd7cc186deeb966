package life

import "slipway/supervise/summary"

// tell logs a line about the life of p, one of those that come with every end and start.
// Those of a program that has been started again a few times, after a short run, are told
// up to a number and then summed up. As supervisord every line is told.
func (t *Table) tell(p *Process, end bool, log func(parts ...string), parts ...string) {
	often := t.opts.Explain && p.Life.Restarts >= 2 && p.Life.Ran < summary.Every
	if !often || t.crowd.Tell(p.FullName(), end) {
		log(parts...)
	}
}

// ends is how each program has ended last.
func (t *Table) ends() map[string]string {
	ends := map[string]string{}
	t.Each(func(p *Process) { ends[p.FullName()] = t.howEnded(p) })
	return ends
}
