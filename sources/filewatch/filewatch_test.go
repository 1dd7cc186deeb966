package filewatch

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// watch runs a watcher over paths and returns a channel with an element for each
// reported change.
func watch(t *testing.T, w *Watcher) <-chan struct{} {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	changes, done := make(chan struct{}, 16), make(chan error, 1)
	go func() {
		done <- w.Run(ctx, func(context.Context) error { changes <- struct{}{}; return nil })
	}()
	t.Cleanup(func() {
		cancel()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Errorf("Run = %v, want context.Canceled", err)
		}
	})
	return changes
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func wantChange(t *testing.T, changes <-chan struct{}, what string) {
	t.Helper()
	select {
	case <-changes:
	case <-time.After(time.Minute):
		t.Fatalf("no change reported after %s", what)
	}
}

func TestChangesAreReported(t *testing.T) {
	for _, mode := range []struct {
		name string
		poll time.Duration
	}{
		{"by notification", time.Hour},
		{"by polling", 20 * time.Millisecond},
	} {
		for _, row := range []struct {
			name   string
			before func(t *testing.T, dir string)
			change func(t *testing.T, dir string)
		}{
			{"a file written", func(t *testing.T, dir string) { write(t, dir+"/a.env", "A=1") },
				func(t *testing.T, dir string) { write(t, dir+"/a.env", "A=22") }},
			{"a file replaced by rename", func(t *testing.T, dir string) { write(t, dir+"/a.env", "A=1") },
				func(t *testing.T, dir string) {
					write(t, dir+"/.new", "A=2")
					if err := os.Rename(dir+"/.new", dir+"/a.env"); err != nil {
						t.Fatal(err)
					}
				}},
			{"a file added", func(t *testing.T, dir string) { write(t, dir+"/a.env", "A=1") },
				func(t *testing.T, dir string) { write(t, dir+"/b.env", "B=1") }},
			{"a file removed", func(t *testing.T, dir string) { write(t, dir+"/a.env", "A=1") },
				func(t *testing.T, dir string) { _ = os.Remove(dir + "/a.env") }},
			{"the folder comes into being", func(*testing.T, string) {},
				func(t *testing.T, dir string) { write(t, dir+"/a.env", "A=1") }},
			{"a Kubernetes volume swaps ..data", func(t *testing.T, dir string) {
				write(t, dir+"/..v1/key", "old")
				_ = os.Symlink("..v1", dir+"/..data")
				_ = os.Symlink("..data/key", dir+"/key")
			}, func(t *testing.T, dir string) {
				write(t, dir+"/..v2/key", "new")
				_ = os.Symlink("..v2", dir+"/..data_tmp")
				if err := os.Rename(dir+"/..data_tmp", dir+"/..data"); err != nil {
					t.Fatal(err)
				}
			}},
		} {
			t.Run(row.name+" "+mode.name, func(t *testing.T) {
				dir := filepath.Join(t.TempDir(), "watched")
				row.before(t, dir)
				w := &Watcher{Paths: []string{dir}, Quiet: 10 * time.Millisecond, Poll: mode.poll}
				started := make(chan struct{})
				w.Started = func() { close(started) }
				changes := watch(t, w)
				<-started
				row.change(t, dir)
				wantChange(t, changes, row.name)
			})
		}
	}
}

func TestAChangeIsReportedOnceAtRest(t *testing.T) {
	dir := t.TempDir()
	w := &Watcher{Paths: []string{dir}, Quiet: 100 * time.Millisecond, Poll: 5 * time.Millisecond}
	first := w.fingerprint()
	for i := range 20 {
		write(t, filepath.Join(dir, "a"), string(rune('a'+i)))
	}
	now, err := w.settle(context.Background(), nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	if now == first {
		t.Error("settle reports the fingerprint of before the writes")
	}
	if again := w.fingerprint(); again != now {
		t.Error("settle returned before the files came to rest")
	}
}

func TestCircularLinksEnd(t *testing.T) {
	dir := t.TempDir()
	if err := os.Symlink(dir, filepath.Join(dir, "self")); err != nil {
		t.Fatal(err)
	}
	w := &Watcher{Paths: []string{dir}}
	first, second := w.fingerprint(), w.fingerprint()
	if first != second {
		t.Error("two fingerprints of the same state differ")
	}
}

// What a watcher has followed and how it was can be asked when it has ended.
func TestWhatWasFollowed(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "a"), "1")
	none := filepath.Join(dir, "none")
	ctx, cancel := context.WithCancel(context.Background())
	w := &Watcher{Paths: []string{dir, none}, Started: cancel}
	if err := w.Run(ctx, func(context.Context) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	if got, want := w.Reached(), []string{dir, filepath.Join(dir, "a"), none}; !slices.Equal(got, want) {
		t.Errorf("Reached = %q, want %q", got, want)
	}
	if !w.Unchanged() {
		t.Error("Unchanged = false, want true: nothing has happened")
	}
	write(t, none, "1")
	if w.Unchanged() {
		t.Error("Unchanged = true, want false: there is a new file")
	}
}
