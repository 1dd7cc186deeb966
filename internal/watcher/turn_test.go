package watcher

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"slipway/internal/fleet"
)

// A change that waits, for its share of a rollout or for a slot, is no reason to look again and
// again; one that has not come to rest yet is one to look when it has.
func TestWaitingIsIdle(t *testing.T) {
	shares, err := fleet.ParseShares([]string{"1", "100%"})
	if err != nil {
		t.Fatal(err)
	}
	for name, wait := range map[string]func(w *watch){
		"for its share": func(w *watch) { w.turn.rules.Shares, w.turn.roll.waiting = shares, true },
		"for a slot": func(w *watch) {
			now := time.Now()
			w.turn.course.Want(now, 0)
			w.turn.course.Next(w.turn.rules, now)
			w.turn.course.Heard()
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := &watch{calm: calm{quiet: time.Hour, longest: 2 * time.Hour}}
			w.turn = turn{rules: fleet.Rules{Slots: 1, Wait: time.Hour}, ctx: context.Background(), look: func() {}, log: slog.New(slog.DiscardHandler)}
			wait(w)
			w.calm.note(time.Now().Add(-3 * time.Hour)) // it has come to rest long ago
			if w.mayApply(context.Background(), true, time.Now()) {
				t.Error("it is applied before its turn")
			}
			if d := w.untilDue(); d < 24*time.Hour {
				t.Errorf("it looks again after %v", d)
			}
			w.calm.done()
			w.calm.note(time.Now())
			if w.mayApply(context.Background(), false, time.Now()) {
				t.Error("it is applied before its turn")
			}
			if d := w.untilDue(); d > time.Hour {
				t.Errorf("a further change is looked at after %v, want when it has come to rest", d)
			}
		})
	}
}
