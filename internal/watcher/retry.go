package watcher

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"syscall"
	"time"

	"slipway/internal/converge"
	"slipway/internal/launch"
	"slipway/render"
	"slipway/render/transaction"
	"slipway/sources/contract"
	"slipway/sources/datafile"
	"slipway/sources/envfile"
	"slipway/supervise/dialect"
)

// retry is when a change that has failed for a reason that may pass is tried again.
type retry struct {
	tries int       // in a row
	at    time.Time // zero: it is not tried again
}

// later has it tried again, after a longer pause each time. The pauses differ a little, so that
// what a fleet has failed for at one time is not tried by all of it at one time.
func (r *retry) later(now time.Time) {
	r.tries++
	pause := transaction.Backoff(r.tries)
	r.at = now.Add(pause - pause/4 + rand.N(pause/4))
}

// due reports whether it is to be tried now. Then it is up to who tries to say later.
func (r *retry) due(now time.Time) bool {
	if r.at.IsZero() || r.at.After(now) {
		return false
	}
	r.at = time.Time{}
	return true
}

// pending reports whether it is tried again by itself.
func (r *retry) pending() bool { return !r.at.IsZero() }

// passing reports whether a render that has failed may succeed with the same input. What is
// written wrongly stays wrong until somebody writes it anew: templates, values that the contract
// refuses, the configuration, a change that was taken back. All else may pass: a full disk, a
// folder that cannot be read, a peer whose name is not known yet. So may a check that says no,
// because it looks at more than the files, such as names of hosts. judged says that a check's
// word counts as the last one: the rest of the fleet was told of it.
func passing(err error, judged bool) bool {
	if errors.As(err, new(syscall.Errno)) {
		return true
	}
	switch e := err.(type) { //nolint:errorlint // each error on the way is looked at
	case *render.Problem:
		return e.Kind == render.KindSource || e.Err != nil
	case *transaction.CheckError:
		return !judged || !e.Judged
	case *dialect.Problem, *contract.Violation, *contract.DefaultError, *launch.RuleError, *envfile.Error, *datafile.Error, *transaction.RefusedError:
		return false
	case interface{ Unwrap() []error }:
		return slices.ContainsFunc(e.Unwrap(), func(err error) bool { return passing(err, judged) })
	case interface{ Unwrap() error }:
		return e.Unwrap() == nil || passing(e.Unwrap(), judged)
	}
	return true
}

// untold is what programs are owed where there is no folder to keep that in.
type untold struct {
	effects []transaction.Effect
	tries   int
}

// next is what is owed after a change with this result, and these restarts; nil where there is a
// folder, which has it.
func (u *untold) next(res *transaction.Result, restarts []transaction.Effect) *untold {
	if res.Kept {
		return nil
	}
	var out untold
	told := append(slices.Clone(res.Owed), restarts...)
	if u != nil { // what has failed before the change, too
		told = append(told, u.effects...)
	}
	for _, e := range told {
		same := func(o transaction.Effect) bool { return o.Program == e.Program }
		if i := slices.IndexFunc(out.effects, same); i >= 0 { // once for each program; a restart reads files, too
			out.effects[i].Variables = append(out.effects[i].Variables, e.Variables...)
			continue
		}
		out.effects = append(out.effects, e)
	}
	return &out
}

// tell pays it, and returns when to do so again, zero if all is paid.
func (u *untold) tell(ctx context.Context, engine *converge.Engine) (next time.Time, err error) {
	u.effects, err = engine.Tell(ctx, u.effects)
	if len(u.effects) == 0 {
		u.tries = 0
		return time.Time{}, err
	}
	u.tries++
	return time.Now().Add(transaction.Backoff(u.tries)), err
}
