package kernel

import (
	"strconv"
	"strings"
)

// MemoryKills is how many processes the kernel has killed because the memory limit of our
// cgroup was reached; -1 if it does not tell. The file is made of counters: reading it waits
// for nothing.
func (k *Linux) MemoryKills() int {
	if k.memoryEvents != "" {
		return k.killsIn(k.memoryEvents)
	}
	for _, path := range memoryEvents(k.readProc("/proc/self/cgroup")) {
		if n := k.killsIn(path); n >= 0 {
			k.memoryEvents = path
			return n
		}
	}
	return -1
}

// memoryEvents are the files that may have the counter, by what /proc/self/cgroup says. The
// path in there is that of the machine, or of the cgroup namespace; what is mounted may
// begin at our own cgroup all the same.
func memoryEvents(cgroups string) []string {
	const root = "/sys/fs/cgroup"
	var list []string
	for line := range strings.Lines(cgroups) {
		hierarchy, rest, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ":")
		controllers, path, _ := strings.Cut(rest, ":")
		path = strings.TrimSuffix(path, "/")
		switch {
		case hierarchy == "0" && controllers == "": // version 2
			list = append(list, root+path+"/memory.events", root+"/memory.events")
		case controllers == "memory":
			list = append(list, root+"/memory"+path+"/memory.oom_control", root+"/memory/memory.oom_control")
		}
	}
	return list
}

// killsIn reads the counter of a file; -1 if it has none.
func (k *Linux) killsIn(path string) int {
	for line := range strings.Lines(k.readProc(path)) {
		if text, ok := strings.CutPrefix(line, "oom_kill "); ok {
			if n, err := strconv.Atoi(strings.TrimSuffix(text, "\n")); err == nil {
				return n
			}
		}
	}
	return -1
}

// IsPaused reports whether a process was stopped by a signal, and not let go on since.
func (k *Linux) IsPaused(pid int) bool {
	stat := k.readProc("/proc/" + strconv.Itoa(pid) + "/stat")
	// The name, in parentheses, may have anything in it.
	after := strings.TrimLeft(stat[strings.LastIndexByte(stat, ')')+1:], " ")
	return strings.HasPrefix(after, "T")
}
