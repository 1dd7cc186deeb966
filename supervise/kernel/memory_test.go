package kernel

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func TestMemoryEventsFiles(t *testing.T) {
	for _, tt := range []struct {
		name, cgroups string
		want          []string
	}{
		{"version 2, namespace", "0::/\n", []string{"/sys/fs/cgroup/memory.events", "/sys/fs/cgroup/memory.events"}},
		{"version 2", "0::/system.slice/x\n", []string{"/sys/fs/cgroup/system.slice/x/memory.events", "/sys/fs/cgroup/memory.events"}},
		{"version 1", "12:cpu,cpuacct:/docker/1\n5:memory:/docker/1\n", []string{"/sys/fs/cgroup/memory/docker/1/memory.oom_control", "/sys/fs/cgroup/memory/memory.oom_control"}},
		{"both", "5:memory:/\n0::/\n", []string{"/sys/fs/cgroup/memory/memory.oom_control", "/sys/fs/cgroup/memory/memory.oom_control", "/sys/fs/cgroup/memory.events", "/sys/fs/cgroup/memory.events"}},
		{"nothing", "", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := cgroupFiles(tt.cgroups, "memory", "memory.events", "memory.oom_control"); !slices.Equal(got, tt.want) {
				t.Errorf("files %q, want %q", got, tt.want)
			}
		})
	}
}

func TestKillsIn(t *testing.T) {
	for _, tt := range []struct {
		name, text string
		want       int
	}{
		{"version 2", "low 0\nhigh 0\nmax 12\noom 3\noom_kill 2\noom_group_kill 0\n", 2},
		{"version 1", "oom_kill_disable 0\nunder_oom 0\noom_kill 7\n", 7},
		{"an old kernel", "oom_kill_disable 0\nunder_oom 0\n", -1},
		{"nonsense", "oom_kill many\n", -1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "events")
			if err := os.WriteFile(path, []byte(tt.text), 0o644); err != nil {
				t.Fatal(err)
			}
			if got := new(Linux).killsIn(path); got != tt.want {
				t.Errorf("%d kills, want %d", got, tt.want)
			}
		})
	}
	if got := new(Linux).killsIn("/no/such"); got != -1 {
		t.Errorf("no file: %d kills, want -1", got)
	}
}

func TestPidsFiles(t *testing.T) {
	for _, tt := range []struct {
		name, cgroups string
		want          []string
	}{
		{"version 2", "0::/x\n", []string{"/sys/fs/cgroup/x/pids.max", "/sys/fs/cgroup/pids.max"}},
		{"version 1", "7:pids:/docker/1\n5:memory:/docker/1\n", []string{"/sys/fs/cgroup/pids/docker/1/pids.max", "/sys/fs/cgroup/pids/pids.max"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := cgroupFiles(tt.cgroups, "pids", "pids.max", "pids.max"); !slices.Equal(got, tt.want) {
				t.Errorf("files %q, want %q", got, tt.want)
			}
		})
	}
}
