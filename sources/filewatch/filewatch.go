// Package filewatch tells when files that values or templates come from have
// changed.
//
// It is level-triggered: what counts is whether the fingerprint of the watched
// paths differs from the last one that was reported, never which notification
// arrived. Notifications (inotify) only say when to look; where they do not work
// (network and some overlay file systems, exhausted watch limits) a poll looks
// instead. So a lost, merged or reordered notification costs at most one poll
// interval, and a change that was undone again is none.
package filewatch

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"github.com/fsnotify/fsnotify"
)

// Watcher follows a set of files and folders. Folders are followed with all that
// is below them, through symbolic links. Paths may come and go.
type Watcher struct {
	Paths []string
	// Quiet is how long the files must have been left alone before a change is
	// reported, and Max how long a file that never comes to rest can put a report
	// off. Zero means 250 ms and 5 s.
	Quiet, Max time.Duration
	// Poll is how often to look without a notification. Zero means 30 s while
	// notifications work, and 2 s where they do not.
	Poll time.Duration
	// Logf, if set, is told once when notifications do not work, and why.
	Logf func(format string, args ...any)

	// Started, if set, is called once, when the state that changes are measured
	// against has been taken: what was read before may be older.
	Started func()

	reported digest // the last one
}

const (
	defaultQuiet   = 250 * time.Millisecond
	defaultMax     = 5 * time.Second
	pollNotified   = 30 * time.Second
	pollUnnotified = 2 * time.Second
)

// Run calls changed each time the watched paths have changed and come to rest. It
// returns when ctx is done, with ctx's error, or with the error of changed. The
// state at the time of the call is the one that changes are measured against.
func (w *Watcher) Run(ctx context.Context, changed func(context.Context) error) error {
	events, closeEvents := w.notifications()
	defer closeEvents()
	poll := w.Poll
	if poll == 0 {
		poll = pollUnnotified
		if events != nil {
			poll = pollNotified
		}
	}
	ticker := time.NewTicker(poll)
	defer ticker.Stop()

	w.reported = w.fingerprint()
	if w.Started != nil {
		w.Started()
	}
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-events:
		case <-ticker.C:
		}
		now, err := w.settle(ctx, events, 0)
		if err != nil {
			return err
		}
		if now == w.reported {
			continue
		}
		w.reported = now
		if err := changed(ctx); err != nil {
			return err
		}
	}
}

// Unchanged reports whether everything is as it was when Run, which has ended, began or has
// last reported.
func (w *Watcher) Unchanged() bool { return w.fingerprint() == w.reported }

// Reached are the watched paths and all that is below them, as they are followed.
func (w *Watcher) Reached() []string {
	var all []string
	for _, p := range w.Paths {
		walk(p, nil, func(path string, _ fs.FileInfo) { all = append(all, path) })
	}
	return all
}

// Settle waits until the files have been left alone for Quiet, or Max is over. A part of Quiet may
// be over already.
func (w *Watcher) Settle(ctx context.Context, over time.Duration) error {
	events, closeEvents := w.notifications()
	defer closeEvents()
	_, err := w.settle(ctx, events, over)
	return err
}

// settle waits until the fingerprint has been the same for Quiet, of which a part may be over,
// or Max is over.
func (w *Watcher) settle(ctx context.Context, events <-chan struct{}, over time.Duration) (digest, error) {
	quiet, limit := w.Quiet, w.Max
	if quiet == 0 {
		quiet = defaultQuiet
	}
	if limit == 0 {
		limit = defaultMax
	}
	deadline := time.NewTimer(limit)
	defer deadline.Stop()
	rest := time.NewTimer(max(quiet-max(over, 0), 0))
	defer rest.Stop()
	last := w.fingerprint()
	for {
		select {
		case <-ctx.Done():
			return last, ctx.Err()
		case <-deadline.C:
			return w.fingerprint(), nil
		case <-events:
		case <-rest.C:
			now := w.fingerprint()
			if now == last {
				return now, nil
			}
			last = now
		}
		rest.Reset(quiet)
	}
}

// notifications starts listening and returns a channel that has an element when
// something may have changed; nil if the system cannot tell.
func (w *Watcher) notifications() (<-chan struct{}, func()) {
	fw, err := fsnotify.NewWatcher()
	if err != nil {
		w.logf("cannot watch files, looking every %v instead: %v", pollUnnotified, err)
		return nil, func() {}
	}
	if err := w.add(fw); err != nil {
		w.logf("cannot watch files, looking every %v instead: %v", pollUnnotified, err)
		fw.Close()
		return nil, func() {}
	}
	out := make(chan struct{}, 1)
	done := make(chan struct{})
	// Ends when closeEvents closes fw, which waits for it.
	go func() {
		defer close(done)
		for {
			select {
			case ev, ok := <-fw.Events:
				if !ok {
					return
				}
				if ev.Has(fsnotify.Create) {
					// A new folder, or a path that has come back: follow it too.
					// Failing to is made good by the poll.
					_ = w.add(fw)
				}
				if ev.Op == fsnotify.Chmod {
					continue
				}
			case _, ok := <-fw.Errors: // overflow: something has changed
				if !ok {
					return
				}
			}
			select {
			case out <- struct{}{}:
			default:
			}
		}
	}()
	return out, func() {
		fw.Close()
		<-done
	}
}

// add follows the folders of all paths. A file is followed through its folder, so
// that replacing it by rename is seen; a path that does not exist yet through the
// nearest folder that does.
func (w *Watcher) add(fw *fsnotify.Watcher) error {
	var errs []error
	for _, p := range w.Paths {
		dir := p
		for {
			if st, err := os.Stat(dir); err == nil && st.IsDir() {
				break
			}
			up := filepath.Dir(dir)
			if up == dir {
				break
			}
			dir = up
		}
		if err := fw.Add(dir); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", dir, err))
			continue
		}
		if dir != p {
			errs = append(errs, addMounted(fw, p))
			continue
		}
		errs = append(errs, filepath.WalkDir(p, func(path string, d fs.DirEntry, err error) error {
			switch {
			case err != nil || path == p:
				return nil
			case d.IsDir():
				if err := fw.Add(path); err != nil {
					return fmt.Errorf("%s: %w", path, err)
				}
				return nil
			}
			return addMounted(fw, path)
		}))
	}
	return errors.Join(errs...)
}

// addMounted watches a file that is mounted by itself: its changes are none of its
// folder. Others are left to their folder, except on an overlay, where a file cannot be
// told from a mounted one.
func addMounted(fw *fsnotify.Watcher, path string) error {
	file, err := os.Stat(path)
	if err != nil || !file.Mode().IsRegular() {
		return nil //nolint:nilerr // it comes and goes with its folder
	}
	folder, err := os.Stat(filepath.Dir(path))
	if err != nil {
		return nil //nolint:nilerr // as above
	}
	a, ok := file.Sys().(*syscall.Stat_t)
	b, ok2 := folder.Sys().(*syscall.Stat_t)
	if !ok || !ok2 || a.Dev == b.Dev {
		return nil
	}
	if err := fw.Add(path); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

func (w *Watcher) logf(format string, args ...any) {
	if w.Logf != nil {
		w.Logf(format, args...)
	}
}

type digest [sha256.Size]byte

// fingerprint is a digest of names, identities, sizes and times of everything
// below the watched paths. Contents are not read: a writer that changes a file
// changes its time.
func (w *Watcher) fingerprint() digest {
	h := sha256.New()
	for _, p := range w.Paths {
		fingerprint(h, p)
	}
	return digest(h.Sum(nil))
}

// fingerprint adds path to h.
func fingerprint(h hash.Hash, path string) {
	walk(path, nil, func(path string, st fs.FileInfo) {
		if st == nil {
			fmt.Fprintf(h, "%q -\n", path)
			return
		}
		fmt.Fprintf(h, "%q %o ", path, st.Mode())
		if st.IsDir() {
			return
		}
		var b [16]byte
		binary.BigEndian.PutUint64(b[:], uint64(st.Size()))
		binary.BigEndian.PutUint64(b[8:], uint64(st.ModTime().UnixNano()))
		h.Write(b[:])
		h.Write(identity(st))
	})
}

// walk calls visit with path and all that is below it; with nil for what is not there. Above are
// the folders that it was reached through: a symbolic link back to one of them is not followed.
func walk(path string, above []fs.FileInfo, visit func(string, fs.FileInfo)) {
	st, err := os.Stat(path)
	if err != nil || slices.ContainsFunc(above, func(a fs.FileInfo) bool { return os.SameFile(a, st) }) {
		visit(path, nil)
		return
	}
	visit(path, st)
	if !st.IsDir() {
		return
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		visit(path, nil) // it cannot be read
		return
	}
	for _, e := range entries {
		walk(filepath.Join(path, e.Name()), append(above, st), visit)
	}
}
