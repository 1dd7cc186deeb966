// Package host reads what a container may use of its machine: CPU time and
// memory, from its control group, version 1 or 2, and its name.
//
// Limits are those that hold: the least of the group and all groups above it
// that can be seen. A file that is not there is no limit; nothing here needs to
// be readable, and on a system without /proc only the name is known.
package host

import (
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// Facts are what is known.
type Facts struct {
	Name string
	// CPUs is the CPU time that may be used per time, in CPUs: 1.5 is one and
	// a half. Without a quota it is the number of CPUs.
	CPUs float64
	// MemoryLimit is the limit in bytes; 0 when there is none.
	MemoryLimit int64
	// MemoryTotal is the memory of the machine in bytes; 0 when unknown.
	MemoryTotal int64
}

// Memory is what may be used, in bytes: the limit, or all there is.
func (f Facts) Memory() int64 {
	if f.MemoryLimit > 0 {
		return f.MemoryLimit
	}
	return f.MemoryTotal
}

// System is what Read asks besides files.
type System struct {
	// Root is put before every path; for tests.
	Root string
	// Hostname returns the name of the container.
	Hostname func() (string, error)
	// CPUs is the number of CPUs that the process may run on.
	CPUs int
}

// Read reads the facts.
func Read(s System) Facts {
	var f Facts
	if s.Hostname != nil {
		f.Name, _ = s.Hostname() // a name is a convenience: without one it is ""
	}
	f.MemoryTotal = s.memoryTotal()
	f.CPUs = float64(s.CPUs)
	quota, limit := s.cgroup()
	if quota > 0 && quota < f.CPUs {
		f.CPUs = quota
	}
	// A limit of more than there is limits nothing. Version 1 writes "none" as
	// a number near 2^63.
	if limit > 0 && limit < math.MaxInt64-1<<20 && (f.MemoryTotal == 0 || limit < f.MemoryTotal) {
		f.MemoryLimit = limit
	}
	return f
}

// cgroup returns the CPU quota in CPUs and the memory limit in bytes; 0 is none.
func (s System) cgroup() (quota float64, limit int64) {
	quota, limit = math.Inf(1), math.MaxInt64
	for _, line := range strings.Split(s.text("/proc/self/cgroup"), "\n") {
		f := strings.SplitN(line, ":", 3)
		if len(f) != 3 {
			continue
		}
		controllers, path := strings.Split(f[1], ","), f[2]
		if f[0] == "0" && f[1] == "" {
			s.up("/sys/fs/cgroup", path, func(dir string) {
				quota = min(quota, cpuMax(s.text(dir+"/cpu.max")))
				limit = min(limit, bytes(s.text(dir+"/memory.max")))
			})
			continue
		}
		for _, c := range controllers {
			switch c {
			case "memory":
				s.up("/sys/fs/cgroup/memory", path, func(dir string) { limit = min(limit, bytes(s.text(dir+"/memory.limit_in_bytes"))) })
			case "cpu":
				s.up("/sys/fs/cgroup/cpu", path, func(dir string) {
					quota = min(quota, ratio(s.text(dir+"/cpu.cfs_quota_us"), s.text(dir+"/cpu.cfs_period_us")))
				})
			}
		}
	}
	if math.IsInf(quota, 1) {
		quota = 0
	}
	if limit == math.MaxInt64 {
		limit = 0
	}
	return quota, limit
}

// up calls f with the folder of a group and of each above it. In a container the
// path of /proc/self/cgroup may be the host's, of which nothing is mounted; the
// root of the mount is the own group then.
func (s System) up(mount, path string, f func(dir string)) {
	for dir := filepath.Clean("/" + path); ; dir = filepath.Dir(dir) {
		f(filepath.Join(mount, dir))
		if dir == "/" {
			return
		}
	}
}

func (s System) text(path string) string {
	data, err := os.ReadFile(filepath.Join(s.Root, path))
	if err != nil {
		return "" // no limit, see the package comment
	}
	return strings.TrimSpace(string(data))
}

// cpuMax reads "QUOTA PERIOD" or "max PERIOD".
func cpuMax(text string) float64 {
	q, p, _ := strings.Cut(text, " ")
	return ratio(q, p)
}

func ratio(quota, period string) float64 {
	q, err := strconv.ParseFloat(quota, 64)
	p, err2 := strconv.ParseFloat(period, 64)
	if err != nil || err2 != nil || q <= 0 || p <= 0 {
		return math.Inf(1)
	}
	return q / p
}

// bytes reads a number of bytes or "max".
func bytes(text string) int64 {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n <= 0 {
		return math.MaxInt64
	}
	return n
}

// memoryTotal reads the line "MemTotal: 16314512 kB".
func (s System) memoryTotal() int64 {
	for _, line := range strings.Split(s.text("/proc/meminfo"), "\n") {
		f := strings.Fields(line)
		if len(f) == 3 && f[0] == "MemTotal:" && f[2] == "kB" {
			n, err := strconv.ParseInt(f[1], 10, 64)
			if err == nil {
				return n << 10
			}
		}
	}
	return 0
}
