package kernel

import (
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

// A FIFO that nobody reads would hold up PID 1, and with it the container.
func TestWriteFileDoesNotWait(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pipe")
	if err := unix.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := (&Linux{}).WriteFile(path, []byte("x"), 0o644); err != unix.ENXIO {
		t.Errorf("WriteFile to a FIFO without a reader = %v, want ENXIO", err)
	}
}
