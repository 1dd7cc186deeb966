package attributes

import (
	"strconv"
	"strings"

	"slipway/supervise/config/text"
)

// Kinds are all attributes, in the order in which they are set: first those of setrlimit(2).
// The whole table is data of the executable; nothing of it is made when PID 1 begins.
var Kinds = [...]Kind{
	{Name: limitPrefix + "cpu", Expected: aNumber + orTwo, parse: countLimit,
		Doc: limitOf + "seconds of processor time" + limitHow + "`limit_cpu = 1024:65536`."},
	{Name: limitPrefix + "fsize", Expected: aSize + orTwo, parse: bytesLimit,
		Doc: limitOf + "size of a file that it writes" + limitHow + "`limit_fsize = 512MB:1GB`."},
	{Name: limitPrefix + "data", Expected: aSize + orTwo, parse: bytesLimit,
		Doc: limitOf + "size of its data" + limitHow + "`limit_data = 512MB:1GB`."},
	{Name: limitPrefix + "stack", Expected: aSize + orTwo, parse: bytesLimit,
		Doc: limitOf + "size of its stack" + limitHow + "`limit_stack = 512MB:1GB`."},
	{Name: limitPrefix + "core", Expected: aSize + orTwo, parse: bytesLimit,
		Doc: limitOf + "size of a core dump; 0: none" + limitHow + "`limit_core = 512MB:1GB`."},
	{Name: limitPrefix + "rss", Expected: aSize + orTwo, parse: bytesLimit,
		Doc: limitOf + "resident memory, without effect on Linux" + limitHow + "`limit_rss = 512MB:1GB`."},
	{Name: limitPrefix + "nproc", Expected: aNumber + orTwo, parse: countLimit,
		Doc: limitOf + "processes and threads of its user" + limitHow + "`limit_nproc = 1024:65536`."},
	{Name: limitPrefix + "nofile", Expected: aNumber + orTwo, parse: countLimit,
		Doc: limitOf + "open descriptors" + limitHow + "`limit_nofile = 1024:65536`."},
	{Name: limitPrefix + "memlock", Expected: aSize + orTwo, parse: bytesLimit,
		Doc: limitOf + "locked memory" + limitHow + "`limit_memlock = 512MB:1GB`."},
	{Name: limitPrefix + "as", Expected: aSize + orTwo, parse: bytesLimit,
		Doc: limitOf + "address space" + limitHow + "`limit_as = 512MB:1GB`."},
	{Name: limitPrefix + "locks", Expected: aNumber + orTwo, parse: countLimit,
		Doc: limitOf + "file locks, without effect on Linux" + limitHow + "`limit_locks = 1024:65536`."},
	{Name: limitPrefix + "sigpending", Expected: aNumber + orTwo, parse: countLimit,
		Doc: limitOf + "signals that wait for its user" + limitHow + "`limit_sigpending = 1024:65536`."},
	{Name: limitPrefix + "msgqueue", Expected: aSize + orTwo, parse: bytesLimit,
		Doc: limitOf + "bytes in message queues of its user" + limitHow + "`limit_msgqueue = 512MB:1GB`."},
	{Name: limitPrefix + "nice", Expected: aNumber + orTwo, parse: countLimit,
		Doc: limitOf + "how far it may raise its priority: 20 less the nice value" + limitHow + "`limit_nice = 1024:65536`."},
	{Name: limitPrefix + "rtprio", Expected: aNumber + orTwo, parse: countLimit,
		Doc: limitOf + "its real-time priority" + limitHow + "`limit_rtprio = 1024:65536`."},
	{Name: limitPrefix + "rttime", Expected: aNumber + orTwo, parse: countLimit,
		Doc: limitOf + "microseconds of real-time work without a pause" + limitHow + "`limit_rttime = 1024:65536`."},
	{Name: "nice", Expected: "a whole number from -20 (most of the processor) to 19",
		Doc:   "Its priority on the processor, from -20 (most) to 19. Below that of the supervisor it needs CAP_SYS_NICE. For example: `nice = 10`.",
		parse: func(s string) (value, bool) { return number(s, -20, 19) }},
	{Name: "ionice", Expected: "idle, best-effort:LEVEL or realtime:LEVEL, with a LEVEL from 0 (most) to 7",
		Doc:   "Its priority on disks: idle, best-effort:LEVEL or realtime:LEVEL, with a LEVEL from 0 (most) to 7. realtime needs CAP_SYS_NICE. For example: `ionice = idle`.",
		parse: ioPriority},
	{Name: "cpu_affinity", Expected: "numbers and ranges of processors, such as 0,2-3",
		Doc:   "The processors that it may run on: numbers from 0 and ranges, separated by commas. For example: `cpu_affinity = 0,2-3`.",
		parse: processors},
	{Name: "oom_score_adj", Expected: "a whole number from -1000 (never) to 1000 (first)",
		Doc:   "Whether it is killed early when memory runs out: from -1000 (never) to 1000 (first). Less than the supervisor was given needs CAP_SYS_RESOURCE. For example: `oom_score_adj = 500`.",
		parse: func(s string) (value, bool) { return number(s, -1000, 1000) }},
	{Name: "capabilities", after: true, Expected: "none, or capabilities such as NET_BIND_SERVICE, SYS_NICE",
		Doc:   "The capabilities that it has and can ever get, also as another user: names with or without CAP_, separated by commas or blanks, or none. Default: those of the supervisor as root, none as another user. For example: `capabilities = NET_BIND_SERVICE`.",
		parse: capabilities},
	{Name: "no_new_privs", after: true, Expected: "true or false",
		Doc: "Whether setuid and setgid executables and file capabilities have no effect for it and what it starts. For example: `no_new_privs = true`.",
		parse: func(s string) (value, bool) {
			on, ok := text.Bool(s)
			if on {
				return value{1}, ok
			}
			return value{0}, ok
		}},
}

const (
	unlimited   = "unlimited"
	limitPrefix = "limit_"

	aNumber  = "a number"
	aSize    = "a size such as 512MB"
	orTwo    = ", two of them as SOFT:HARD, or " + unlimited
	limitOf  = "Limit of "
	limitHow = ", for itself and as the bound up to which it may change it: SOFT:HARD, one value for both, or " + unlimited +
		". More than the supervisor's needs CAP_SYS_RESOURCE. For example: "
)

func bytesLimit(s string) (value, bool) { return limit(s, true) }
func countLimit(s string) (value, bool) { return limit(s, false) }

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

func number(s string, from, to int) (value, bool) {
	n, err := strconv.Atoi(s)
	return value{n}, err == nil && n >= from && n <= to
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
