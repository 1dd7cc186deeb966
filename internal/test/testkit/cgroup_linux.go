package testkit

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

// cgroupMount is where control groups of version 2 are, alone or beside version 1.
func cgroupMount() string {
	for _, dir := range []string{"/sys/fs/cgroup", "/sys/fs/cgroup/unified"} {
		var st unix.Statfs_t
		if unix.Statfs(dir, &st) == nil && st.Type == unix.CGROUP2_SUPER_MAGIC && unix.Access(dir, unix.W_OK) == nil {
			return dir
		}
	}
	return ""
}

func hasCgroups() error {
	if os.Getuid() != 0 || cgroupMount() == "" {
		return errors.New("no control groups that may be made")
	}
	return nil
}

// NewCgroup makes a control group of version 2, which is removed after the test: then
// nothing may live in it, or in what was made below it.
func NewCgroup(t testing.TB) (dir string) {
	t.Helper()
	Need(t, Cgroup)
	dir, err := os.MkdirTemp(cgroupMount(), "slipway-test-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		Eventually(t, Patience, "the end of the control group", func() error {
			below, _ := filepath.Glob(dir + "/*/*/cgroup.procs")
			more, _ := filepath.Glob(dir + "/*/cgroup.procs")
			for _, procs := range append(below, more...) {
				os.Remove(filepath.Dir(procs))
			}
			if err := os.Remove(dir); err != nil {
				text, _ := os.ReadFile(dir + "/cgroup.events")
				return fmt.Errorf("%w: %s", err, text)
			}
			return nil
		})
	})
	return dir
}
