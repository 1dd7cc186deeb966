package supervise

import (
	"slipway/supervise/config"
	"slipway/supervise/machine"
)

// exitDeadline is the exit status when something was not ready, or well, in time (sysexits:
// EX_TEMPFAIL).
const exitDeadline = 75

// exitPolicy decides what a change of state means for the supervisor as a whole.
func (s *Supervisor) exitPolicy(p *process, a machine.Action) {
	if s.phase != phaseRunning {
		return
	}
	switch a.To {
	case machine.Exited:
		if p.cfg.OnExit == config.OnExitShutdown {
			s.shutdown(ending{code: p.m.Status.ExitCode(), reason: p.name() + " has ended (on_exit=shutdown)"}, false)
		}
	case machine.Fatal:
		s.fatalPolicy(p)
	}
}

// fatalPolicy ends the container when a program cannot be kept up, unless its file
// says otherwise. Supervisor has no such rule.
func (s *Supervisor) fatalPolicy(p *process) {
	if p.cfg.OnExit == config.OnExitShutdown && s.opts.Mode == Daemon {
		s.shutdown(ending{code: s.failureCode(p), reason: p.name() + " is FATAL (on_exit=shutdown)"}, false)
		return
	}
	if p.cfg.OnFatal != config.OnFatalShutdown {
		return
	}
	why := p.m.SpawnErr
	if why != "" {
		why = ": " + why
	}
	s.shutdown(ending{code: s.failureCode(p), reason: p.name() + " cannot be kept up" + why + " (on_fatal=ignore goes on without it)"}, false)
}

// failureCode is the exit status for a program that could not be kept up: its own,
// or what a shell says about a command that it cannot run; never 0.
func (s *Supervisor) failureCode(p *process) int {
	code := p.m.Status.ExitCode()
	if p.failure.Code != 0 {
		code = p.failure.Code
	}
	if code == 0 {
		code = 1
	}
	return code
}

// idle ends a container in which nothing runs and nothing will be started again: with
// the status of the first program that failed. What somebody has stopped by hand is
// going to be started by hand, so the container waits for that. A supervisord waits
// for ever.
func (s *Supervisor) idle() {
	if s.opts.Mode == Daemon {
		return
	}
	var failed *process
	atRest, any := true, false
	s.each(func(p *process) {
		if p.group.cfg.Kind == config.KindListener && p.m.State != machine.Fatal {
			return // there is nothing left to listen to
		}
		any = true
		byHand := p.m.State == machine.Stopped && p.m.Gen > 0
		atRest = atRest && p.isOver() && !p.held && !byHand
		bad := p.m.State == machine.Fatal ||
			p.m.State == machine.Exited && !p.m.Status.Expected(p.spec.ExitCodes)
		if bad && (failed == nil || p.m.Ended.Before(failed.m.Ended)) {
			failed = p
		}
	})
	switch {
	case !atRest:
	case failed != nil:
		s.shutdown(ending{code: s.failureCode(failed), reason: "nothing is left to run, and " + failed.name() + " has failed"}, false)
	case any:
		s.shutdown(ending{reason: "nothing is left to run"}, false)
	default:
		s.shutdown(ending{reason: "there is no program to run"}, false)
	}
}
