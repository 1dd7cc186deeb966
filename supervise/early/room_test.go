//go:build linux && (amd64 || arm64)

package early

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"slipway/internal/test/testkit"
)

// TestRoom: an executable that finds no room for its threads says so, and the Go runtime is
// not reached. The limit is that of a user whom nobody else is.
func TestRoom(t *testing.T) {
	testkit.Need(t, testkit.Root)
	dir := t.TempDir()
	for d := dir; len(d) > len(os.TempDir()); d = filepath.Dir(d) {
		if err := os.Chmod(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	bin := filepath.Join(dir, "pending")
	build := exec.Command("go", "build", "-ldflags=-E slipway/supervise/early.entry", "-o", bin, "./testdata/pending.go")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("cannot build: %v\n%s", err, out)
	}
	var before syscall.Rlimit
	if err := syscall.Getrlimit(unix.RLIMIT_NPROC, &before); err != nil {
		t.Fatal(err)
	}
	defer syscall.Setrlimit(unix.RLIMIT_NPROC, &before) // root is not bound by it
	for _, limit := range []uint64{1, 2, 5, Tasks, Tasks + 1} {
		if err := syscall.Setrlimit(unix.RLIMIT_NPROC, &syscall.Rlimit{Cur: limit, Max: before.Max}); err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command(bin)
		const stranger = 1<<30 + 77
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: stranger, Gid: stranger}}
		out, err := cmd.CombinedOutput()
		if limit > Tasks { // itself, and what it looks for
			if err != nil || strings.Contains(string(out), noTasks) {
				t.Errorf("with a limit of %d: %v, %q", limit, err, out)
			}
			continue
		}
		var exit *exec.ExitError
		if !errors.As(err, &exit) || exit.ExitCode() != NoTasks || string(out) != noTasks {
			t.Errorf("with a limit of %d: %v, %q, want exit status %d, %q", limit, err, out, NoTasks, noTasks)
		}
	}
	if number := " " + strconv.Itoa(Tasks) + " "; !strings.Contains(noTasks, number) {
		t.Errorf("the message does not say %s: %q", number, noTasks)
	}
}
