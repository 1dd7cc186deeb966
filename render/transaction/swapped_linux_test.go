package transaction

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"slipway/internal/test/testkit"
	"slipway/internal/way"
	"slipway/render"
	"slipway/render/transaction/durable"
)

const attacker = 1234

// foreignFolder is a world with /app, which belongs to the attacker, and /foreign, which is root's.
func foreignFolder(t *testing.T) *world {
	testkit.Need(t, testkit.Root)
	w := newWorldIn(t, testkit.MemoryDir(t))
	w.mkdir("/app/conf")
	w.mkdir("/foreign")
	w.must(os.Symlink(w.path("/foreign"), w.path("/app/swap")))
	for _, f := range []string{"/app", "/app/conf", "/app/swap"} {
		w.must(os.Lchown(w.path(f), attacker, attacker))
	}
	return w
}

// A folder is swapped for a link, again and again, while root renders into it: nothing
// ever comes to the foreign folder.
func TestFolderIsSwappedWhileRootWrites(t *testing.T) {
	w := foreignFolder(t)
	stop := make(chan struct{})
	var swapping sync.WaitGroup
	swapping.Go(func() { // ends with stop; the test waits for it
		for {
			select {
			case <-stop:
				return
			default: // a swap that fails is tried again
				unix.Renameat2(unix.AT_FDCWD, w.path("/app/conf"), unix.AT_FDCWD, w.path("/app/swap"), unix.RENAME_EXCHANGE) //nolint:errcheck
			}
		}
	})
	defer swapping.Wait()
	defer close(stop)
	done := 0
	for i := range testkit.Repeat(t, 100) {
		plan := &render.Plan{}
		for n := range 20 { // many files, so that swaps come between the look and the write
			plan.Targets = append(plan.Targets, target(fmt.Sprintf("/app/conf/%d.conf", n), fmt.Sprint(i)))
		}
		if _, err := w.apply(plan); err == nil {
			done++
		}
		if names, err := os.ReadDir(w.path("/foreign")); err != nil || len(names) > 0 {
			t.Fatalf("render %d: root wrote into the foreign folder: %v, %v", i, names, err)
		}
	}
	t.Logf("%d renders found the folder itself", done)
}

// Every call that writes refuses a planted link on the way, whatever it is, and follows one of root's.
func TestLinksOnTheWay(t *testing.T) {
	w := foreignFolder(t)
	w.write("/foreign/there", "theirs\n", 0o644)
	w.mkdir("/etc/sub")
	w.must(os.Symlink(w.path("/foreign"), w.path("/etc/link")))
	o := durable.OS{}
	calls := map[string]func(dir string) error{
		"create": func(dir string) error {
			f, err := o.Create(filepath.Join(dir, "new"), 0o600)
			if err == nil {
				err = errors.Join(f.Close(), o.Remove(filepath.Join(dir, "new")))
			}
			return err
		},
		"overwrite": func(dir string) error {
			f, err := o.Overwrite(filepath.Join(dir, "there"))
			if err == nil {
				err = f.Close()
			}
			return err
		},
		"rename": func(dir string) error {
			return errors.Join(o.Rename(filepath.Join(dir, "there"), filepath.Join(dir, "other")), o.Rename(filepath.Join(dir, "other"), filepath.Join(dir, "there")))
		},
		"link": func(dir string) error {
			return errors.Join(o.Link(filepath.Join(dir, "there"), filepath.Join(dir, "second")), o.Remove(filepath.Join(dir, "second")))
		},
		"mkdir": func(dir string) error {
			return errors.Join(o.Mkdir(filepath.Join(dir, "d"), 0o755), o.Remove(filepath.Join(dir, "d")))
		},
		"symlink": func(dir string) error {
			return errors.Join(o.Symlink("x", filepath.Join(dir, "l")), o.Remove(filepath.Join(dir, "l")))
		},
		"lock": func(dir string) error {
			unlock, err := o.Lock(filepath.Join(dir, "lock"))
			if err == nil {
				err = errors.Join(unlock(), o.Remove(filepath.Join(dir, "lock")))
			}
			return err
		},
		"state": func(dir string) error { _, _, err := o.ReadState(filepath.Join(dir, "there")); return err },
	}
	for name, call := range calls {
		t.Run(name, func(t *testing.T) {
			if err := call(w.path("/etc/link")); err != nil {
				t.Errorf("a link of root's is not followed: %v", err)
			}
			before := w.tree()
			if err := call(w.path("/app/swap")); !errors.Is(err, syscall.ELOOP) || name != "lock" && !errors.As(err, new(*way.LinkError)) && !strings.Contains(err.Error(), "symbolic link") {
				t.Errorf("a planted link gives %v", err)
			}
			if got := w.tree(); got != before {
				t.Errorf("the tree became\n%s", got)
			}
		})
	}
}

// What lies beside a target as its original is not taken from strangers, and no link is followed.
func TestPlantedOriginal(t *testing.T) {
	testkit.Need(t, testkit.Root)
	for name, plant := range map[string]func(w *world, file string) error{
		"a link": func(w *world, file string) error {
			return errors.Join(os.Symlink(w.path("/secret"), file), os.Lchown(file, attacker, attacker))
		},
		"a file of his": func(w *world, file string) error {
			return errors.Join(os.WriteFile(file, []byte("planted"), 0o644), os.Chown(file, attacker, attacker))
		},
		"a FIFO": func(_ *world, file string) error { return syscall.Mkfifo(file, 0o644) },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.write("/secret", "root's secret", 0o600)
			w.write("/etc/a.conf", "shipped\n", 0o644)
			w.must(plant(w, w.path("/etc/.a.conf.slipway-orig")))
			text, _, err := OriginalFile(durable.OS{}, w.opts)("/etc/a.conf")
			if useless := (*UselessError)(nil); !errors.As(err, &useless) {
				t.Errorf("the original is %q, %v, want that it is of no use", text, err)
			}
		})
	}
}
