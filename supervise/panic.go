package supervise

import "slipway/supervise/loop"

const exitInternal = 70 // sysexits' EX_SOFTWARE: the supervisor has a defect

// maxBreakdowns is how often the loop may panic before nothing of it is asked any more.
const maxBreakdowns = 4

// panicked is told of every panic. After one of the loop itself all is stopped in order.
func (s *Supervisor) panicked(p loop.Panic) {
	defer func() { _ = recover() }() // it was the report that panicked
	if p.Fatal {
		defer s.breakDown()
	}
	if p.First {
		s.log.Critical("panic in ", p.What, ": ", p.Text, "; this is a defect of slipway, please report it with what follows\n", p.Stack)
	}
}

// breakDown begins the end after a panic of the loop itself.
func (s *Supervisor) breakDown() {
	s.shutdown(ending{}, false)
	s.stop.restart, s.stop.end = false, ending{code: exitInternal, reason: "internal error of the supervisor"}
	if s.phase == phaseSweeping {
		s.stop.sweep.Resume(s.startFlush)
	}
	s.table.Touch()
}
