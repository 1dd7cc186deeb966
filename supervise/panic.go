package supervise

import "slipway/supervise/loop"

// A panic in whatever the loop calls is reported and survived. After one in its own
// conclusions the programs are stopped in order. What the Go runtime throws ends the process.

// exitInternal is the exit status of a supervisor that has a defect.
const exitInternal = 70

// maxBreakdowns is how often the loop may panic. Beyond that nothing of it is asked.
const maxBreakdowns = 4

// panicked is told of every panic.
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
	e := ending{code: exitInternal, reason: "internal error of the supervisor"}
	if s.phase == phaseRunning {
		s.shutdown(e, false)
		return
	}
	s.stop.restart, s.stop.end = false, e
	if s.phase == phaseSweeping {
		s.sweep.Resume()
	}
	s.table.Touch()
}

// last calls what comes after the loop, whatever it panics with.
func (s *Supervisor) last(do func()) {
	if !s.loop.Guard("the end", do) {
		s.stop.end.code = exitInternal
	}
}
