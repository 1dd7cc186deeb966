package early

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
)

// TestEntry links a program with the entry, and without.
func TestEntry(t *testing.T) {
	if runtime.GOOS != "linux" || runtime.GOARCH != "amd64" && runtime.GOARCH != "arm64" {
		t.Skip("there is no entry for " + runtime.GOOS + "/" + runtime.GOARCH)
	}
	var all []string
	for s := 1; s <= 64; s++ {
		switch syscall.Signal(s) {
		case syscall.SIGKILL, syscall.SIGSTOP, syscall.SIGPIPE: // a PIPE from itself is one of a write
		default:
			all = append(all, fmt.Sprint(s))
		}
	}
	every := " then " + strings.Join(all, " ")
	linked, plain := build(t, "-ldflags=-E slipway/supervise/early.entry"), build(t, "")
	for _, row := range []struct{ name, bin, arg, want string }{
		{"what was held is there after an execve", linked, "hold", "true 1 2 3 6 11 15 34" + every},
		{"nothing was held", linked, "", "true 6 11 34" + every},
		{"linked without the entry", plain, "", "false " + every},
		{"os/signal has what is released", linked, "notify", "interrupt"},
	} {
		t.Run(row.name, func(t *testing.T) {
			out, err := exec.Command(row.bin, strings.Fields(row.arg)...).CombinedOutput()
			if got := strings.TrimSpace(string(out)); err != nil || got != row.want {
				t.Errorf("got %v, %q, want %q", err, got, row.want)
			}
		})
	}
	for name, bin := range map[string]string{"a fault is one": linked, "a fault is one without the entry": plain} {
		t.Run(name, func(t *testing.T) {
			out, err := exec.Command(bin, "fault").CombinedOutput()
			if text := "invalid memory address or nil pointer dereference"; err == nil || !strings.Contains(string(out), text) {
				t.Errorf("got %v, %q, want a panic: %s", err, out, text)
			}
		})
	}
	t.Run("what is released does what it does by default", func(t *testing.T) {
		out, err := exec.Command(linked, "release").CombinedOutput()
		var exit *exec.ExitError
		if !errors.As(err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGTERM || string(out) != "not yet\n" {
			t.Errorf("got %v, %q, want its end by TERM, not before it is released", err, out)
		}
	})
}

// build builds testdata/pending.go and returns the executable.
func build(t *testing.T, flags string) string {
	t.Helper()
	bin := filepath.Join(t.TempDir(), "pending")
	cmd := exec.Command("go", "build", flags, "-o", bin, "./testdata/pending.go")
	if flags == "" {
		cmd.Args = append(cmd.Args[:2], cmd.Args[3:]...)
	}
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("cannot build: %v\n%s", err, out)
	}
	return bin
}
