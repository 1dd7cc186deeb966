package attributes

import (
	"encoding/binary"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"slipway/supervise/holder"
)

// Add appends the system calls to a table: those before the change of the user, or those
// after it. The descriptor free is the lowest one that is not in use.
func (l List) Add(t *holder.Table, after bool, free int) {
	for i := range Kinds {
		for _, a := range l {
			if a.kind == &Kinds[i] && a.kind.after == after {
				a.add(t, free)
			}
		}
	}
}

func (a attribute) add(t *holder.Table, free int) {
	v := a.call
	switch step := "set " + a.kind.Name; a.kind.Name {
	case "nice":
		t.Add(step, unix.SYS_SETPRIORITY, unix.PRIO_PROCESS, 0, v[0])
	case "ionice":
		t.Add(step, unix.SYS_IOPRIO_SET, ioprioProcess, 0, v[0])
	case "cpu_affinity":
		t.Add(step, unix.SYS_SCHED_SETAFFINITY, 0, maxProcessors/8, bits(v))
	case "oom_score_adj":
		score := strconv.Itoa(v[0])
		t.Add("open /proc/self/oom_score_adj", unix.SYS_OPENAT, unix.AT_FDCWD, holder.Bytes("/proc/self/oom_score_adj\x00"), unix.O_WRONLY|unix.O_CLOEXEC, 0)
		t.Add(step, unix.SYS_WRITE, free, holder.Bytes(score), len(score))
		t.Add("close /proc/self/oom_score_adj", unix.SYS_CLOSE, free)
	case "capabilities":
		setCapabilities(t, v)
	case "no_new_privs":
		if v[0] == 1 {
			t.Add(step, unix.SYS_PRCTL, unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
		}
	default:
		both := binary.NativeEndian.AppendUint64(nil, uint64(v[0]))
		both = binary.NativeEndian.AppendUint64(both, uint64(v[1]))
		t.Add(step, unix.SYS_PRLIMIT64, 0, limitNumber(strings.TrimPrefix(a.kind.Name, limitPrefix)), holder.Bytes(both), 0)
	}
}

// ioprioProcess is IOPRIO_WHO_PROCESS of ioprio_set(2).
const ioprioProcess = 1

// limitNumber is the resource of setrlimit(2) of that name.
func limitNumber(name string) int {
	for _, r := range [...]struct {
		name   string
		number int
	}{
		{"cpu", unix.RLIMIT_CPU}, {"fsize", unix.RLIMIT_FSIZE}, {"data", unix.RLIMIT_DATA}, {"stack", unix.RLIMIT_STACK},
		{"core", unix.RLIMIT_CORE}, {"rss", unix.RLIMIT_RSS}, {"nproc", unix.RLIMIT_NPROC}, {"nofile", unix.RLIMIT_NOFILE},
		{"memlock", unix.RLIMIT_MEMLOCK}, {"as", unix.RLIMIT_AS}, {"locks", unix.RLIMIT_LOCKS}, {"sigpending", unix.RLIMIT_SIGPENDING},
		{"msgqueue", unix.RLIMIT_MSGQUEUE}, {"nice", unix.RLIMIT_NICE}, {"rtprio", unix.RLIMIT_RTPRIO}, {"rttime", unix.RLIMIT_RTTIME},
	} {
		if r.name == name {
			return r.number
		}
	}
	panic("no limit " + name)
}

// bits is the mask in which those of v are set.
func bits(v value) holder.Bytes {
	words := make([]uint64, maxProcessors/64)
	for _, n := range v {
		words[n/64] |= 1 << (n % 64)
	}
	b := make([]byte, 0, maxProcessors/8)
	for _, w := range words {
		b = binary.NativeEndian.AppendUint64(b, w)
	}
	return b
}

// capabilityVersion is _LINUX_CAPABILITY_VERSION_3: sets of two words each.
const capabilityVersion = 0x20080522

// setCapabilities makes the capabilities those of v. They have been kept over the change of
// the user (KeepCapabilities), and those that can never come back are gone (DropOthers).
func setCapabilities(t *holder.Table, v value) {
	var mask uint64
	for _, n := range v {
		mask |= 1 << n
	}
	header := binary.NativeEndian.AppendUint32(nil, capabilityVersion)
	header = binary.NativeEndian.AppendUint32(header, 0)
	var data []byte
	for _, half := range [...]uint32{uint32(mask), uint32(mask >> 32)} {
		for range 3 { // effective, permitted, inheritable
			data = binary.NativeEndian.AppendUint32(data, half)
		}
	}
	t.Add("set capabilities", unix.SYS_CAPSET, holder.Bytes(header), holder.Bytes(data))
	for _, n := range v {
		t.Add("hand on "+CapabilityName(n), unix.SYS_PRCTL, unix.PR_CAP_AMBIENT, unix.PR_CAP_AMBIENT_RAISE, n, 0, 0)
	}
}

// KeepCapabilities adds what comes before the change of the user, if capabilities are given:
// those that the kernel has and the list has not are dropped for good, the rest is kept.
func (l List) KeepCapabilities(t *holder.Table, has func(capability int) bool) {
	for _, a := range l {
		if a.kind.Name != "capabilities" {
			continue
		}
		for n := range 64 {
			if has(n) && !slices.Contains(a.call, n) {
				t.Add("drop "+CapabilityName(n), unix.SYS_PRCTL, unix.PR_CAPBSET_DROP, n, 0, 0, 0)
			}
		}
		t.Add("keep capabilities", unix.SYS_PRCTL, unix.PR_SET_KEEPCAPS, 1, 0, 0, 0)
	}
}
