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
		s.shutdown(ending{code: p.FailureCode(), reason: p.Name() + " is FATAL (on_exit=shutdown)"}, false)
		return
	}
	if p.Config.OnFatal != config.OnFatalShutdown {
		return
	}
	why := p.Life.SpawnErr
	if why != "" {
		why = ": " + why
	}
	s.shutdown(ending{code: p.FailureCode(), reason: p.Name() + " cannot be kept up" + why + " (on_fatal=ignore goes on without it)", failed: true}, false)
}

// idle ends a container in which nothing runs and nothing will be started again: with
// the status of the first program that failed, or with 1 if one waits for others in vain.
// A supervisord waits for ever.
func (s *Supervisor) idle() {
	if s.opts.Mode == Daemon {
		return
	}
	rest, failed, vain, any := s.table.Rest()
	switch {
	case !rest:
	case failed != nil:
		s.shutdown(ending{code: failed.FailureCode(), reason: "nothing is left to run, and " + failed.Name() + " has failed"}, false)
	case vain != nil:
		s.shutdown(ending{code: 1, reason: "nothing is left to run, and " + vain.Name() + " was not started: " + vain.Vain}, false)
	case any:
		s.shutdown(ending{reason: "nothing is left to run"}, false)
	default:
		s.shutdown(ending{reason: "there is no program to run"}, false)
	}
}
