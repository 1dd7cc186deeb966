package watcher

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"time"

	"slipway/sources/program"
	"slipway/sources/protocol"
)

// joining is the part in the rollout of a change.
type joining struct {
	revision int64
	waiting  bool                  // the container is not admitted yet
	refused  string                // why the change is refused for the fleet; it waits then, too
	outcome  chan protocol.Message // what became of it here; nil: that is told, or nobody asks
	stop     context.CancelFunc    // nil: there is none
	said     string                // why there is none, so that it is said once
}

// busy reports whether there is a change that was not applied yet.
func (t *turn) busy() bool { return t.roll.waiting || t.course.Busy() }

// admits reports whether a change, of a revision, was admitted, and nothing has become of it yet.
func (j *joining) admits(revision int64) bool {
	return j.outcome != nil && !j.waiting && j.revision == revision
}

// judged reports whether what a check says of a change is told to the fleet.
func (t *turn) judged() bool { return t.roll.outcome != nil }

// begin says that there is a change to apply, of a revision.
func (t *turn) begin(now time.Time, revision int64) {
	if len(t.rules.Shares) == 0 {
		t.want(now)
		return
	}
	t.quit()
	ctx, stop := context.WithCancel(t.ctx)
	outcome := make(chan protocol.Message, 1)
	t.roll.revision, t.roll.waiting, t.roll.stop, t.roll.outcome = revision, true, stop, outcome
	t.ended.Go(func() { t.join(ctx, revision, outcome) }) // ends with ctx; end waits
}

// quit leaves a rollout.
func (t *turn) quit() {
	if t.roll.stop != nil {
		t.roll.stop()
	}
	t.roll = joining{said: t.roll.said}
}

// report says in the rollout what became of the change here; "" is well.
func (t *turn) report(refused string) {
	if t.roll.outcome == nil {
		return
	}
	m := protocol.Message{Verb: protocol.Fresh}
	if refused != "" {
		m = protocol.Message{Verb: protocol.Refused, Text: refused}
	}
	t.roll.outcome <- m // has room for the one that is sent
	t.roll.outcome = nil
}

// admitted has the container apply the change.
func (t *turn) admitted(now time.Time) {
	if t.roll.waiting {
		t.roll.waiting, t.roll.refused = false, ""
		t.want(now)
	}
}

// join runs the program until ctx ends, the change is rolled out, or the user may not take
// part.
func (t *turn) join(ctx context.Context, revision int64, outcome <-chan protocol.Message) {
	p := t.program
	p.Settings = slices.Clone(p.Settings)
	for _, s := range t.rules.Shares {
		p.Settings = append(p.Settings, protocol.Setting{Name: "rollout", Text: s.String()})
	}
	p.Settings = append(p.Settings, protocol.Setting{Name: "rollout_hold", Text: t.rules.Hold.String()})
	for {
		err := p.Join(ctx, revision, outcome, func(turn protocol.Turn, text string) {
			switch turn {
			case protocol.Queued:
				t.hear(ctx, func(time.Time) { t.roll.refused = "" })
			case protocol.Held:
				t.hear(ctx, t.admitted)
			case protocol.Stopped:
				t.hear(ctx, func(time.Time) {
					t.roll.refused = text
					t.log.Warn("the change is refused for the fleet, everything stays as it is: " + text)
				})
			}
		})
		if err == nil || ctx.Err() != nil {
			return
		}
		var failed *program.Error
		if errors.As(err, &failed) && (failed.Code == protocol.CodeDenied || failed.Code == protocol.CodeInvalid) {
			t.hear(ctx, func(now time.Time) {
				if why := failed.Cause.Error(); t.roll.said != why {
					t.roll.said = why
					t.log.Warn("the change is applied without a rollout: " + why)
				}
				t.roll.outcome = nil
				t.admitted(now)
			})
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(time.Second/2 + rand.N(time.Second)):
		}
	}
}
