package confine

import "golang.org/x/sys/unix"

// Cores is how large a core of this process was allowed to be. The zero value is that of a
// process which was never told anything: Allow and Forbid do nothing.
type Cores struct {
	was   unix.Rlimit
	known bool
}

// NoCores keeps this process, which holds secrets, from leaving a core. The hard limit stays,
// so that what it becomes or starts can have its own back.
func NoCores() Cores {
	var c Cores
	c.known = unix.Getrlimit(unix.RLIMIT_CORE, &c.was) == nil
	c.Forbid()
	return c
}

// Forbid forbids them again, after Allow.
func (c Cores) Forbid() {
	if c.known {
		_ = unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{Max: c.was.Max}) // lowering it is always allowed
	}
}

// Allow puts the limit back, for what this process is about to become or to start.
func (c Cores) Allow() {
	if c.known {
		_ = unix.Setrlimit(unix.RLIMIT_CORE, &c.was)
	}
}

// Source closes a source program, which has passwords, to others of its user, for good.
func Source() {
	_ = unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0)
	_ = unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{})
}
