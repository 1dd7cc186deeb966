package transaction

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"slipway/render"
	"slipway/render/transaction/durable"
	"slipway/render/transaction/durable/durabletest"
)

// Renders at once do not meet, with a runtime folder or without one: each is applied
// whole, and the files of the last one are there together.
func TestRendersAtOnce(t *testing.T) {
	for name, change := range map[string]func(*Options){
		"with a runtime folder":      func(*Options) {},
		"no runtime folder is asked": func(o *Options) { o.Runtime = "" },
		"none can be made":           func(o *Options) { o.Runtime = "/proc/none" }, // ENOENT, as root too
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			change(&w.opts)
			var all sync.WaitGroup
			for i := range 8 {
				all.Go(func() {
					for round := range 20 {
						text := strings.Repeat(fmt.Sprintf("%d of %d\n", round, i), 1000)
						plan := &render.Plan{Targets: []render.Target{target("/etc/a", text), target("/etc/b", text)}}
						if _, err := Apply(context.Background(), durable.OS{}, plan, w.opts); err != nil {
							t.Errorf("render %d of %d: %v", round, i, err)
						}
					}
				})
			}
			all.Wait()
			if a, b := w.read("/etc/a"), w.read("/etc/b"); a != b || strings.HasPrefix(a, "!") {
				t.Errorf("the files are of two renders: %.20q and %.20q", a, b)
			}
		})
	}
}

// A root that cannot be locked is no reason to leave the files old.
func TestNoLock(t *testing.T) {
	w := newWorld(t)
	w.opts.Runtime = ""
	fsys := &durabletest.Faulty{FS: durable.OS{}, FailAt: 1}
	r, err := Apply(context.Background(), fsys, &render.Plan{Targets: []render.Target{target("/etc/a", "a\n")}}, w.opts)
	if err != nil || w.read("/etc/a") != "a\n" {
		t.Fatalf("Apply: %v; %q; operations %q", err, w.read("/etc/a"), fsys.Log)
	}
	if notes := strings.Join(r.Notes, "\n"); !strings.Contains(notes, "cannot lock "+w.root) {
		t.Errorf("notes %q, want one of the lock", notes)
	}
}

// A lock that somebody else holds is waited for with a word, with a runtime folder or without.
func TestALockIsWaitedForWithAWord(t *testing.T) {
	for name, folder := range map[string]bool{"with a runtime folder": true, "without one": false} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			held := w.root
			if folder {
				if _, err := Apply(context.Background(), durable.OS{}, &render.Plan{Targets: []render.Target{target("/etc/a", "a\n")}}, w.opts); err != nil {
					t.Fatal(err)
				}
				held = w.opts.state("render.lock")
			} else {
				w.opts.Runtime = ""
			}
			unlock, err := (durable.OS{}).Lock(held)
			if err != nil {
				t.Fatal(err)
			}
			said, done := make(chan string, 1), make(chan error, 1)
			w.opts.Say = func(text string) { said <- text }
			go func() { // ends when the lock is given up
				_, err := Apply(context.Background(), durable.OS{}, &render.Plan{Targets: []render.Target{target("/etc/a", "b\n")}}, w.opts)
				done <- err
			}()
			if text := <-said; !strings.Contains(text, "waiting for another render, which holds the lock on "+held) {
				t.Errorf("said %q, want what is waited for", text)
			}
			if err := unlock(); err != nil {
				t.Fatal(err)
			}
			if err := <-done; err != nil || w.read("/etc/a") != "b\n" {
				t.Errorf("Apply after the wait: %v, %q", err, w.read("/etc/a"))
			}
		})
	}
}
