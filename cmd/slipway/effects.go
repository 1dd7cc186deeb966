package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	"slipway/internal/converge"
	"slipway/internal/exit"
	"slipway/internal/launch"
	"slipway/internal/watcher"
	"slipway/render"
	"slipway/render/transaction"
	"slipway/render/transaction/durable"
	"slipway/supervise/control"
	"slipway/supervise/control/client"
)

// pay tells the programs that are owed something. What cannot be paid now is left to
// the watcher.
func (a *app) pay(ctx context.Context, im *launch.Image, s *session, where launch.ApplyOptions, res *transaction.Result) error {
	opts, err := im.RenderOptions(where)
	if err != nil {
		return err
	}
	said := &noteLog{a: a, redactor: im.Redactor(), ctl: s.ctl}
	if line := watcher.Summary(res); line != "" {
		said.log(ctx, "info", fmt.Sprintf("rendered again by slipway render of uid %d: %s", os.Getuid(), line))
	}
	engine := watcher.NewEngine(im, opts, s.ctl, slog.New(said))
	if !res.Kept {
		if _, err := engine.Tell(ctx, res.Owed); err != nil {
			hint := "the files are in place; it is not tried again, for there is no folder to keep that in"
			if s.boot.Root != "" {
				hint = "the files are in place; it is not tried again: run --root keeps nothing"
			}
			return &coded{exit.Failed, err, hint}
		}
		return nil
	}
	next, err := engine.Pay(ctx)
	if !next.IsZero() {
		if _, err := s.ctl.Call(ctx, control.OpWatch); err != nil {
			a.note("what is owed is told only by the next slipway render: %v", failed("start", "the watcher", err))
		}
	}
	switch {
	case errors.As(err, new(*converge.RefusedError)):
		return &coded{exit.Failed, err, "it is tried again when its input changes, or with slipway render --force"}
	case err != nil && context.Cause(ctx) != nil:
		return context.Cause(ctx)
	}
	if err == nil && !next.IsZero() {
		if err = lastFailure(opts); err == nil {
			a.note("programs are told at %s (min_interval)", clock(next))
		}
	}
	if err != nil {
		return &coded{exit.Failed, err, "the files are in place; the program is told again at " + clock(next)}
	}
	return nil
}

// lastFailure is why programs are still owed something.
func lastFailure(opts transaction.Options) error {
	owed, _, err := transaction.Owed(durable.OS{}, opts)
	errs := []error{err}
	for _, e := range owed {
		if e.Failure != "" {
			errs = append(errs, errors.New(e.Failure))
		}
	}
	return errors.Join(errs...)
}

func clock(t time.Time) string { return t.Format(time.TimeOnly) }

// noteLog is the slog handler of a command that tells programs itself: what it does is
// a note. What goes wrong is in the error that it ends with.
type noteLog struct {
	a        *app
	redactor *render.Redactor
	ctl      client.Caller // whose log has all of it as well
}

var _ slog.Handler = (*noteLog)(nil)

// Enabled implements slog.Handler.
func (l *noteLog) Enabled(context.Context, slog.Level) bool { return true }

// log writes a line into the log of the container. That it cannot is no reason to fail.
func (l *noteLog) log(ctx context.Context, level, text string) {
	_, _ = l.ctl.Call(ctx, control.OpLogWrite, control.String(level), control.String("render: "+l.redactor.Redact(text)))
}

// WithAttrs and WithGroup implement slog.Handler; nobody here uses them.
func (l *noteLog) WithAttrs([]slog.Attr) slog.Handler { return l }

// WithGroup implements slog.Handler.
func (l *noteLog) WithGroup(string) slog.Handler { return l }

// Handle implements slog.Handler.
func (l *noteLog) Handle(ctx context.Context, r slog.Record) error {
	text := r.Message
	r.Attrs(func(attr slog.Attr) bool {
		text += fmt.Sprintf(" %s=%v", attr.Key, attr.Value)
		return true
	})
	level := "info"
	if r.Level >= slog.LevelWarn {
		level = "warn"
	}
	l.log(ctx, level, text)
	if r.Level < slog.LevelWarn {
		l.a.note("%s", l.redactor.Redact(text))
	}
	return nil
}
