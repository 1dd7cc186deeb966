package early

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// TestEntry links a program with the entry and executes it by a shell-less launcher that
// has INT and TERM blocked and pending: what a launch stage leaves behind.
func TestEntry(t *testing.T) {
	if runtime.GOOS != "linux" || runtime.GOARCH != "amd64" && runtime.GOARCH != "arm64" {
		t.Skip("there is no entry for " + runtime.GOOS + "/" + runtime.GOARCH)
	}
	bin := filepath.Join(t.TempDir(), "pending")
	build := exec.Command("go", "build", "-ldflags=-E slipway/supervise/early.entry", "-o", bin, "./testdata/pending.go")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("cannot build: %v\n%s", err, out)
	}
	out, err := exec.Command(bin, "hold").CombinedOutput()
	if got, want := strings.TrimSpace(string(out)), "[interrupt terminated] then []"; err != nil || got != want {
		t.Errorf("after the execve: %v, %q, want %q", err, got, want)
	}
	if out, err := exec.Command(bin).CombinedOutput(); err != nil || strings.TrimSpace(string(out)) != "[] then []" {
		t.Errorf("without a signal: %v, %q", err, out)
	}
}
