package transaction

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"slipway/internal/test/testkit"
	"slipway/render"
	"slipway/render/transaction/durable"
)

// mount mounts for the length of the test.
func mount(t *testing.T, source, target, fstype string, flags uintptr, data string) {
	t.Helper()
	if err := unix.Mount(source, target, fstype, flags, data); err != nil {
		if !testkit.Required() && (errors.Is(err, unix.EPERM) || errors.Is(err, unix.EINVAL) || errors.Is(err, unix.ENODEV)) {
			t.Skipf("cannot mount %s: %v", fstype, err)
		}
		t.Fatalf("cannot mount %s on %s: %v", source, target, err)
	}
	t.Cleanup(func() {
		if err := unix.Unmount(target, unix.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
}

// a set of two files, the second of which has the destination in question.
func pair(dest, content string) *render.Plan {
	return &render.Plan{Targets: []render.Target{target("/etc/aaa", "new\n"), target(dest, content)}}
}

// refused says that the transaction failed with the message and left the first file alone.
func (w *world) refused(plan *render.Plan, message string) {
	w.t.Helper()
	w.write("/etc/aaa", "old\n", 0o644)
	_, err := w.apply(plan)
	if err == nil || !strings.Contains(err.Error(), message) {
		w.t.Errorf("error is %v, want %q in it", err, message)
	}
	var we *WriteError
	if !errors.As(err, &we) {
		w.t.Errorf("error is a %T, want a *WriteError", err)
	}
	if got := w.read("/etc/aaa"); got != "old\n" {
		w.t.Errorf("the other file of the set is %q", got)
	}
	if strings.Contains(w.tree(), ".slipway-") {
		w.t.Errorf("something was left:\n%s", w.tree())
	}
}

func (w *world) accepted(plan *render.Plan, dest string) {
	w.t.Helper()
	w.mustApply(plan)
	if got := w.read(dest); got != "new\n" {
		w.t.Errorf("%s is %q, want the new text", dest, got)
	}
	if strings.Contains(w.tree(), ".slipway-") {
		w.t.Errorf("something was left:\n%s", w.tree())
	}
	if r := w.mustApply(plan); r.Changed() != nil {
		w.t.Errorf("the second time it changes %v", r.Changed())
	}
}

func inode(t *testing.T, file string) uint64 {
	t.Helper()
	info, err := durable.OS{}.Lstat(file)
	if err != nil {
		t.Fatal(err)
	}
	return info.Ino
}

// The destinations that the field knows, one row each.
func TestDestinations(t *testing.T) {
	t.Run("plain, new", func(t *testing.T) { newWorld(t).accepted(pair("/etc/app.conf", "new\n"), "/etc/app.conf") })
	t.Run("plain, replaced", func(t *testing.T) {
		w := newWorld(t)
		w.write("/etc/app.conf", "old\n", 0o604)
		before := inode(t, w.path("/etc/app.conf"))
		w.accepted(pair("/etc/app.conf", "new\n"), "/etc/app.conf")
		if inode(t, w.path("/etc/app.conf")) == before {
			t.Error("it was written in place")
		}
		if info, _ := os.Stat(w.path("/etc/app.conf")); info.Mode().Perm() != 0o604 {
			t.Errorf("its mode became %v", info.Mode())
		}
	})
	t.Run("missing directory", func(t *testing.T) {
		w := newWorld(t)
		w.refused(pair("/srv/deep/app.conf", "new\n"), "cannot write /srv/deep/app.conf: directory "+w.path("/srv/deep")+" does not exist")
	})
	t.Run("missing directory, parents = true", func(t *testing.T) {
		w := newWorld(t)
		plan := pair("/srv/deep/app.conf", "new\n")
		plan.Targets[1].Parents = true
		w.accepted(plan, "/srv/deep/app.conf")
	})
	t.Run("directory in place of the file", func(t *testing.T) {
		w := newWorld(t)
		w.mkdir("/etc/app.conf")
		w.refused(pair("/etc/app.conf", "new\n"), "cannot write /etc/app.conf: there is a directory in its place")
	})
	t.Run("pipe in place of the file", func(t *testing.T) {
		w := newWorld(t)
		if err := unix.Mkfifo(w.path("/etc/pipe"), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := w.apply(pair("/etc/pipe", "new\n"))
		if err == nil || !strings.Contains(err.Error(), "in its place is no regular file") {
			t.Errorf("error is %v", err)
		}
	})
	t.Run("file in place of a directory", func(t *testing.T) {
		w := newWorld(t)
		w.write("/etc/file", "x", 0o644)
		w.refused(pair("/etc/file/app.conf", "new\n"), "is not a directory")
	})
	t.Run("executable", func(t *testing.T) {
		w := newWorld(t)
		plan := pair("/etc/run.sh", "#!/bin/sh\nexit 7\n")
		plan.Targets[1].NewMode = 0o755
		w.mustApply(plan)
		err := exec.Command(w.path("/etc/run.sh")).Run()
		var exit *exec.ExitError
		if !errors.As(err, &exit) || exit.ExitCode() != 7 {
			t.Errorf("running it gives %v, want exit status 7", err)
		}
	})
	t.Run("extended attributes are kept", func(t *testing.T) {
		w := newWorld(t)
		w.write("/etc/app.conf", "old\n", 0o644)
		if err := unix.Setxattr(w.path("/etc/app.conf"), "user.note", []byte("kept"), 0); err != nil {
			t.Skipf("no extended attributes here: %v", err)
		}
		w.accepted(pair("/etc/app.conf", "new\n"), "/etc/app.conf")
		buf := make([]byte, 10)
		if n, err := unix.Getxattr(w.path("/etc/app.conf"), "user.note", buf); err != nil || string(buf[:n]) != "kept" {
			t.Errorf("the attribute is %q, %v", buf[:max(n, 0)], err)
		}
	})
}

func TestSymlinks(t *testing.T) {
	link := func(w *world, to, at string) {
		if err := os.Symlink(to, w.path(at)); err != nil {
			w.t.Fatal(err)
		}
	}
	t.Run("inside, relative", func(t *testing.T) {
		w := newWorld(t)
		w.mkdir("/data")
		w.write("/data/app.conf", "old\n", 0o644)
		link(w, "../data/app.conf", "/etc/app.conf")
		w.accepted(pair("/etc/app.conf", "new\n"), "/data/app.conf")
		if info, _ := os.Lstat(w.path("/etc/app.conf")); info.Mode()&os.ModeSymlink == 0 {
			t.Error("the link was replaced")
		}
	})
	t.Run("inside, absolute as in a chroot", func(t *testing.T) {
		w := newWorld(t)
		w.mkdir("/data")
		link(w, "/data/app.conf", "/etc/app.conf") // dangling
		w.accepted(pair("/etc/app.conf", "new\n"), "/data/app.conf")
	})
	t.Run("a directory", func(t *testing.T) {
		w := newWorld(t)
		w.mkdir("/data/conf")
		link(w, "../data/conf", "/etc/app")
		w.accepted(pair("/etc/app/x", "new\n"), "/data/conf/x")
	})
	t.Run("outside", func(t *testing.T) {
		w := newWorld(t)
		link(w, "../../outside", "/etc/app.conf")
		w.refused(pair("/etc/app.conf", "new\n"), "outside of "+w.root)
	})
	t.Run("a circle", func(t *testing.T) {
		w := newWorld(t)
		link(w, "b", "/etc/a")
		link(w, "a", "/etc/b")
		w.refused(pair("/etc/a", "new\n"), "more than 40 symbolic links")
	})
	t.Run("by a stranger in a directory that everybody may write", func(t *testing.T) {
		testkit.Need(t, testkit.Root)
		w := newWorld(t)
		w.mkdir("/tmp")
		if err := os.Chmod(w.path("/tmp"), 0o1777); err != nil {
			t.Fatal(err)
		}
		link(w, "../etc/shadow", "/tmp/app.conf")
		if err := os.Lchown(w.path("/tmp/app.conf"), 4242, 4242); err != nil {
			t.Fatal(err)
		}
		w.refused(pair("/tmp/app.conf", "new\n"), "belongs to uid 4242 and lies in a directory that everybody may write")
	})
	theirs := func(t *testing.T, w *world, paths ...string) {
		t.Helper()
		testkit.Need(t, testkit.Root)
		for _, p := range paths {
			if err := os.Lchown(w.path(p), 4242, 4242); err != nil {
				t.Fatal(err)
			}
		}
	}
	t.Run("by a stranger in his directory, to elsewhere", func(t *testing.T) {
		w := newWorld(t)
		w.mkdir("/opt/app")
		link(w, "../../etc/shadow", "/opt/app/app.conf")
		theirs(t, w, "/opt/app", "/opt/app/app.conf")
		w.refused(pair("/opt/app/app.conf", "new\n"), "belongs to uid 4242 and lies in a directory that uid 4242 may write")
		link(w, "../../etc", "/opt/app/conf.d")
		theirs(t, w, "/opt/app/conf.d")
		w.refused(pair("/opt/app/conf.d/passwd", "new\n"), "belongs to uid 4242 and lies in a directory that uid 4242 may write")
	})
	t.Run("by a stranger in his directory, to what is his", func(t *testing.T) {
		w := newWorld(t)
		w.mkdir("/opt/app/releases/3")
		link(w, "releases/3", "/opt/app/current")
		theirs(t, w, "/opt/app", "/opt/app/releases", "/opt/app/releases/3", "/opt/app/current")
		w.accepted(pair("/opt/app/current/app.conf", "new\n"), "/opt/app/releases/3/app.conf")
	})
}

func TestMountedDestinations(t *testing.T) {
	testkit.Need(t, testkit.Root)
	t.Run("bind-mounted file", func(t *testing.T) {
		w := newWorld(t)
		w.write("/etc/app.conf", "old, and longer than the new one\n", 0o640)
		outside := outsideFile(t, "old, and longer than the new one\n")
		mount(t, outside, w.path("/etc/app.conf"), "", unix.MS_BIND, "")
		before := inode(t, w.path("/etc/app.conf"))
		w.accepted(pair("/etc/app.conf", "new\n"), "/etc/app.conf")
		if text, _ := os.ReadFile(outside); string(text) != "new\n" || inode(t, w.path("/etc/app.conf")) != before {
			t.Errorf("outside of the container the file is %q", text)
		}
	})
	t.Run("bind-mounted file is put back", func(t *testing.T) {
		w := newWorld(t)
		w.write("/etc/app.conf", "", 0o644)
		outside := outsideFile(t, "old\n")
		mount(t, outside, w.path("/etc/app.conf"), "", unix.MS_BIND, "")
		w.write("/etc/zzz", "old\n", 0o644)
		mount(t, w.path("/etc/zzz"), w.path("/etc/zzz"), "", unix.MS_BIND, "")
		if err := unix.Mount("", w.path("/etc/zzz"), "", unix.MS_REMOUNT|unix.MS_BIND|unix.MS_RDONLY, ""); err != nil {
			t.Fatal(err)
		}
		plan := pair("/etc/app.conf", "new\n")
		plan.Targets = append(plan.Targets, target("/etc/zzz", "new\n"))
		w.refused(plan, "cannot write /etc/zzz: it is mounted read-only")
		if text, _ := os.ReadFile(outside); string(text) != "old\n" {
			t.Errorf("the bind-mounted file is %q", text)
		}
	})
	t.Run("bind-mounted file in a read-only root", func(t *testing.T) {
		w := newWorld(t)
		w.write("/etc/app.conf", "", 0o644)
		outside := outsideFile(t, "old\n")
		mount(t, w.root, w.root, "", unix.MS_BIND, "")
		mount(t, outside, w.path("/etc/app.conf"), "", unix.MS_BIND, "")
		if err := unix.Mount("", w.root, "", unix.MS_REMOUNT|unix.MS_BIND|unix.MS_RDONLY, ""); err != nil {
			t.Fatal(err)
		}
		w.accepted(&render.Plan{Targets: []render.Target{target("/etc/app.conf", "new\n")}}, "/etc/app.conf")
		if names, _ := filepath.Glob(filepath.Join(w.opts.Runtime, "stage", "*")); names != nil {
			t.Errorf("left in the runtime folder: %v", names)
		}
	})
	t.Run("read-only root", func(t *testing.T) {
		w := newWorld(t)
		w.write("/etc/aaa", "old\n", 0o644)
		mount(t, w.root, w.root, "", unix.MS_BIND, "")
		if err := unix.Mount("", w.root, "", unix.MS_REMOUNT|unix.MS_BIND|unix.MS_RDONLY, ""); err != nil {
			t.Fatal(err)
		}
		_, err := w.apply(pair("/etc/app.conf", "new\n"))
		for _, want := range []string{"cannot write /etc/aaa: ", "cannot write /etc/app.conf: " + w.path("/etc") + " is on a read-only file system"} {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("error is %v, want %q in it", err, want)
			}
		}
		if strings.Contains(err.Error(), "cannot remove") {
			t.Errorf("error is %v, and nothing was staged that could be removed", err)
		}
	})
	t.Run("nothing is writable but the target", func(t *testing.T) {
		w := newWorld(t)
		w.opts.Runtime = "/proc/no-such-place/slipway"
		w.accepted(pair("/etc/app.conf", "new\n"), "/etc/app.conf")
	})
	t.Run("full disk", func(t *testing.T) {
		w := newWorld(t)
		w.mkdir("/small")
		mount(t, "tmpfs", w.path("/small"), "tmpfs", 0, "size=64k")
		w.write("/small/app.conf", "old\n", 0o644)
		w.refused(pair("/small/app.conf", strings.Repeat("new\n", 50000)), "no space is left where "+w.path("/small")+" is")
		if got := w.read("/small/app.conf"); got != "old\n" {
			t.Errorf("the old file is %.20q", got)
		}
	})
	t.Run("immutable", func(t *testing.T) {
		w := newWorld(t)
		w.write("/etc/app.conf", "old\n", 0o644)
		if out, err := exec.Command("chattr", "+i", w.path("/etc/app.conf")).CombinedOutput(); err != nil {
			t.Skipf("no immutable files here: %s", out)
		}
		defer exec.Command("chattr", "-i", w.path("/etc/app.conf")).Run() //nolint:errcheck // the folder cannot be removed otherwise
		w.refused(pair("/etc/app.conf", "new\n"), "cannot write /etc/app.conf: ")
	})
	t.Run("overlayfs lower layer", func(t *testing.T) {
		merged := overlay(t)
		w := newWorld(t)
		w.root = filepath.Join(merged, "root")
		w.opts.Root = w.root
		w.accepted(pair("/etc/f00.conf", "new\n"), "/etc/f00.conf")
	})
}

func TestOtherOwners(t *testing.T) {
	testkit.Need(t, testkit.Root)
	t.Run("the owner is kept", func(t *testing.T) {
		w := newWorld(t)
		w.write("/etc/app.conf", "old\n", 0o640)
		if err := os.Chown(w.path("/etc/app.conf"), 4242, 4343); err != nil {
			t.Fatal(err)
		}
		w.accepted(pair("/etc/app.conf", "new\n"), "/etc/app.conf")
		if info, _ := (durable.OS{}).Lstat(w.path("/etc/app.conf")); info.UID != 4242 || info.GID != 4343 || info.Perm() != 0o640 {
			t.Errorf("owner and mode became %d:%d %o", info.UID, info.GID, info.Perm())
		}
	})
	t.Run("the owner is set by name", func(t *testing.T) {
		w := newWorld(t)
		w.opts.Accounts = Accounts{
			User:  func(string) (int, int, bool) { return 4242, 4343, true },
			Group: func(string) (int, bool) { return 4444, true },
		}
		plan := pair("/etc/app.conf", "new\n")
		plan.Targets[1].Owner, plan.Targets[1].Mode = "app:conf", 0o640
		w.accepted(plan, "/etc/app.conf")
		if info, _ := (durable.OS{}).Lstat(w.path("/etc/app.conf")); info.UID != 4242 || info.GID != 4444 {
			t.Errorf("owner is %d:%d", info.UID, info.GID)
		}
	})
	for _, r := range []struct {
		name    string
		prepare func(w *world)
		owner   string
		want    string // "ok", or what the error says
	}{
		{"random UID, directory of its group", func(w *world) { w.own("/etc", 0, 4242, 0o775) }, "", "ok"},
		{"random UID, file of another in its directory", func(w *world) {
			w.own("/etc", 4242, 4242, 0o755)
			w.write("/etc/app.conf", "old\n", 0o644)
		}, "", "ok"},
		{"random UID, writable file of another in a closed directory", func(w *world) {
			w.write("/etc/app.conf", "old\n", 0o666)
			w.write("/etc/aaa", "old\n", 0o666)
		}, "", "ok"},
		{"random UID, closed directory", func(w *world) {}, "", "cannot write /etc/app.conf: directory ROOT/etc is not writable by uid 4242"},
		{"random UID, another owner asked for", func(w *world) { w.own("/etc", 4242, 4242, 0o755) }, "0:0", "cannot write /etc/app.conf: uid 4242 may not give it to another owner"},
		{"random UID, unreadable file", func(w *world) {
			w.own("/etc", 4242, 4242, 0o755)
			w.write("/etc/app.conf", "old\n", 0o600)
		}, "", "cannot write /etc/app.conf: its present content is not readable by uid 4242"},
	} {
		t.Run(r.name, func(t *testing.T) {
			w := newWorld(t)
			r.prepare(w)
			for dir := filepath.Dir(w.root); strings.Contains(dir, "Test"); dir = filepath.Dir(dir) {
				if err := os.Chmod(dir, 0o755); err != nil {
					t.Fatal(err)
				}
			}
			if err := os.MkdirAll(w.opts.Runtime, 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.Chown(w.opts.Runtime, 4242, 4242); err != nil {
				t.Fatal(err)
			}
			got := w.applyAs(4242, r.owner)
			want := strings.ReplaceAll(r.want, "ROOT", w.root)
			if want == "ok" && got != "ok" || !strings.Contains(got, want) {
				t.Errorf("got %s, want %s", got, want)
			}
			if want == "ok" && w.read("/etc/app.conf") != "new\n" {
				t.Errorf("the file is %q", w.read("/etc/app.conf"))
			}
			if strings.Contains(w.tree(), ".slipway-") {
				t.Errorf("something was left:\n%s", w.tree())
			}
		})
	}
}

func (w *world) own(dest string, uid, gid int, perm os.FileMode) {
	w.t.Helper()
	if err := os.Chown(w.path(dest), uid, gid); err != nil {
		w.t.Fatal(err)
	}
	if err := os.Chmod(w.path(dest), perm); err != nil {
		w.t.Fatal(err)
	}
}

const userChild = "SLIPWAY_TEST_USER_CHILD"

// applyAs applies a set in a process of another user, which Go cannot become
// for one thread. It returns "ok" or the error.
func (w *world) applyAs(uid uint32, owner string) string {
	w.t.Helper()
	bin := filepath.Join(filepath.Dir(w.root), "child")
	text, err := os.ReadFile(os.Args[0])
	if err == nil {
		err = os.WriteFile(bin, text, 0o755)
	}
	if err != nil {
		w.t.Fatal(err)
	}
	cmd := exec.Command(bin)
	cmd.Env = []string{userChild + "=" + w.root + "\n" + w.opts.Runtime + "\n" + owner}
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uid, Gid: uid}}
	out, err := cmd.CombinedOutput()
	if err != nil {
		w.t.Fatalf("%v: %s", err, out)
	}
	return strings.TrimSpace(string(out))
}

func applyAsChild(args string) {
	a := strings.Split(args, "\n")
	plan := pair("/etc/app.conf", "new\n")
	plan.Targets[1].Owner = a[2]
	_, err := Apply(context.Background(), durable.OS{}, plan, Options{Root: a[0], Runtime: a[1]})
	if err != nil {
		fmt.Println(err)
	} else {
		fmt.Println("ok")
	}
	os.Exit(0)
}

// outsideFile makes a file that lies outside of every root.
func outsideFile(t *testing.T, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "outside")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}
