package supervise

import (
	"sort"

	"slipway/supervise/control"
	"slipway/supervise/life"
	"slipway/supervise/outcome"
)

// operation is what a client can do to one process, to those of a group, and to all.
type operation struct {
	// concerns: of several processes the operation is for these; nil: for all.
	concerns func(p *life.Process) bool
	// check refuses the call for everybody; nil: nothing is refused.
	check func(c *call) *control.Fault
	begin func(s *Supervisor, p *life.Process, c *call) *control.Fault
	// finished says whether what was begun has come to its end, and how: the last argument,
	// wait, decides whether the answer is deferred until then. nil: it has ended when it is
	// begun, and there is no such argument. since is the incarnation that there was then.
	finished func(p *life.Process, since uint64) (f *control.Fault, ok bool)
}

// The operations of that shape. Signals are sent to a process, never to its group.
var (
	opStart = operation{
		concerns: func(p *life.Process) bool { return !p.Life.State.IsRunning() },
		begin:    func(s *Supervisor, p *life.Process, _ *call) *control.Fault { return s.tryStart(p) },
		finished: outcome.Started,
	}
	opStop = operation{
		concerns: isStoppable,
		begin:    func(s *Supervisor, p *life.Process, _ *call) *control.Fault { return s.tryStop(p) },
		finished: outcome.Stopped,
	}
	opRestart = operation{
		begin:    func(s *Supervisor, p *life.Process, _ *call) *control.Fault { return s.renew(p) },
		finished: outcome.Restarted,
	}
	opSignal = operation{
		concerns: func(p *life.Process) bool { return p.Life.State.IsSignallable() },
		check:    (*call).checkSignal,
		begin:    func(s *Supervisor, p *life.Process, c *call) *control.Fault { return s.trySignal(p, c.last().Str()) },
	}
	opTrigger = operation{
		begin: func(s *Supervisor, p *life.Process, _ *call) *control.Fault {
			if p.Config.Schedule == "" || p.Group.Removing {
				return s.tryStart(p)
			}
			s.birth.times.Trigger(p)
			return nil
		},
	}
	opClear = operation{
		begin: func(s *Supervisor, p *life.Process, _ *call) *control.Fault { return s.clearLogs(p) },
	}
)

func (o operation) waits(c *call) bool { return o.finished != nil && c.last().Bool() }

// one answers a call on the process that its first argument names.
func (o operation) one(s *Supervisor, c *call) {
	if p := c.process(); p != nil {
		s.one(c, p, o.begin(s, p, c), o.waits(c), o.finished)
	}
}

// group answers a call on the processes of the group that its first argument names.
func (o operation) group(s *Supervisor, c *call) {
	if g := c.group(); g != nil {
		o.many(s, c, g.Processes)
	}
}

// all answers a call on every process.
func (o operation) all(s *Supervisor, c *call) { o.many(s, c, s.all()) }

// many answers with a list of Status: failures at once first, then the others in the
// order in which they finish.
func (o operation) many(s *Supervisor, c *call, list []*life.Process) {
	if o.check != nil {
		if f := o.check(c); f != nil {
			c.fault(f.Code, f.Detail)
			return
		}
	}
	var results []control.Status
	add := func(p *life.Process, f *control.Fault) {
		results = append(results, control.NewStatus(p.Config.Group, p.Config.Name, f))
	}
	type begun struct {
		p     *life.Process
		since uint64
	}
	var pending []begun
	for _, p := range o.concerned(list) {
		switch f := o.begin(s, p, c); {
		case f != nil || !o.waits(c):
			add(p, f)
		default:
			pending = append(pending, begun{p, p.Life.Gen})
		}
	}
	s.server.Defer(c.Call, func() (control.Value, *control.Fault, bool) {
		still := pending[:0]
		for _, b := range pending {
			if f, ok := s.finished(o.finished, b.p, b.since); ok {
				add(b.p, f)
			} else {
				still = append(still, b)
			}
		}
		pending = still
		return control.EncodeList(results), nil, len(pending) == 0
	})
}

// concerned are the processes that the operation is for, in the order in which they are
// taken.
func (o operation) concerned(list []*life.Process) []*life.Process {
	var out []*life.Process
	for _, p := range byPriority(list) {
		if o.concerns == nil || o.concerns(p) {
			out = append(out, p)
		}
	}
	return out
}

// one answers an operation on one process: at once, or with wait when finished says
// so.
func (s *Supervisor) one(c *call, p *life.Process, f *control.Fault, wait bool, finished func(*life.Process, uint64) (*control.Fault, bool)) {
	if f != nil || !wait {
		c.answer(done, f)
		return
	}
	since := p.Life.Gen
	s.server.Defer(c.Call, func() (control.Value, *control.Fault, bool) {
		f, ok := s.finished(finished, p, since)
		return done, f, ok
	})
}

// all returns every process.
func (s *Supervisor) all() []*life.Process {
	var list []*life.Process
	s.table.Each(func(p *life.Process) { list = append(list, p) })
	return list
}

// finished says whether what was begun has come to its end. A process that is being
// replaced stands for its successor.
func (s *Supervisor) finished(is func(*life.Process, uint64) (*control.Fault, bool), p *life.Process, since uint64) (*control.Fault, bool) {
	now, settled := s.standIn(p)
	switch {
	case now == nil:
		return is(p, since)
	case !settled && p.IsStuck() && s.opts.Mode == Run:
		return outcome.StillThere(p), true
	case !settled:
		return nil, false
	case now != p:
		since = 0
	}
	f, ok := is(now, since)
	if !ok && now.IsStuck() && s.opts.Mode == Run {
		return outcome.StillThere(now), true
	}
	return f, ok
}

// byPriority returns processes in the order in which group operations take them.
func byPriority(list []*life.Process) []*life.Process {
	sorted := append([]*life.Process(nil), list...)
	sort.SliceStable(sorted, func(i, j int) bool {
		a, b := sorted[i], sorted[j]
		if a.Group != b.Group {
			return false // groups are in order already
		}
		return a.Config.Priority < b.Config.Priority || a.Config.Priority == b.Config.Priority && a.Config.Name < b.Config.Name
	})
	return sorted
}
