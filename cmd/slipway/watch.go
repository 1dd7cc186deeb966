package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"slipway/internal/converge"
	"slipway/internal/exit"
	"slipway/internal/handoff"
	"slipway/internal/launch"
	"slipway/render/transaction"
	"slipway/sources/filewatch"
	"slipway/supervise/boot"
	"slipway/supervise/control/client"
)

func newWatch(a *app) *cobra.Command {
	c := &cobra.Command{
		Use: "watch", Short: "Render again when a source changes", Hidden: true, Args: noArgs,
		Long: `Render again when a file changes that values or templates come from, and tell the
programs concerned. The supervisor starts this process, hands it a connection, and
starts it again when it dies; it is not for people.`,
		RunE: func(c *cobra.Command, _ []string) error { return runWatch(c.Context(), a) },
	}
	exits(c, exit.OK, exit.Usage, exit.Internal)
	return c
}

func runWatch(ctx context.Context, _ *app) error {
	ctl, err := client.FromFile(os.NewFile(boot.ControlFD, "control"))
	if err != nil {
		return &coded{exit.Internal, fmt.Errorf("cannot watch without a supervisor: %w", err), "slipway watch is started by the supervisor, not by hand"}
	}
	defer ctl.Close()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() { // ends with ctx or the supervisor
		select {
		case <-ctl.Done():
			cancel()
		case <-ctx.Done():
		}
	}()
	text, err := bootText(ctx, ctl)
	if err != nil {
		return err
	}
	if text == "" {
		return nil // no memfd, so no captured environment to render from
	}
	snapshot, err := handoff.Decode([]byte(text))
	if err != nil {
		return err
	}
	info, err := client.Info(ctx, ctl)
	if err != nil {
		return err
	}
	sink := &activityLog{ctl: ctl, redactor: launch.FromSnapshot(snapshot).Redactor()}
	w := &watch{options: sessionOptions(snapshot, info.Mode), ctl: ctl, sink: sink, log: slog.New(sink)}
	err = w.run(ctx)
	if ctx.Err() != nil {
		return nil //nolint:nilerr // the supervisor, or a signal, ends it
	}
	return err
}

// watch renders again when files change, and pays what is owed when it is due. One
// goroutine does all of it.
type watch struct {
	options launch.Options
	ctl     client.Caller
	sink    *activityLog
	log     *slog.Logger

	engine  *converge.Engine
	due     time.Time // when something owed is to be paid; zero: nothing
	notes   []string  // of the last change, so that each is said once
	forgets bool      // there is no folder to keep in what is owed
	failed  string    // the last problem, so that it is said once
}

// run watches until ctx is done, or there is nothing to watch.
func (w *watch) run(ctx context.Context) error {
	im, err := w.load(ctx)
	if err != nil {
		return err
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
		w.say(ctx, "cannot read the sources again, everything stays as it is", err)
		return nil
	}
	w.sink.use(im.Redactor())
	where := launch.ApplyOptions{Running: true}
	opts, err := im.RenderOptions(where)
	if err != nil {
		w.say(ctx, "cannot render again", err)
		return im
	}
	w.engine = newEngine(im, opts, w.ctl, w.log)
	plan, err := im.Plan(ctx, where)
	var res *transaction.Result
	if err == nil {
		res, err = im.Apply(ctx, plan, where)
	}
	if err != nil {
		w.say(ctx, "cannot render again, the files stay as they are", err)
		w.pay(ctx) // what is owed is owed for the files in place
		return im
	}
	w.failed = ""
	for _, c := range res.Changed() {
		w.log.Info("rendered again", "file", c)
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
