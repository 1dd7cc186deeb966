package supervise

import (
	"slipway/supervise/fate"
	"slipway/supervise/life"
	"slipway/supervise/machine"
)

// exitPolicy decides what a change of state means for the supervisor as a whole.
func (s *Supervisor) exitPolicy(p *life.Process, a machine.Action) {
	if s.phase == phaseRunning {
		s.meet(fate.OfChange(p, a.To, s.opts.Mode == Daemon))
	}
}

// idle ends a container in which nothing runs and nothing will. A supervisord waits for ever.
func (s *Supervisor) idle() {
	if s.opts.Mode == Run {
		s.meet(fate.OfAll(s.table))
	}
}

// meet begins an end, if it is one.
func (s *Supervisor) meet(end fate.End) {
	if end.Reason != "" {
		s.shutdown(ending{code: end.Code, reason: end.Reason, failed: end.Failed, last: end.Last}, false)
	}
}
