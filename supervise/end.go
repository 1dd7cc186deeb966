package supervise

import (
	"slipway/supervise/config"
	"slipway/supervise/life"
	"slipway/supervise/machine"
)

// exitPolicy decides what a change of state means for the supervisor as a whole.
func (s *Supervisor) exitPolicy(p *life.Process, a machine.Action) {
	if s.phase != phaseRunning {
		return
	}
	switch a.To {
	case machine.Exited:
		if p.Config.OnExit == config.OnExitShutdown {
			s.shutdown(ending{code: p.Life.Status.ExitCode(), reason: p.Name() + " has ended (on_exit=shutdown)"}, false)
		}
	case machine.Fatal:
		s.fatalPolicy(p)
	}
}

// fatalPolicy ends the container when a program cannot be kept up, unless its file
// says otherwise. Supervisor has no such rule.
func (s *Supervisor) fatalPolicy(p *life.Process) {
	if p.Config.OnExit == config.OnExitShutdown && s.opts.Mode == Daemon {
		s.shutdown(ending{code: s.failureCode(p), reason: p.Name() + " is FATAL (on_exit=shutdown)"}, false)
		return
	}
	if p.Config.OnFatal != config.OnFatalShutdown {
		return
	}
	why := p.Life.SpawnErr
	if why != "" {
		why = ": " + why
	}
	s.shutdown(ending{code: s.failureCode(p), reason: p.Name() + " cannot be kept up" + why + " (on_fatal=ignore goes on without it)", failed: true}, false)
}

// failureCode is the exit status for a program that could not be kept up: its own,
// or what a shell says about a command that it cannot run; never 0.
func (s *Supervisor) failureCode(p *life.Process) int {
	code := p.Life.Status.ExitCode()
	if p.Failure.Code != 0 {
		code = p.Failure.Code
	}
	if code == 0 {
		code = 1
	}
	return code
}

// idle ends a container in which nothing runs and nothing will be started again: with
// the status of the first program that failed, or with 1 if one waits for others in vain. What somebody has stopped by hand is
// going to be started by hand, so the container waits for that. A supervisord waits
// for ever.
func (s *Supervisor) idle() {
	if s.opts.Mode == Daemon {
		return
	}
	var failed *life.Process
	var vain *life.Process
	atRest, any := true, false
	s.table.Each(func(p *life.Process) {
		if p.Group.Config.Kind == config.KindListener && p.Life.State != machine.Fatal {
			return // there is nothing left to listen to
		}
		any = true
		byHand := p.Life.State == machine.Stopped && p.Life.Gen > 0
		atRest = atRest && p.IsOver() && (!p.Held || p.Vain != "") && !byHand
		if p.Held && vain == nil {
			vain = p
		}
		bad := p.Life.State == machine.Fatal ||
			p.Life.State == machine.Exited && !p.Life.Status.Expected(p.Spec.ExitCodes)
		if bad && (failed == nil || p.Life.Ended.Before(failed.Life.Ended)) {
			failed = p
		}
	})
	switch {
	case !atRest:
	case failed != nil:
		s.shutdown(ending{code: s.failureCode(failed), reason: "nothing is left to run, and " + failed.Name() + " has failed"}, false)
	case vain != nil:
		s.shutdown(ending{code: 1, reason: "nothing is left to run, and " + vain.Name() + " was not started: " + vain.Vain}, false)
	case any:
		s.shutdown(ending{reason: "nothing is left to run"}, false)
	default:
		s.shutdown(ending{reason: "there is no program to run"}, false)
	}
}
