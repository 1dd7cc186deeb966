package watcher

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	"slipway/sources/filewatch"
)

// A watcher rests when all it has been told of is done, and not while a change that was told of
// in the moment in which it made up its mind waits to be looked at: the state after that change is
// the one that a resting watcher would compare with.
func TestRestsOnlyWhenNothingWaits(t *testing.T) {
	file := filepath.Join(t.TempDir(), "a.env")
	write := func(text string) {
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, row := range []struct {
		name   string
		noted  bool
		before func()
		rests  bool
	}{
		{"nothing has happened", false, func() {}, true},
		{"a change was noted", true, func() {}, false},
		{"a change was not seen", false, func() { write("COLOUR=blue\n") }, false},
	} {
		t.Run(row.name, func(t *testing.T) {
			write("COLOUR=red\n")
			ctx, stop := context.WithCancel(t.Context())
			files := &filewatch.Watcher{Paths: []string{file}, Started: stop}
			if err := files.Run(ctx, func(context.Context) error { return nil }); err != context.Canceled {
				t.Fatalf("Run = %v", err)
			}
			row.before()
			rests := false
			r := resting{noted: row.noted, watchers: []*filewatch.Watcher{files}, Rest: Rest{
				Become: func(_ context.Context, paths []string, still func() bool) error {
					rests = still()
					return nil
				},
			}}
			r.begin(t.Context(), slog.New(slog.DiscardHandler))
			if rests != row.rests {
				t.Errorf("rests: %v, want %v", rests, row.rests)
			}
		})
	}
}
