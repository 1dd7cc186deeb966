package cgroup_test

import (
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"golang.org/x/sys/unix"

	"slipway/internal/test/testkit"
	"slipway/supervise/kernel/cgroup"
)

// Who is not PID 1 of a container divides a group only where systemd says so. What it has
// made is gone afterwards, and what somebody else has made is left alone.
func TestDelegated(t *testing.T) {
	own := testkit.NewCgroup(t)
	self := "12:pids:/\n0::/" + filepath.Base(own) + "\n"
	if dir, _ := cgroup.New(self).Make("/bin/web"); dir != "" {
		t.Fatalf("made %s in a group that is not delegated", dir)
	}
	if err := unix.Setxattr(own, "user.delegate", []byte("1"), 0); err != nil {
		t.Skip("this kernel keeps no attributes of control groups: " + err.Error())
	}
	parent := filepath.Join(own, "slipway-"+strconv.Itoa(os.Getpid()))
	groups := cgroup.New(self)
	dir, fd := groups.Make("/bin/web")
	if dir != filepath.Join(parent, "web.1") {
		t.Fatalf("Make() = %q", dir)
	}
	unix.Close(fd)
	if groups.Remove(dir); exists(parent) {
		t.Error("its folder is left")
	}
	foreign := filepath.Join(parent, "web.2")
	if err := os.MkdirAll(foreign, 0o755); err != nil {
		t.Fatal(err)
	}
	if dir, _ := groups.Make("/bin/web"); dir != "" || !exists(foreign) {
		t.Errorf("Make() = %q where somebody else has one, which is there: %v", dir, exists(foreign))
	}
	for _, outside := range []string{"", "0::/../x\n", "0::/none\n", "1:name=systemd:/\n"} {
		if dir, _ := cgroup.New(outside).Make("/bin/web"); dir != "" {
			t.Errorf("made %s by %q", dir, outside)
		}
	}
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
