package durable

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
)

func TestCreate(t *testing.T) {
	dir := t.TempDir()
	old := syscall.Umask(0o077)
	defer syscall.Umask(old)
	name := filepath.Join(dir, "f")
	f, err := OS{}.Create(name, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write([]byte("hello")); err != nil {
		t.Fatal(err)
	}
	if err := f.Chmod(0o4755); err != nil { // whatever the umask is
		t.Fatal(err)
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		t.Fatal(err)
	}
	info, err := OS{}.Lstat(name)
	if err != nil || info.Perm() != 0o4755 || info.Size != 5 || info.UID != os.Geteuid() || info.Ino == 0 {
		t.Errorf("Lstat = %+v, %v", info, err)
	}
	if _, err := (OS{}).Create(name, 0o600); !errors.Is(err, fs.ErrExist) {
		t.Errorf("a second Create gives %v, want that it exists", err)
	}
}

func TestSymbolicLinksAreNotFollowed(t *testing.T) {
	dir := t.TempDir()
	outside := filepath.Join(dir, "outside")
	if err := os.WriteFile(outside, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(dir, "link")
	if err := os.Symlink(outside, link); err != nil {
		t.Fatal(err)
	}
	if _, err := (OS{}).Create(link, 0o600); err == nil {
		t.Error("Create wrote through a link")
	}
	if _, err := (OS{}).Overwrite(link); err == nil {
		t.Error("Overwrite opened a link")
	}
	if _, err := (OS{}).Lock(link); err == nil {
		t.Error("Lock opened a link")
	}
	if _, err := (OS{}).Overwrite(dir); !errors.Is(err, syscall.EINVAL) {
		t.Errorf("Overwrite of a directory gives %v", err)
	}
}

func TestOverwriteKeepsTheFile(t *testing.T) {
	name := filepath.Join(t.TempDir(), "f")
	if err := os.WriteFile(name, []byte("a longer text"), 0o640); err != nil {
		t.Fatal(err)
	}
	before, err := OS{}.Lstat(name)
	if err != nil {
		t.Fatal(err)
	}
	f, err := OS{}.Overwrite(name)
	if err != nil {
		t.Fatal(err)
	}
	_, err = f.Write([]byte("short"))
	if err := errors.Join(err, f.Truncate(5), f.Close()); err != nil {
		t.Fatal(err)
	}
	after, err := OS{}.Lstat(name)
	text, _ := os.ReadFile(name)
	if err != nil || after.Ino != before.Ino || after.Mode != before.Mode || string(text) != "short" {
		t.Errorf("the file became %+v %q, %v", after, text, err)
	}
}

func TestLockWaits(t *testing.T) {
	name := filepath.Join(t.TempDir(), "lock")
	unlock, err := OS{}.Lock(name)
	if err != nil {
		t.Fatal(err)
	}
	var released atomic.Bool
	done := make(chan error)
	go func() { // ends when it has the lock; the test waits for it
		second, err := OS{}.Lock(name)
		if err == nil && !released.Load() {
			err = errors.New("two hold the lock")
		}
		if err == nil {
			err = second()
		}
		done <- err
	}()
	released.Store(true)
	if err := unlock(); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// A file that was just written is executed while other goroutines fork without
// pause: without the lock in Create a child of theirs holds it open for writing.
func TestExecutableIsNeverBusy(t *testing.T) {
	dir := t.TempDir()
	stop := make(chan struct{})
	var storm sync.WaitGroup
	for range 3 {
		storm.Go(func() { // ends with stop; the test waits for it
			for {
				select {
				case <-stop:
					return
				default:
					exec.Command("/bin/true").Run() //nolint:errcheck // only its fork matters
				}
			}
		})
	}
	defer storm.Wait()
	defer close(stop)
	for i := range 100 {
		name := filepath.Join(dir, fmt.Sprint(i))
		f, err := OS{}.Create(name, 0o700)
		if err != nil {
			t.Fatal(err)
		}
		_, err = f.Write([]byte("#!/bin/sh\nexit 0\n"))
		if err := errors.Join(err, f.Close()); err != nil {
			t.Fatal(err)
		}
		if err := exec.Command(name).Run(); err != nil {
			t.Fatalf("run %d: %v", i, err)
		}
	}
}

func TestMkdirIgnoresTheUmask(t *testing.T) {
	old := syscall.Umask(0o077)
	defer syscall.Umask(old)
	dir := filepath.Join(t.TempDir(), "d")
	if err := (OS{}).Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if info, err := (OS{}).Lstat(dir); err != nil || info.Perm() != 0o755 {
		t.Errorf("mode is %o, %v", info.Perm(), err)
	}
}

func TestErrorsKeepTheErrno(t *testing.T) {
	o := OS{}
	missing := filepath.Join(t.TempDir(), "no", "such")
	_, err1 := o.Create(missing, 0o600)
	_, err2 := o.Overwrite(missing)
	for i, err := range []error{err1, err2, o.Rename(missing, missing+"2"), o.Link(missing, missing+"2"), o.Remove(missing), o.SyncFS(missing), o.Mkdir(missing, 0o700)} {
		if !errors.Is(err, syscall.ENOENT) {
			t.Errorf("error %d is %v, want ENOENT in it", i, err)
		}
	}
}

func TestReadFile(t *testing.T) {
	dir := t.TempDir()
	for _, want := range []string{"", "x", string(make([]byte, 100_000))} {
		name := filepath.Join(dir, "f")
		if err := os.WriteFile(name, []byte(want), 0o600); err != nil {
			t.Fatal(err)
		}
		if got, err := (OS{}).ReadFile(name); err != nil || string(got) != want {
			t.Errorf("ReadFile gives %d bytes, %v, want %d", len(got), err, len(want))
		}
	}
	if _, err := (OS{}).ReadFile(dir); !errors.Is(err, syscall.EISDIR) {
		t.Errorf("reading a directory gives %v", err)
	}
}
