package life

import (
	"slipway/supervise/config"
	"slipway/supervise/machine"
)

// Rest reports whether nothing runs and nothing will be started again, and which program
// has failed first and which one waits in vain, nil for none; any is false if there are
// none but listeners. What somebody has stopped by hand is going to be started by hand, so
// that is no rest.
func (t *Table) Rest() (rest bool, failed, vain *Process, any bool) {
	rest = true
	t.Each(func(p *Process) {
		if p.Group.Config.Kind == config.KindListener && p.Life.State != machine.Fatal {
			return // there is nothing left to listen to
		}
		any = true
		byHand := p.Life.State == machine.Stopped && p.Life.Gen > 0
		rest = rest && p.IsOver() && (!p.Held || p.Vain != "") && !byHand
		if p.Held && vain == nil {
			vain = p
		}
		if p.hasFailed() && (failed == nil || p.Life.Ended.Before(failed.Life.Ended)) {
			failed = p
		}
	})
	return rest, failed, vain, any
}

func (p *Process) hasFailed() bool {
	return p.Life.State == machine.Fatal || p.Life.State == machine.Exited && !p.Life.Status.Expected(p.Spec.ExitCodes)
}

// FailureCode is the exit status for a program that could not be kept up: its own, or what
// a shell says about a command that it cannot run; never 0.
func (p *Process) FailureCode() int {
	code := p.Life.Status.ExitCode()
	if p.Failure.Code != 0 {
		code = p.Failure.Code
	}
	if code == 0 {
		code = 1
	}
	return code
}
