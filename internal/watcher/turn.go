package watcher

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"slipway/internal/fleet"
	"slipway/internal/launch"
	"slipway/render/transaction"
	"slipway/sources/program"
	"slipway/sources/protocol"
)

// turn waits for the time to apply a change that other containers apply as well. What is
// decided, package fleet decides; a slot is stood in line for by the source program, which
// runs for that alone.
type turn struct {
	rules   fleet.Rules
	course  fleet.Course
	program program.Program
	ctx     context.Context // that of Run: a slot outlives the paths that are watched
	look    func()          // has the loop look at what was heard
	log     *slog.Logger

	roll joining

	next   time.Time // when to look again; zero: after something was heard
	looked time.Time // when what was looked at last had come to rest
	said   string    // why there was no slot, so that it is said once

	mu     sync.Mutex // the program is read from a goroutine of its own
	events []func(now time.Time)
	stop   context.CancelFunc // of the program that stands in line; nil: none does
	ended  sync.WaitGroup
}

// want says that there is a change to apply.
func (t *turn) want(now time.Time) {
	var delay time.Duration
	if t.rules.Splay > 0 {
		delay = rand.N(t.rules.Splay)
	}
	t.course.Want(now, delay)
}

// comes does what is to be done by now, and reports whether the change is to be applied.
func (t *turn) comes(now time.Time) bool {
	t.mu.Lock()
	heard := t.events
	t.events = nil
	t.mu.Unlock()
	for _, tell := range heard {
		tell(now)
	}
	for {
		action, next := t.course.Next(t.rules, now)
		t.next = next
		switch action {
		case fleet.Nothing:
			return false
		case fleet.Ask:
			t.ask()
		case fleet.Return:
			if why := t.course.Alone(); why != "" && why != t.said {
				t.log.Warn("the slot of the fleet is given back, or not waited for any more: " + why)
			}
			t.leave()
		case fleet.Act:
			if why := t.course.Alone(); why != "" && why != t.said {
				t.said = why
				t.log.Warn("the change is applied without a slot of the fleet: " + why)
			} else if why == "" {
				t.said = ""
			}
			return true
		}
	}
}

// ask stands in line.
func (t *turn) ask() {
	t.leave()
	ctx, stop := context.WithCancel(t.ctx)
	t.stop = stop
	t.ended.Go(func() { t.stand(ctx) }) // ends with ctx; end waits
}

// leave gives the slot back, or the place in the line.
func (t *turn) leave() {
	if t.stop != nil {
		t.stop()
		t.stop = nil
	}
}

// end leaves, and waits until that is done.
func (t *turn) end() {
	t.leave()
	t.quit()
	t.ended.Wait()
}

// stand runs the program until ctx ends, or the user may not stand in line.
func (t *turn) stand(ctx context.Context) {
	for {
		err := t.program.Hold(ctx, t.rules.Slots, func(turn protocol.Turn, text string) {
			switch turn {
			case protocol.Queued:
				t.hear(ctx, func(time.Time) { t.course.Heard() })
			case protocol.Held:
				t.hear(ctx, func(time.Time) { t.course.Held() })
			case protocol.Away:
				t.hear(ctx, func(now time.Time) { t.course.Gone(); t.course.Silent(now) })
			}
		})
		if ctx.Err() != nil {
			return
		}
		var failed *program.Error
		if errors.As(err, &failed) && (failed.Code == protocol.CodeDenied || failed.Code == protocol.CodeInvalid) {
			t.hear(ctx, func(time.Time) { t.course.Denied(failed.Cause.Error()) })
			return
		}
		t.hear(ctx, func(now time.Time) { t.course.Gone(); t.course.Silent(now) })
		select {
		case <-ctx.Done():
			return
		case <-time.After(time.Second/2 + rand.N(time.Second)):
		}
	}
}

// hear keeps what was heard for the loop. What is heard of a line that was left is no
// matter.
func (t *turn) hear(ctx context.Context, tell func(now time.Time)) {
	t.mu.Lock()
	t.events = append(t.events, func(now time.Time) {
		if ctx.Err() == nil {
			tell(now)
		}
	})
	t.mu.Unlock()
	t.look()
}

// waits says what is waited for, "" for nothing.
func (t *turn) waits() string {
	switch {
	case t.roll.refused != "":
		return "the change is refused for the fleet: " + t.roll.refused
	case t.roll.waiting:
		return "the change waits for its share of the rollout"
	case t.course.Waits():
		return fmt.Sprintf("the change waits for one of the %d slots of the fleet", t.rules.Slots)
	case t.course.Busy():
		return "the change waits for its delay, of at most " + t.rules.Splay.String()
	}
	return ""
}

// concerns reports whether what has changed is anything to wait with: a file, or a restart.
// What fails changes nothing, so there is nothing to wait with.
func (w *watch) concerns(ctx context.Context) bool {
	im, err := w.load(ctx)
	if err != nil {
		return false
	}
	where := launch.ApplyOptions{Running: true}
	plan, err := im.Plan(ctx, where)
	if err != nil {
		return false
	}
	res, err := im.Compare(plan, where)
	if err != nil {
		return false
	}
	return len(im.Restarts(w.values.decided)) > 0 ||
		slices.ContainsFunc(res.Changes, func(c *transaction.Change) bool { return c.Action != transaction.Unchanged })
}

// mayApply reports whether what has changed is to be applied now. due says that it has come
// to rest.
func (w *watch) mayApply(ctx context.Context, due bool, now time.Time) bool {
	t := &w.turn
	if !t.rules.On() {
		return due
	}
	if due {
		t.looked = w.calm.due()
	}
	wanted := w.revisionFor(t)
	if due && !t.busy() && t.roll.admits(wanted) { // it was admitted, and has failed here for a reason that may pass
		t.course.Want(now, 0)
	} else if due && (!t.busy() || t.roll.waiting && wanted != t.roll.revision) {
		if !w.concerns(ctx) {
			t.quit()
			return true
		}
		for _, f := range w.sources { // that was another change
			if f.Program.Name == t.program.Name {
				f.refused, f.owed = "", ""
			}
		}
		t.begin(now, wanted)
	}
	if !t.comes(now) {
		return false
	}
	if len(t.rules.Shares) > 0 && t.roll.revision != wanted { // admitted for another one
		t.course.Drop()
		t.begin(now, wanted)
		return t.comes(now)
	}
	return true
}

// revisionFor is the newest revision of the source whose fleet it is.
func (w *watch) revisionFor(t *turn) int64 {
	for _, f := range w.sources {
		if f.Program.Name == t.program.Name {
			return f.Condition().Wanted
		}
	}
	return 0
}

// turned tells the turn that what there was is applied, and whether anything is owed still.
func (w *watch) turned(acted bool) {
	t := &w.turn
	if !t.rules.On() {
		return
	}
	if acted && t.course.Busy() {
		t.course.Acted(time.Now())
	}
	if w.due.IsZero() {
		t.course.Calm()
		for _, f := range w.sources {
			if f.Program.Name == t.program.Name && !t.busy() && f.owed == "" {
				t.report(f.refused)
			}
		}
	}
	t.comes(time.Now())
}
