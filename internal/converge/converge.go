// Package converge brings running programs up to the files that were rendered for
// them, and takes a change back that makes one of them ill.
//
// What is owed lies in render's manifest, so it survives a restart of everything.
// An Engine pays it: every program that files were changed for is told once, by its
// own reload action, and is then watched until it is healthy again. A reload that
// fails stays owed and is tried again with growing pauses. A program that is told
// but does not come back healthy refuses the change: the former generation of the
// files is put back, the programs concerned are told once more, and the change is
// remembered as refused until its input changes.
package converge

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path"
	"time"

	"slipway/render/transaction"
	"slipway/render/transaction/durable"
)

// Programs is what the engine needs of the supervisor.
type Programs interface {
	// Reload tells a program to take its files over, the way its reload option
	// says, and returns when that is done. ErrNotRunning means that the program
	// does not run: it will read its files when it starts. ErrDown means that it was
	// restarted for that, and did not come up.
	Reload(ctx context.Context, program string) error
	// Restart restarts a program so that it gets its variables anew. Its errors are those
	// of Reload.
	Restart(ctx context.Context, program string) error
	// Ready returns nil when the program is healthy, and an error when it is not
	// and will not become so by waiting, or ctx's error.
	Ready(ctx context.Context, program string) error
}

// ErrNotRunning is Reload's answer for a program that there is nothing to tell.
var ErrNotRunning = errors.New("not running")

// ErrDown is Reload's answer for a program that was told, and is not up any more.
var ErrDown = errors.New("it is down")

// Engine tells programs about changed files. Its fields are not changed while it
// works, and one engine at a time works on a runtime folder.
type Engine struct {
	FS       durable.FS
	Options  transaction.Options
	Programs Programs
	// MinInterval is the shortest time between two reloads of a program.
	// A reload that comes sooner waits; it is not dropped.
	MinInterval map[string]time.Duration
	// HealthLimits are how long programs may take to come back healthy. One that is
	// not in it has a minute.
	HealthLimits map[string]time.Duration
	Log          *slog.Logger
	// Undo is called when the files of a change were taken back, for what belongs to the
	// change and is no file: the variables of programs. May be nil.
	Undo func(context.Context) error

	// What the manifest would hold, where it cannot be written: a disk that is full is no
	// reason to tell a program over and over.
	unkept map[string]unkept
	failed int // times in a row that the state could not be read
}

// unkept is a program of which it could not be kept that it was told, or that it failed.
type unkept struct {
	tries int
	until time.Time // not told again before
}

const (
	defaultHealthLimit = time.Minute
	lockFile           = "effects.lock"
)

// illness is the error of a program that was told and did not come back healthy.
type illness struct {
	program string
	first   int // generation of the oldest change that it was told of
	err     error
}

func (e *illness) Error() string {
	return fmt.Sprintf("%s did not come back healthy: %v", e.program, e.err)
}

func (e *illness) Unwrap() error { return e.err }

// RefusedError says that a change was taken back.
type RefusedError struct {
	Program string
	Reason  error
}

func (e *RefusedError) Error() string {
	return fmt.Sprintf("cannot keep the change: %s did not come back healthy with it, the former files are back: %v", e.Program, e.Reason)
}

func (e *RefusedError) Unwrap() error { return e.Reason }

// Pay tells every program whose time has come. The time returned is when to call Pay
// again, zero when nothing else is owed. The error joins what is still owed, and is a
// *RefusedError when the change was taken back. Engines of several processes take
// turns.
func (e *Engine) Pay(ctx context.Context) (next time.Time, err error) {
	unlock, err := e.lock(ctx)
	if err != nil {
		return e.later(), err
	}
	err = e.round(ctx, func(sick *illness) error { return e.takeBack(ctx, sick) })
	next, err = e.next(err)
	return next, errors.Join(err, unlock())
}

// Tell tells programs of a change of which nothing is kept, because there is no folder
// for it. Nothing can be taken back. It returns what is owed still, because it has failed.
func (e *Engine) Tell(ctx context.Context, owed []transaction.Effect) (left []transaction.Effect, err error) {
	var errs []error
	for _, effect := range owed {
		if err := e.tell(ctx, effect); err != nil {
			errs, left = append(errs, err), append(left, effect)
		}
	}
	return left, errors.Join(errs...)
}

// lock waits for the engine of another process, or for ctx.
func (e *Engine) lock(ctx context.Context) (unlock func() error, err error) {
	type answer struct {
		unlock func() error
		err    error
	}
	got := make(chan answer, 1)
	go func() { // ends when the other engine has; waited for below, or by the next go
		unlock, err := e.FS.Lock(path.Join(e.Options.Runtime, lockFile))
		got <- answer{unlock, err}
	}()
	select {
	case a := <-got:
		return a.unlock, a.err
	case <-ctx.Done():
		go func() { // ends with the one above
			if a := <-got; a.err == nil {
				_ = a.unlock() // it only closes the file
			}
		}()
		return nil, ctx.Err()
	}
}

// next finds when Pay has something to do again.
func (e *Engine) next(err error) (time.Time, error) {
	owed, done, readErr := transaction.Owed(e.FS, e.Options)
	if readErr != nil {
		return e.later(), errors.Join(err, readErr)
	}
	e.failed = 0
	now := e.now()
	due, next := transaction.Due(owed, done, e.MinInterval, now)
	for _, effect := range due {
		at := now
		if u, ok := e.unkept[effect.Program]; ok && u.until.After(now) {
			at = u.until
		}
		if next.IsZero() || at.Before(next) {
			next = at
		}
	}
	return next, err
}

// later is when the state, which cannot be read, is looked at again.
func (e *Engine) later() time.Time {
	e.failed++
	return e.now().Add(transaction.Backoff(e.failed))
}

// keep notes how keeping something of a program in the manifest went.
func (e *Engine) keep(program string, err error) error {
	if err == nil {
		delete(e.unkept, program)
		return nil
	}
	if e.unkept == nil {
		e.unkept = map[string]unkept{}
	}
	tries := e.unkept[program].tries + 1
	e.unkept[program] = unkept{tries, e.now().Add(transaction.Backoff(tries))}
	return err
}

// round tells each program that is due once. ill is called for the first that does
// not come back healthy, and ends the round.
func (e *Engine) round(ctx context.Context, ill func(*illness) error) error {
	owed, done, err := transaction.Owed(e.FS, e.Options)
	if err != nil {
		return err
	}
	due, _ := transaction.Due(owed, done, e.MinInterval, e.now())
	var errs []error
	for _, effect := range due {
		if e.unkept[effect.Program].until.After(e.now()) {
			continue
		}
		err := e.tell(ctx, effect)
		if ctx.Err() != nil { // neither told nor failed: it stays as owed as it was
			return errors.Join(append(errs, ctx.Err())...)
		}
		var sick *illness
		switch {
		case err == nil:
			err = e.keep(effect.Program, transaction.Settle(e.FS, e.Options, effect))
		case errors.As(err, &sick) && ill != nil:
			return errors.Join(append(errs, ill(sick))...)
		default:
			e.Log.Warn("cannot tell program about its files, trying again later",
				"program", effect.Program, "tries", effect.Tries+1, "err", err)
			err = errors.Join(err, e.keep(effect.Program, transaction.Postpone(e.FS, e.Options, effect, err.Error())))
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// tell reloads one program and waits until it is healthy.
func (e *Engine) tell(ctx context.Context, effect transaction.Effect) error {
	within := cmp.Or(e.HealthLimits[effect.Program], defaultHealthLimit)
	limit, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	late := func(err error) error { // in words
		if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
			return fmt.Errorf("not within %v", within)
		}
		return err
	}
	bring := e.Programs.Reload
	if len(effect.Variables) > 0 {
		bring = e.Programs.Restart
	}
	switch err := bring(limit, effect.Program); {
	case errors.Is(err, ErrNotRunning):
		return nil
	case err != nil && effect.Generation == 0: // no files that could be taken back
		return fmt.Errorf("cannot restart %s: %w", effect.Program, late(err))
	case errors.Is(err, ErrDown) || errors.Is(err, context.DeadlineExceeded):
		return &illness{effect.Program, cmp.Or(effect.First, effect.Generation), late(err)}
	case err != nil:
		return fmt.Errorf("cannot reload %s: %w", effect.Program, late(err))
	}
	if err := e.Programs.Ready(limit, effect.Program); err != nil && effect.Generation == 0 {
		return fmt.Errorf("%s did not come back healthy with its new variables: %w", effect.Program, late(err))
	} else if err != nil {
		return &illness{effect.Program, cmp.Or(effect.First, effect.Generation), late(err)}
	}
	if len(effect.Variables) > 0 {
		e.Log.Info("program was restarted for its variables", "program", effect.Program, "variables", effect.Variables, "files", effect.Dests)
		return nil
	}
	e.Log.Info("program has taken its files over", "program", effect.Program, "files", effect.Dests)
	return nil
}

// takeBack puts the files back as they were before the program was told of them,
// tells the programs concerned, and remembers the plan as refused. Where that
// generation is not kept, or the files have been taken back already, the program
// stays owed.
func (e *Engine) takeBack(ctx context.Context, sick *illness) error {
	digest, err := transaction.InPlace(e.FS, e.Options)
	if err != nil {
		return errors.Join(sick, err, e.postpone(sick))
	}
	if err := e.goBack(ctx, sick.first); err != nil {
		return errors.Join(sick, err, e.postpone(sick))
	}
	var undone error
	if e.Undo != nil {
		undone = e.Undo(ctx)
	}
	refusal := transaction.Refusal{Digest: digest, Program: sick.program, Reason: sick.err.Error(), At: e.now()}
	errs := []error{&RefusedError{sick.program, sick.err}, undone, transaction.MarkRefused(e.FS, e.Options, refusal)}
	e.Log.Error("change refused, the former files are back", "program", sick.program, "err", sick.err)
	// The sick program is told at once whatever its interval: it is down, or on
	// files that are gone. If it stays ill it stays owed; the files are the good
	// ones and are not taken back further.
	back := *e
	back.MinInterval = nil
	return errors.Join(append(errs, back.round(ctx, nil))...)
}

// goBack takes the generations back to the one before first. One that is too old to
// be kept is passed over.
func (e *Engine) goBack(ctx context.Context, first int) error {
	opts := e.Options
	opts.Force = true
	for done := false; ; done = true {
		plan, err := transaction.RollbackPlan(e.FS, opts)
		if err == nil && plan.TakesBack < first {
			err = transaction.ErrNoGeneration
		}
		if done && errors.Is(err, transaction.ErrNoGeneration) {
			return nil
		}
		if err == nil {
			_, err = transaction.Apply(ctx, e.FS, plan, opts)
		}
		if err != nil {
			return err
		}
	}
}

// postpone keeps a program owed that could neither be made well nor be given its
// former files.
func (e *Engine) postpone(sick *illness) error {
	owed, _, err := transaction.Owed(e.FS, e.Options)
	if err != nil {
		return err
	}
	for _, effect := range owed {
		if effect.Program == sick.program {
			return transaction.Postpone(e.FS, e.Options, effect, sick.err.Error())
		}
	}
	return nil
}

func (e *Engine) now() time.Time {
	if e.Options.Now != nil {
		return e.Options.Now()
	}
	return time.Now()
}
