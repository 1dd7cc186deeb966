// Package watcher renders again when a file changes that values or templates come from,
// and tells the programs concerned. It is what the child of the supervisor does that
// `slipway watch` is.
//
// Whatever goes wrong, the files that are in place stay, and their programs run on. What is
// owed to programs is in the manifest: somebody else may render and pay, too.
package watcher

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"slipway/internal/converge"
	"slipway/internal/launch"
	"slipway/render"
	"slipway/render/transaction"
	"slipway/render/transaction/durable"
	"slipway/sources/filewatch"
	"slipway/supervise/control/client"
)

// Run watches until ctx is done, or there is nothing to watch. options are how the image is
// read, ctl is the supervisor, and hide knows the secrets of the values that it was
// started with.
func Run(ctx context.Context, ctl client.Caller, options launch.Options, hide *render.Redactor) error {
	sink := &activityLog{ctl: ctl, redactor: hide}
	w := &watch{options: options, ctl: ctl, sink: sink, log: slog.New(sink)}
	return w.run(ctx)
}

// NewEngine is what tells the programs of an image about their files.
func NewEngine(im *launch.Image, opts transaction.Options, ctl client.Caller, log *slog.Logger) *converge.Engine {
	return &converge.Engine{FS: durable.OS{}, Options: opts, Programs: converge.NewSupervisor(ctl), MinInterval: im.MinIntervals(), HealthLimits: im.HealthLimits(), Log: log}
}

// watch renders again when files change, and pays what is owed when it is due. One
// goroutine does all of it.
type watch struct {
	options launch.Options
	ctl     client.Caller
	sink    *activityLog
	log     *slog.Logger

	engine  *converge.Engine
	opts    transaction.Options // of the last image that could be read
	hide    *render.Redactor    // of the same
	due     time.Time           // when something owed is to be paid; zero: nothing
	notes   []string            // of the last change, so that each is said once
	forgets bool                // there is no folder to keep in what is owed
	failed  string              // the last problem, so that it is said once
}

// run watches until ctx is done, or there is nothing to watch.
func (w *watch) run(ctx context.Context) error {
	im, err := w.load(ctx)
	if err != nil {
		return err
	}
	w.hide = im.Redactor()
	if opts, err := im.RenderOptions(launch.ApplyOptions{Running: true}); err == nil {
		w.opts = opts
	}
	for {
		paths := im.Watched()
		if len(paths) == 0 {
			return nil
		}
		next, err := w.follow(ctx, im, paths)
		if err != nil {
			return err
		}
		im = next
	}
}

// follow watches these paths. It returns when others are to be watched.
func (w *watch) follow(ctx context.Context, im *launch.Image, paths []string) (*launch.Image, error) {
	ctx, stop := context.WithCancel(ctx)
	changed := make(chan struct{}, 1)
	note := func() {
		select {
		case changed <- struct{}{}:
		default: // one look at the files sees all changes
		}
	}
	files := filewatch.Watcher{
		Paths: paths, Quiet: im.Config.Slipway.Quiet, Started: note,
		Logf: func(format string, args ...any) { w.log.Warn(fmt.Sprintf(format, args...)) },
	}
	// Somebody else may render, too: what that leaves unpaid is in the manifest.
	owing := make(chan struct{}, 1)
	manifest := filewatch.Watcher{Paths: []string{transaction.ManifestFile(im.Runtime())}, Quiet: im.Config.Slipway.Quiet, Poll: 30 * time.Second}
	ended := make(chan error, 2)
	go func() { // ends with ctx; waited for below
		ended <- files.Run(ctx, func(context.Context) error { note(); return nil })
	}()
	go func() { // ends with ctx; waited for below
		ended <- manifest.Run(ctx, func(context.Context) error {
			select {
			case owing <- struct{}{}:
			default:
			}
			return nil
		})
	}()
	defer func() { stop(); <-ended; <-ended }()
	for {
		timer := time.NewTimer(w.untilDue())
		select {
		case <-ctx.Done():
			timer.Stop()
			return nil, ctx.Err()
		case err := <-ended:
			ended <- err // for the deferred wait
			return nil, err
		case <-timer.C:
			w.pay(ctx)
			continue
		case <-owing:
			timer.Stop()
			w.pay(ctx)
			continue
		case <-changed:
			timer.Stop()
		}
		next := w.apply(ctx)
		if next != nil && !slices.Equal(next.Watched(), paths) {
			return next, nil
		}
	}
}

// untilDue is how long nothing has to be paid.
func (w *watch) untilDue() time.Duration {
	if w.due.IsZero() {
		return 365 * 24 * time.Hour
	}
	return time.Until(w.due)
}

func (w *watch) load(ctx context.Context) (*launch.Image, error) {
	return launch.Load(ctx, w.options)
}

// apply renders anew. Whatever is wrong, the files that are in place stay, and their
// programs run on; nil is returned then.
func (w *watch) apply(ctx context.Context) *launch.Image {
	im, err := w.load(ctx)
	if err != nil {
		w.fails(ctx, "cannot read the sources again, everything stays as it is", err)
		return nil
	}
	w.sink.use(im.Redactor())
	w.hide = im.Redactor()
	where := launch.ApplyOptions{Running: true}
	opts, err := im.RenderOptions(where)
	if err != nil {
		w.fails(ctx, "cannot render again", err)
		return im
	}
	w.opts = opts
	w.engine = NewEngine(im, opts, w.ctl, w.log)
	plan, err := im.Plan(ctx, where)
	var res *transaction.Result
	if err == nil {
		res, err = im.Apply(ctx, plan, where)
	}
	if err != nil {
		w.fails(ctx, "cannot render again, the files stay as they are", err)
		w.pay(ctx) // what is owed is owed for the files in place
		return im
	}
	w.works()
	if line := Summary(res); line != "" {
		w.log.Info("rendered again because a watched file has changed: " + line)
	}
	for _, n := range res.Notes {
		if !slices.Contains(w.notes, n) {
			w.log.Warn(n)
		}
	}
	w.notes = res.Notes
	if w.forgets = !res.Kept; w.forgets {
		if err := w.engine.Tell(ctx, res.Owed); err != nil {
			w.say(ctx, "cannot tell programs about their files, and there is no folder to keep that in", err)
		}
	}
	w.pay(ctx)
	return im
}

// pay tells the programs whose time has come.
func (w *watch) pay(ctx context.Context) {
	if w.engine == nil || w.forgets {
		return
	}
	due, err := w.engine.Pay(ctx)
	w.due = due
	var refused *converge.RefusedError
	if err != nil && !errors.As(err, &refused) { // the engine has said that
		w.say(ctx, "cannot tell programs about their files", err)
	}
}

// say logs a problem, unless it is the one that was logged before.
func (w *watch) say(ctx context.Context, what string, err error) {
	if text := err.Error(); ctx.Err() == nil && text != w.failed {
		w.failed = text
		w.log.Error(what + ": " + text)
	}
}

// fails logs that rendering again has failed, and keeps it for status.
func (w *watch) fails(ctx context.Context, what string, err error) {
	w.say(ctx, what, err)
	if ctx.Err() != nil || w.opts.Runtime == "" {
		return
	}
	if err := transaction.MarkFailing(durable.OS{}, w.opts, w.hide.Redact(what+": "+err.Error())); err != nil {
		w.log.Debug("cannot keep that rendering fails: " + err.Error())
	}
}

// works forgets a failure.
func (w *watch) works() {
	w.failed = ""
	if w.opts.Runtime == "" {
		return
	}
	if err := transaction.ClearFailing(durable.OS{}, w.opts); err != nil {
		w.log.Debug("cannot keep that rendering works again: " + err.Error())
	}
}

// Summary is what a change did, in one line: which files, and whom they are for; "" if
// nothing has changed.
func Summary(res *transaction.Result) string {
	var files, programs []string
	for _, c := range res.Changes {
		if c.Action != transaction.Unchanged {
			files = append(files, fmt.Sprintf("%s: %s", c.Target.Dest, c.Action))
		}
	}
	if len(files) == 0 {
		return ""
	}
	for _, e := range res.Owed {
		programs = append(programs, e.Program)
	}
	if len(programs) == 0 {
		return strings.Join(files, ", ") + "; no program is to be told"
	}
	return strings.Join(files, ", ") + "; to be told: " + strings.Join(programs, ", ")
}
