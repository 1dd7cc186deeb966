// Package fate says what the lives of the programs mean for the container: when it ends, and
// with which status, and what is still waited for. It reads the table of processes and
// changes nothing.
package fate

import (
	"slipway/supervise/config"
	"slipway/supervise/life"
	"slipway/supervise/machine"
)

// End is why the container ends, and with what exit status. The zero End is none.
type End struct {
	Code   int
	Reason string   // "": it does not end
	Failed bool     // a program cannot be kept up
	Last   []string // that the program has printed, of which it is the end
}

// lastWords bounds the lines in an End.
const lastWords = 50

// OfChange is what the change of the state of a program means. As supervisord a program that
// cannot be kept up means nothing, unless its file says so.
func OfChange(p *life.Process, to machine.State, asSupervisord bool) End {
	shuts := p.Config.OnExit == config.OnExitShutdown
	switch {
	case to == machine.Exited && shuts:
		return End{Code: p.Life.Status.ExitCode(), Reason: p.Name() + " has ended (on_exit=shutdown)", Last: p.LastWords(lastWords)}
	case to != machine.Fatal:
		return End{}
	case shuts && asSupervisord:
		return End{Code: failureCode(p), Reason: p.Name() + " is FATAL (on_exit=shutdown)", Last: p.LastWords(lastWords)}
	case p.Config.OnFatal != config.OnFatalShutdown:
		return End{}
	}
	why := p.Life.SpawnErr
	if why != "" {
		why = ": " + why
	}
	return End{failureCode(p), p.Name() + " cannot be kept up" + why + " (on_fatal=ignore goes on without it)", true, p.LastWords(lastWords)}
}

// OfAll is the end of a container in which nothing runs and nothing will be started again:
// with the status of the first program that failed, or with 1 if one waits for others in
// vain. What somebody has stopped by hand is going to be started by hand.
func OfAll(t *life.Table) End {
	var failed, vain *life.Process
	rest, any := true, false
	t.Each(func(p *life.Process) {
		if p.Group.Config.Kind == config.KindListener && p.Life.State != machine.Fatal {
			return // there is nothing left to listen to
		}
		any = true
		byHand := p.Life.State == machine.Stopped && p.Life.Gen > 0 && !p.Followed
		demand := p.Config.OnDemand() && p.Life.State != machine.Fatal
		rest = rest && p.Config.Schedule == "" && !demand && p.IsOver() && (!p.Held || p.Vain != "") && !byHand
		if p.Held && vain == nil {
			vain = p
		}
		if hasFailed(p) && (failed == nil || p.Life.Ended.Before(failed.Life.Ended)) {
			failed = p
		}
	})
	switch {
	case !rest:
		return End{}
	case failed != nil:
		return End{Code: failureCode(failed), Reason: "nothing is left to run, and " + failed.Name() + " has failed", Last: failed.LastWords(lastWords)}
	case vain != nil:
		return End{Code: 1, Reason: "nothing is left to run, and " + vain.Name() + " was not started: " + vain.Vain}
	case any:
		return End{Reason: "nothing is left to run"}
	}
	return End{Reason: "there is no program to run"}
}

func hasFailed(p *life.Process) bool {
	return p.Life.State == machine.Fatal || p.Life.State == machine.Exited && !p.Life.Status.Expected(p.Spec.ExitCodes)
}

// failureCode is the exit status for a program that could not be kept up: its own, or what
// a shell says about a command that it cannot run; never 0.
func failureCode(p *life.Process) int {
	code := p.Life.Status.ExitCode()
	if p.Failure.Code != 0 {
		code = p.Failure.Code
	}
	if code == 0 {
		code = 1
	}
	return code
}
