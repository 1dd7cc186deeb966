package testkit

import (
	"os"
	"testing"
)

// MemoryDir is a t.TempDir in memory, where the system has a place for that. It
// is for tests that make files by the thousand, without a claim about the disk:
// ext4 without a journal takes milliseconds to find an inode when thousands were
// freed in the last half minute.
func MemoryDir(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "slipway-test-")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	return dir
}
