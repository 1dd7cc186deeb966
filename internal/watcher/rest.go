package watcher

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"slipway/internal/handoff"
	"slipway/internal/launch"
	"slipway/sources/filewatch"
)

// Rest is how the watcher waits at little cost: it becomes a small program, which becomes the
// watcher again when a file has changed. What it has in memory is lost with that, as when it is
// killed, so it rests only when nothing is owed, refused or wrong.
type Rest struct {
	// Become replaces the process by one that waits for paths; see package supervise/waiter.
	// After it has noted how they are it asks still, and does nothing if that is false. It
	// returns only when the process goes on as it is. nil: the watcher never rests.
	Become func(ctx context.Context, paths []string, still func() bool) error
	// Woken are the paths of which one has changed, if the process was such a program; this was
	// seen at Since.
	Woken []string
	Since time.Time
}

// linger is how long nothing must have happened. It is longer than what usually is between two of
// several changes, so that only the first of them waits for the start of a process.
const linger = 2 * time.Second

// errIdle ends the following of files when the watcher may rest.
var errIdle = errors.New("nothing is left to do")

// resting is the state of the Rest of a watcher.
type resting struct {
	Rest
	busy     time.Time            // when something has last happened
	watchers []*filewatch.Watcher // that tell of changes, or have told
	noted    bool                 // they have told of one that nobody has looked at
}

// restDue is when the watcher may rest, if nothing happens; zero: not before something does.
func (w *watch) restDue() time.Time {
	calm := w.due.IsZero() && w.calm.due().IsZero()
	inFiles := w.inFiles() && w.failed == "" && len(w.notes) == 0 && w.untold == nil && !w.again.pending()
	if w.rest.Become == nil || !calm || !inFiles {
		return time.Time{}
	}
	return w.rest.busy.Add(linger)
}

// begin rests, if all files are as the watchers, which have ended, have seen them. It returns if
// they are not, and if it cannot. A change that they have told of while the watcher made up its
// mind is none that they see again.
func (r *resting) begin(ctx context.Context, log *slog.Logger) {
	if r.noted {
		return
	}
	var paths []string
	for _, f := range r.watchers {
		paths = append(paths, f.Reached()...)
	}
	err := r.Become(ctx, paths, func() bool {
		for _, f := range r.watchers {
			if !f.Unchanged() {
				return false
			}
		}
		return true
	})
	if err != nil && ctx.Err() == nil {
		log.Debug("cannot wait at little cost: " + err.Error())
		r.Become = nil
	}
}

// wake loads the image. A watcher that was woken does so when what has woken it has come to rest,
// and stays when it is wrong: it said so, and goes on with the next change.
func (w *watch) wake(ctx context.Context, boot handoff.Snapshot) (*launch.Image, error) {
	if w.rest.Woken == nil {
		return w.begin(ctx, boot)
	}
	w.hide, w.opts.Runtime = launch.FromSnapshot(boot).Redactor(), boot.Runtime
	files := filewatch.Watcher{Paths: w.rest.Woken, Quiet: w.calm.quiet, Max: w.calm.longest, Started: w.look}
	if err := files.Settle(ctx, time.Since(w.rest.Since)); err != nil {
		return nil, err
	}
	watching, stop := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { // ends with watching; waited for below
		ended <- files.Run(watching, func(context.Context) error { w.look(); return nil })
	}()
	defer func() { stop(); <-ended }()
	return w.begin(ctx, boot)
}
