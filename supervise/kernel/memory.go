package kernel

import (
	"strconv"
	"strings"

	"slipway/supervise/kernel/oomscore"
)

// MemoryKills is how many processes the kernel has killed because the memory limit of our
// cgroup was reached; -1 if it does not tell. The file is made of counters: reading it waits
// for nothing.
func (k *Linux) MemoryKills() int {
	if k.memoryEvents != "" {
		return k.killsIn(k.memoryEvents)
	}
	for _, path := range cgroupFiles(k.readProc("/proc/self/cgroup"), "memory", "memory.events", "memory.oom_control") {
		if n := k.killsIn(path); n >= 0 {
			k.memoryEvents = path
			return n
		}
	}
	return -1
}

// cgroupFiles are the files of a controller, two in version 2 and one in version 1, that our
// cgroup may have, by what /proc/self/cgroup says. The path in there is that of the machine,
// or of the cgroup namespace; what is mounted may begin at our own cgroup all the same.
func cgroupFiles(cgroups, controller, two, one string) []string {
	const root = "/sys/fs/cgroup"
	var list []string
	for line := range strings.Lines(cgroups) {
		hierarchy, rest, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ":")
		controllers, path, _ := strings.Cut(rest, ":")
		path = strings.TrimSuffix(path, "/")
		switch {
		case hierarchy == "0" && controllers == "": // version 2
			list = append(list, root+path+"/"+two, root+"/"+two)
		case controllers == controller:
			list = append(list, root+"/"+controller+path+"/"+one, root+"/"+controller+"/"+one)
		}
	}
	return list
}

// Tasks is how many processes and threads our cgroup has, and how many it may have, 0 if there
// is no limit, or none that one can read. Refused is how many more it was not let have since it
// was asked last, or ever; -1 if the kernel does not count them.
func (k *Linux) Tasks() (now, most, refused int) {
	for _, path := range cgroupFiles(k.readProc("/proc/self/cgroup"), "pids", "pids.max", "pids.max") {
		dir := strings.TrimSuffix(path, "max")
		if most, err := strconv.Atoi(strings.TrimSpace(k.readProc(path))); err == nil {
			if now, err = strconv.Atoi(strings.TrimSpace(k.readProc(dir + "current"))); err == nil {
				count := k.counter(dir+"events", "max ")
				refused = min(count, max(0, count-k.refusals))
				k.refusals = max(0, count)
				return now, most, refused
			}
		}
	}
	return 0, 0, -1
}

// killsIn reads the counter of a file; -1 if it has none.
func (k *Linux) killsIn(path string) int { return k.counter(path, "oom_kill ") }

func (k *Linux) counter(path, name string) int {
	for line := range strings.Lines(k.readProc(path)) {
		if text, ok := strings.CutPrefix(line, name); ok {
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

// Survive has others killed before this process where memory runs out, as far as it may.
// What it forks is not concerned.
func (k *Linux) Survive() { k.score = oomscore.Lower() }
