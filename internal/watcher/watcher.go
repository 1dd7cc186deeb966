// Package watcher renders again when something changes that values or templates come
// from, a file or a source program's store, and tells the programs concerned. It is what the
// child of the supervisor does that `slipway watch` is.
//
// Whatever has changed is one merge, one plan and one transaction. Keys are those of one
// revision. New values of variables go to the supervisor, whose programs get them at their
// next start.
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
	"slipway/internal/handoff"
	"slipway/internal/launch"
	"slipway/render"
	"slipway/render/transaction"
	"slipway/render/transaction/durable"
	"slipway/sources/filewatch"
	"slipway/supervise/control/client"
)

// Run watches until ctx is done, or there is nothing to watch. options are how the image is
// read, ctl is the supervisor, and text is its boot snapshot, which boot is decoded from.
// rest is how it waits when nothing is left to do.
func Run(ctx context.Context, ctl client.Caller, options launch.Options, boot handoff.Snapshot, text string, rest Rest) error {
	sink := &activityLog{ctl: ctl, redactor: launch.FromSnapshot(boot).Redactor()}
	w := &watch{options: options, ctl: ctl, sink: sink, log: slog.New(sink), rest: resting{Rest: rest}}
	return w.run(ctx, boot, text)
}

// NewEngine is what tells the programs of an image about their files.
func NewEngine(im *launch.Image, opts transaction.Options, ctl client.Caller, log *slog.Logger) *converge.Engine {
	return &converge.Engine{FS: durable.OS{}, Options: opts, Programs: converge.NewSupervisor(ctl), MinInterval: im.MinIntervals(), HealthLimits: im.HealthLimits(), Log: log}
}

// watch renders again when sources change, and pays what is owed when it is due. One
// goroutine does all of it; those that listen to files and source programs only wake it.
type watch struct {
	options launch.Options
	ctl     client.Caller
	sink    *activityLog
	log     *slog.Logger

	sources  []*followed
	names    *names        // of DNS; nil: none are followed
	news     chan struct{} // a source has something to tell
	calm     calm
	version  int       // of the sources, that calm has taken down
	recorded time.Time // when last was written down
	last     []Source

	image  *launch.Image // of the last render that succeeded
	keptAt time.Time     // when its snapshots were kept
	unkept string        // why they could not be, so that it is said once

	values inForce // that the supervisor has
	good   inForce // those that nothing was owed under

	engine   *converge.Engine
	opts     transaction.Options // of the last image that could be read
	hide     *render.Redactor    // of the same
	due      time.Time           // when something owed is to be paid; zero: nothing
	notes    []string            // of the last change, so that each is said once
	untold   *untold             // what is owed where there is no folder to keep that in; nil: there is
	again    retry               // of a change that could not be applied
	regroups bool                // the supervisor has to read its configuration anew
	failed   string              // the last problem, so that it is said once

	rest resting
	turn turn // of the fleet
}

// run watches until ctx is done, or there is nothing to watch.
func (w *watch) run(ctx context.Context, boot handoff.Snapshot, text string) error {
	stop, err := w.followSources(ctx)
	if err != nil {
		return err
	}
	defer stop()
	defer w.turn.end()
	im, err := w.wake(ctx, boot)
	if err != nil {
		return err
	}
	w.values = atStart(boot, text, im.Config.Slipway.CleanLinks)
	w.good = w.values
	w.hide = im.Redactor()
	if opts, err := im.RenderOptions(launch.ApplyOptions{Running: true}); err == nil {
		w.opts = opts
	}
	for {
		paths := im.Watched()
		if len(paths) == 0 && w.inFiles() {
			return nil
		}
		next, err := w.follow(ctx, im, paths)
		if errors.Is(err, errIdle) {
			w.rest.begin(ctx, w.log)
			continue
		}
		if err != nil {
			return err
		}
		im = next
	}
}

// begin loads the image when all sources have said something, and goes on trying while one
// of them is what it fails for, or a file that has changed while the watcher rested.
func (w *watch) begin(ctx context.Context, boot handoff.Snapshot) (*launch.Image, error) {
	for {
		if w.spoken() {
			im, err := w.load(ctx)
			if err == nil || w.inFiles() && w.rest.Woken == nil {
				return im, err
			}
			w.fails(ctx, "cannot read the sources again, everything stays as it is", err)
		}
		if boot.Runtime != "" {
			w.record(boot.Runtime)
		}
		timer := time.NewTimer(w.untilDue())
		select {
		case <-ctx.Done():
			timer.Stop()
			return nil, ctx.Err()
		case <-w.news:
			w.again = retry{}
		case <-timer.C:
			w.again.due(time.Now())
		}
		timer.Stop()
	}
}

// follow watches these paths, and the sources. It returns when other paths are to be watched, or
// with errIdle when nothing is left to do.
func (w *watch) follow(ctx context.Context, im *launch.Image, paths []string) (*launch.Image, error) {
	ctx, stop := context.WithCancel(ctx)
	changed := make(chan struct{}, 1)
	note := func() {
		select {
		case changed <- struct{}{}:
		default: // one look at the files sees all changes
		}
	}
	slipway := &im.Config.Slipway
	files := filewatch.Watcher{
		Paths: paths, Quiet: slipway.Quiet, Max: slipway.QuietMax, Started: note,
		Logf: func(format string, args ...any) { w.log.Warn(fmt.Sprintf(format, args...)) },
	}
	// Somebody else may render, too: what that leaves unpaid is in the manifest.
	owing := make(chan struct{}, 1)
	manifest := filewatch.Watcher{Paths: []string{transaction.ManifestFile(im.Runtime())}, Quiet: slipway.Quiet, Poll: 30 * time.Second}
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
	defer func() {
		stop()
		<-ended
		<-ended
		w.rest.noted = len(changed)+len(owing) > 0
	}()
	w.rest.watchers = []*filewatch.Watcher{&files, &manifest}
	for {
		w.rest.busy = time.Now()
		w.warnStale(time.Now())
		w.record(im.Runtime())
		w.refresh()
		timer := time.NewTimer(w.untilDue())
		select {
		case <-ctx.Done():
			timer.Stop()
			return nil, ctx.Err()
		case err := <-ended:
			ended <- err // for the deferred wait
			return nil, err
		case <-timer.C:
			if at := w.restDue(); !at.IsZero() && !at.After(time.Now()) {
				return nil, errIdle
			}
		case <-owing:
			w.due = time.Now()
		case <-changed:
			w.again = retry{}
			w.calm.settled(time.Now())
		case <-w.news:
			if v := w.versions(); v != w.version {
				w.version, w.again = v, retry{}
				w.calm.note(time.Now())
			}
		}
		timer.Stop()
		now := time.Now()
		if w.again.due(now) {
			w.calm.settled(now)
		}
		if at := w.calm.due(); w.mayApply(ctx, !at.IsZero() && !at.After(now), now) {
			w.calm.done()
			next := w.apply(ctx)
			w.turned(true)
			if next != nil && !slices.Equal(next.Watched(), paths) {
				w.record(im.Runtime())
				return next, nil
			}
		} else if !w.due.IsZero() && !w.due.After(now) {
			w.pay(ctx)
			w.turned(false)
		}
	}
}

// untilDue is how long nothing has to be done.
func (w *watch) untilDue() time.Duration {
	next := time.Now().Add(365 * 24 * time.Hour)
	change := w.calm.due()
	if w.turn.busy() && change.Equal(w.turn.looked) { // it waits for its turn, which is heard of
		change = time.Time{}
	}
	for _, at := range []time.Time{w.due, w.again.at, change, w.turn.next, w.staleDue(), w.restDue()} {
		if !at.IsZero() && at.Before(next) {
			next = at
		}
	}
	return time.Until(next)
}

func (w *watch) load(ctx context.Context) (*launch.Image, error) {
	return launch.Load(ctx, w.options)
}

// apply renders anew. Whatever is wrong, the files that are in place stay, and their
// programs run on; nil is returned then.
func (w *watch) apply(ctx context.Context) *launch.Image {
	became := w.reading()
	im, err := w.load(ctx)
	if err != nil {
		became(nil, err)
		w.fails(ctx, "cannot read the sources again, everything stays as it is", err)
		return nil
	}
	w.sink.use(im.Redactor())
	w.hide = im.Redactor()
	where := launch.ApplyOptions{Running: true}
	opts, err := im.RenderOptions(where)
	if err != nil {
		became(im, err)
		w.fails(ctx, "cannot render again", err)
		return im
	}
	w.opts = opts
	w.engine = NewEngine(im, opts, w.ctl, w.log)
	w.engine.Undo = w.undo
	plan, err := im.Plan(ctx, where)
	var res *transaction.Result
	if err == nil {
		res, err = im.Apply(ctx, plan, where)
	}
	became(im, err)
	if err != nil {
		w.fails(ctx, "cannot render again, the files stay as they are", err)
		w.pay(ctx) // what is owed is owed for the files in place
		return im
	}
	if line := Summary(res); line != "" {
		w.log.Info("rendered again because a source or a file has changed: " + line)
	}
	for _, n := range res.Notes {
		if !slices.Contains(w.notes, n) {
			w.log.Warn(n)
		}
	}
	w.notes = res.Notes
	owed, err := w.takeOver(ctx, im, opts, res.Kept)
	if err != nil {
		w.fails(ctx, "programs keep the variables that they have", err)
	} else if err := w.regroup(ctx, im, res); err != nil {
		w.fails(ctx, "programs stay as they are configured", err)
	} else {
		w.works()
	}
	if w.untold = w.untold.next(res, owed); w.untold != nil {
		w.due = time.Now()
	}
	w.pay(ctx)
	return im
}

// pay tells the programs whose time has come.
func (w *watch) pay(ctx context.Context) {
	w.due = time.Time{}
	if w.engine == nil {
		return
	}
	due, err := w.payNow(ctx)
	w.due = due
	var refused *converge.RefusedError
	switch {
	case errors.As(err, &refused): // the engine has said that
		for _, f := range w.sources {
			f.refused = w.sink.hide(err.Error())
		}
	case err != nil:
		w.say(ctx, "cannot tell programs about their files", err)
	case due.IsZero():
		w.settled()
		w.good = w.values
	}
}

// payNow pays what is owed, and says when to do so again.
func (w *watch) payNow(ctx context.Context) (next time.Time, err error) {
	if w.untold != nil {
		return w.untold.tell(ctx, w.engine)
	}
	return w.engine.Pay(ctx)
}

// say logs a problem, unless it is the one that was logged before.
func (w *watch) say(ctx context.Context, what string, err error) {
	if text := err.Error(); ctx.Err() == nil && text != w.failed {
		w.failed = text
		w.log.Error(what + ": " + text)
	}
}

// fails logs that rendering again has failed, keeps it for status, and has it tried again if that
// may help.
func (w *watch) fails(ctx context.Context, what string, err error) {
	w.say(ctx, what, err)
	again := w.passing(err)
	if again {
		w.again.later(time.Now())
	}
	if ctx.Err() != nil || w.opts.Runtime == "" {
		return
	}
	if err := transaction.MarkFailing(durable.OS{}, w.opts, w.hide.Redact(what+": "+err.Error()), again); err != nil {
		w.log.Debug("cannot keep that rendering fails: " + err.Error())
	}
}

// passing is the function of that name, for this container.
func (w *watch) passing(err error) bool { return passing(err, w.turn.judged()) }

// works forgets a failure.
func (w *watch) works() {
	w.failed, w.again = "", retry{}
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
