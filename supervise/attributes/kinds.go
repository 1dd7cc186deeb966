package attributes

import (
	"strconv"
	"strings"

	"slipway/supervise/config/text"
)

// Kinds are all attributes, in the order in which they are set.
var Kinds = append(limits(),
	Kind{Name: "nice", Expected: "a whole number from -20 (most of the processor) to 19",
		Doc:   "Its priority on the processor, from -20 (most) to 19. Below that of the supervisor it needs CAP_SYS_NICE. For example: `nice = 10`.",
		parse: number(-20, 19)},
	Kind{Name: "ionice", Expected: "idle, best-effort:LEVEL or realtime:LEVEL, with a LEVEL from 0 (most) to 7",
		Doc:   "Its priority on disks: idle, best-effort:LEVEL or realtime:LEVEL, with a LEVEL from 0 (most) to 7. realtime needs CAP_SYS_NICE. For example: `ionice = idle`.",
		parse: ioPriority},
	Kind{Name: "cpu_affinity", Expected: "numbers and ranges of processors, such as 0,2-3",
		Doc:   "The processors that it may run on: numbers from 0 and ranges, separated by commas. For example: `cpu_affinity = 0,2-3`.",
		parse: processors},
	Kind{Name: "oom_score_adj", Expected: "a whole number from -1000 (never) to 1000 (first)",
		Doc:   "Whether it is killed early when memory runs out: from -1000 (never) to 1000 (first). Less than the supervisor was given needs CAP_SYS_RESOURCE. For example: `oom_score_adj = 500`.",
		parse: number(-1000, 1000)},
	Kind{Name: "capabilities", after: true, Expected: "none, or capabilities such as NET_BIND_SERVICE, SYS_NICE",
		Doc:   "The capabilities that it has and can ever get, also as another user: names with or without CAP_, separated by commas or blanks, or none. Default: those of the supervisor as root, none as another user. For example: `capabilities = NET_BIND_SERVICE`.",
		parse: capabilities},
	Kind{Name: "no_new_privs", after: true, Expected: "true or false",
		Doc: "Whether setuid and setgid executables and file capabilities have no effect for it and what it starts. For example: `no_new_privs = true`.",
		parse: func(s string) (value, bool) {
			on, ok := text.Bool(s)
			if on {
				return value{1}, ok
			}
			return value{0}, ok
		}},
)

// resources are those of setrlimit(2). The ones in bytes may be written as 64KB or 2GB.
var resources = []struct {
	name  string
	bytes bool
	what  string
}{
	{"cpu", false, "seconds of processor time"},
	{"fsize", true, "size of a file that it writes"},
	{"data", true, "size of its data"},
	{"stack", true, "size of its stack"},
	{"core", true, "size of a core dump; 0: none"},
	{"rss", true, "resident memory, without effect on Linux"},
	{"nproc", false, "processes and threads of its user"},
	{"nofile", false, "open descriptors"},
	{"memlock", true, "locked memory"},
	{"as", true, "address space"},
	{"locks", false, "file locks, without effect on Linux"},
	{"sigpending", false, "signals that wait for its user"},
	{"msgqueue", true, "bytes in message queues of its user"},
	{"nice", false, "how far it may raise its priority: 20 less the nice value"},
	{"rtprio", false, "its real-time priority"},
	{"rttime", false, "microseconds of real-time work without a pause"},
}

const (
	unlimited   = "unlimited"
	limitPrefix = "limit_"
)

// limits are the kinds of setrlimit(2).
func limits() []Kind {
	var kinds []Kind
	for _, r := range resources {
		expected, example := "a number", "1024:65536"
		if r.bytes {
			expected, example = "a size such as 512MB", "512MB:1GB"
		}
		kinds = append(kinds, Kind{
			Name:     limitPrefix + r.name,
			Expected: expected + ", two of them as SOFT:HARD, or " + unlimited,
			Doc: "Limit of " + r.what + ", for itself and as the bound up to which it may change it: SOFT:HARD, one value for both, or " + unlimited +
				". More than the supervisor's needs CAP_SYS_RESOURCE. For example: `limit_" + r.name + " = " + example + "`.",
			parse: func(s string) (value, bool) { return limit(s, r.bytes) },
		})
	}
	return kinds
}

// limit reads SOFT:HARD, or one value for both.
func limit(s string, bytes bool) (value, bool) {
	soft, hard, two := strings.Cut(s, ":")
	if !two {
		hard = soft
	}
	v, ok := make(value, 2), true
	for i, word := range [...]string{soft, hard} {
		word = strings.TrimSpace(word)
		if strings.EqualFold(word, unlimited) || strings.EqualFold(word, "infinity") {
			v[i] = -1
			continue
		}
		var n int64
		if bytes {
			n, ok = text.Size(word)
		} else {
			var err error
			n, err = strconv.ParseInt(word, 10, 64)
			ok = err == nil
		}
		if v[i] = int(n); !ok || n < 0 || int64(v[i]) != n {
			return nil, false
		}
	}
	return v, uint(v[0]) <= uint(v[1])
}

func number(from, to int) func(string) (value, bool) {
	return func(s string) (value, bool) {
		n, err := strconv.Atoi(s)
		return value{n}, err == nil && n >= from && n <= to
	}
}

// ioprioShift is where the class of ioprio_set(2) begins.
const ioprioShift = 13

func ioPriority(s string) (value, bool) {
	class, level, given := strings.Cut(s, ":")
	n, err := strconv.Atoi(level)
	fine := given && err == nil && n >= 0 && n <= 7
	switch class {
	case "realtime":
		return value{1<<ioprioShift | n}, fine
	case "best-effort":
		return value{2<<ioprioShift | n}, fine
	case "idle":
		return value{3 << ioprioShift}, !given
	}
	return nil, false
}

// maxProcessors is how many processors a mask has room for, a multiple of 64.
const maxProcessors = 8192

// processors are the numbers of a list such as 0,2-3.
func processors(s string) (value, bool) {
	var v value
	for part := range strings.SplitSeq(s, ",") {
		first, last, isRange := strings.Cut(strings.TrimSpace(part), "-")
		if !isRange {
			last = first
		}
		from, err := strconv.Atoi(first)
		to, err2 := strconv.Atoi(last)
		if err != nil || err2 != nil || from < 0 || to < from || to >= maxProcessors {
			return nil, false
		}
		for n := from; n <= to; n++ {
			v = append(v, n)
		}
	}
	return v, true
}
