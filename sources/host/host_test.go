package host

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

func TestRead(t *testing.T) {
	const gib = 1 << 30
	for _, row := range []struct {
		name  string
		files map[string]string
		want  Facts
	}{
		{"nothing to read", nil, Facts{Name: "box", CPUs: 4}},
		{"no limits, version 2", map[string]string{
			"proc/self/cgroup": "0::/\n", "proc/meminfo": "MemFree: 1 kB\nMemTotal:       16777216 kB\n",
			"sys/fs/cgroup/cpu.max": "max 100000\n", "sys/fs/cgroup/memory.max": "max\n",
		}, Facts{Name: "box", CPUs: 4, MemoryTotal: 16 * gib}},
		{"own namespace, version 2", map[string]string{
			"proc/self/cgroup": "0::/\n", "proc/meminfo": "MemTotal: 16777216 kB\n",
			"sys/fs/cgroup/cpu.max": "150000 100000\n", "sys/fs/cgroup/memory.max": "1073741824\n",
		}, Facts{Name: "box", CPUs: 1.5, MemoryLimit: gib, MemoryTotal: 16 * gib}},
		{"a pod above, version 2", map[string]string{
			"proc/self/cgroup": "0::/pod/me\n", "proc/meminfo": "MemTotal: 16777216 kB\n",
			"sys/fs/cgroup/pod/me/memory.max": "max\n", "sys/fs/cgroup/pod/memory.max": "2147483648\n",
			"sys/fs/cgroup/pod/me/cpu.max": "300000 100000\n", "sys/fs/cgroup/pod/cpu.max": "50000 100000\n",
		}, Facts{Name: "box", CPUs: 0.5, MemoryLimit: 2 * gib, MemoryTotal: 16 * gib}},
		{"version 1, the host's path", map[string]string{
			"proc/self/cgroup": "5:memory:/docker/abc\n3:cpu,cpuacct:/docker/abc\n1:name=systemd:/x\nbad\n", "proc/meminfo": "MemTotal: 16777216 kB\n",
			"sys/fs/cgroup/memory/memory.limit_in_bytes": "1073741824\n", "sys/fs/cgroup/cpu/cpu.cfs_quota_us": "200000\n", "sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000\n",
		}, Facts{Name: "box", CPUs: 2, MemoryLimit: gib, MemoryTotal: 16 * gib}},
		{"version 1, none", map[string]string{
			"proc/self/cgroup":                           "5:memory:/\n3:cpu,cpuacct:/\n",
			"sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n", "sys/fs/cgroup/cpu/cpu.cfs_quota_us": "-1\n", "sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000\n",
		}, Facts{Name: "box", CPUs: 4}},
		{"more than there is", map[string]string{
			"proc/self/cgroup": "0::/\n", "proc/meminfo": "MemTotal: 1024 kB\n",
			"sys/fs/cgroup/cpu.max": "900000 100000\n", "sys/fs/cgroup/memory.max": "1073741824\n",
		}, Facts{Name: "box", CPUs: 4, MemoryTotal: 1 << 20}},
	} {
		t.Run(row.name, func(t *testing.T) {
			root := t.TempDir()
			for name, text := range row.files {
				path := filepath.Join(root, name)
				if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			got := Read(System{Root: root, CPUs: 4, Hostname: func() (string, error) { return "box", nil }})
			if got != row.want {
				t.Errorf("Read = %+v, want %+v", got, row.want)
			}
		})
	}
	if f := Read(System{Root: t.TempDir(), CPUs: 1, Hostname: func() (string, error) { return "", errors.New("no") }}); f.Name != "" || f.Memory() != 0 {
		t.Errorf("Read = %+v", f)
	}
}
