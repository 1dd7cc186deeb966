//go:build linux

package launch

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"slipway/internal/test/testkit"
)

// A command that is not there may come late only on a volume.
func TestMayComeLate(t *testing.T) {
	volume := testkit.MemoryDir(t)
	if onRoot(t, volume) {
		t.Skip("there is no second file system here")
	}
	for _, tt := range []struct {
		file string
		want bool
	}{
		{filepath.Join(volume, "app"), true},
		{filepath.Join(volume, "no/such/folder/app"), true},
		{"/no-such-folder/app", false},
		{"/etc/no-such-file", false},
		{"/etc/passwd", false}, // there, and not executable
	} {
		if got := mayComeLate(executable(tt.file)); got != tt.want {
			t.Errorf("mayComeLate(%s) = %v, want %v", tt.file, got, tt.want)
		}
	}
	if mayComeLate(&CommandError{Command: "x", Reason: "not found in PATH"}) {
		t.Error("a name that was looked for in PATH may come late")
	}
}

func onRoot(t *testing.T, path string) bool {
	t.Helper()
	here, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	root, err := os.Stat("/")
	if err != nil {
		t.Fatal(err)
	}
	return here.Sys().(*syscall.Stat_t).Dev == root.Sys().(*syscall.Stat_t).Dev
}
