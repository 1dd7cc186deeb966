package supervise

import (
	"time"

	"slipway/supervise/probe"
)

// timerKind is what a timer is for.
type timerKind uint8

const (
	timerProcess timerKind = iota // Due of a process
	timerReport                   // say what a stop waits for
	timerLinger                   // look whether a group is empty
	timerSweep                    // the remains have had their time
	timerSwept                    // look whether they are gone
	timerFront                    // listen for the HTTP front again
	timerWatch                    // start the watcher again
	timerTick                     // a TICK event is due
	timerTrim                     // the start is over
	timerProbe                    // Due of its readiness and health
	timerRest                     // channels have rested
)

// timer is one entry. A process timer is armed for one incarnation and one Due; when
// either has changed it is stale and ignored. So nothing is ever taken out.
type timer struct {
	at   time.Time
	kind timerKind
	p    *process
	gen  uint64
}

// timers is a heap, nearest first.
type timers struct{ heap []timer }

func (t *timers) add(x timer) {
	t.heap = append(t.heap, x)
	for i := len(t.heap) - 1; i > 0; {
		up := (i - 1) / 2
		if !t.heap[i].at.Before(t.heap[up].at) {
			return
		}
		t.heap[i], t.heap[up] = t.heap[up], t.heap[i]
		i = up
	}
}

// next returns the nearest timer; ok is false if there is none.
func (t *timers) next() (x timer, ok bool) {
	if len(t.heap) == 0 {
		return timer{}, false
	}
	return t.heap[0], true
}

func (t *timers) pop() {
	n := len(t.heap) - 1
	t.heap[0] = t.heap[n]
	t.heap[n] = timer{}
	t.heap = t.heap[:n]
	for i := 0; ; {
		least := i
		for c := 2*i + 1; c <= 2*i+2 && c < n; c++ {
			if t.heap[c].at.Before(t.heap[least].at) {
				least = c
			}
		}
		if least == i {
			return
		}
		t.heap[i], t.heap[least] = t.heap[least], t.heap[i]
		i = least
	}
}

// arm sets the timer of a process if its Due has changed.
func (s *Supervisor) arm(p *process) {
	if p.m.Due.IsZero() || p.m.Due.Equal(p.armed) {
		p.armed = p.m.Due
		return
	}
	p.armed = p.m.Due
	if len(s.timers.heap) > 4*len(s.byPID)+256 {
		s.compact()
	}
	s.timers.add(timer{at: p.m.Due, kind: timerProcess, p: p, gen: p.m.Gen})
}

// compact drops the stale timers: a program that is restarted all day would leave
// one for each stop until its stopwaitsecs are over.
func (s *Supervisor) compact() {
	old := s.timers.heap
	s.timers.heap = nil
	for _, t := range old {
		if !s.stale(t) {
			s.timers.add(t)
		}
	}
}

// after sets a timer that belongs to no process.
func (s *Supervisor) after(d time.Duration, kind timerKind) {
	s.timers.add(timer{at: s.k.Now().Add(d), kind: kind})
}

// timeout is how long Wait may block; negative is for ever. Stale timers at the top
// are dropped here, so that they do not wake anybody.
func (s *Supervisor) timeout() time.Duration {
	for {
		t, ok := s.timers.next()
		if !ok {
			return -1
		}
		if s.stale(t) {
			s.timers.pop()
			continue
		}
		return max(t.at.Sub(s.k.Now()), 0)
	}
}

func (s *Supervisor) stale(t timer) bool {
	if t.kind == timerProbe {
		return t.gen != t.p.probing.state.Gen || !t.at.Equal(t.p.probing.state.Due())
	}
	return t.p != nil && (t.gen != t.p.m.Gen || !t.at.Equal(t.p.m.Due))
}

// fire handles every timer that is due.
func (s *Supervisor) fire() {
	for {
		t, ok := s.timers.next()
		if !ok || t.at.After(s.k.Now()) {
			return
		}
		s.timers.pop()
		if s.stale(t) {
			continue
		}
		switch t.kind {
		case timerProcess:
			t.p.armed = time.Time{}
			s.feedTimer(t.p)
		case timerProbe:
			t.p.probing.armed = time.Time{}
			s.feedProbe(t.p, probe.Event{Kind: probe.Timer})
		case timerReport:
			s.reportStop()
		case timerLinger:
			s.lookAtGroups()
		case timerSweep:
			s.sweepOverdue()
		case timerSwept:
			s.swept()
		case timerTrim:
			s.k.Trim()
		case timerRest:
			s.rested()
		case timerTick:
			s.tick()
		case timerWatch:
			s.startWatcher()
		case timerFront:
			s.listenAgain()
		}
	}
}
