package limits

import (
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"
)

// Kernel is what tells of limits that are reached.
type Kernel interface {
	MemoryCounter
	// Tasks is how many processes and threads the container has and may have; 0, 0: it has
	// no limit that one can read. Refused is how many more it was not let have since the last
	// call, or ever; -1: not known.
	Tasks() (now, most, refused int)
	// Limit returns a limit of ours, the soft and the hard one.
	Limit(resource int) (soft, hard uint64, err error)
}

// spare is how many tasks a start takes: a holder and the program.
const spare = 2

// Named says which limit it is that err, of a start, comes from, and where one raises it; ""
// if nothing is known.
func Named(k Kernel, err error) string {
	switch err {
	case syscall.EAGAIN:
		now, most, refused := k.Tasks()
		user := soft(k, unix.RLIMIT_NPROC)
		switch {
		case refused == 0: // it was not the container's
		case most > 0 && now+spare > most:
			return "the container has " + strconv.Itoa(now) + " processes and threads of the " + strconv.Itoa(most) + " that it may have (--pids-limit, pids.max)"
		case refused > 0 && user == "":
			return "the container had, a moment ago, all of the " + strconv.Itoa(most) + " processes and threads that it may have (--pids-limit, pids.max)"
		}
		if user != "" {
			return "its user may have " + user + " processes and threads on this machine (ulimit -u, RLIMIT_NPROC)"
		}
		return "the machine has as many processes and threads as it can have"
	case syscall.EMFILE:
		return "the supervisor may have " + soft(k, unix.RLIMIT_NOFILE) + " files open (minfds, ulimit -n)"
	case syscall.ENFILE:
		return "the machine has as many files open as it can have (fs.file-max)"
	case syscall.ENOMEM:
		if n := soft(k, unix.RLIMIT_AS); n != "" {
			return "a process may have " + n + " bytes of memory (ulimit -v, RLIMIT_AS)"
		}
		return "there is no memory left"
	}
	return ""
}

// soft is a limit in words; "" if there is none.
func soft(k Kernel, resource int) string {
	n, _, err := k.Limit(resource)
	if err != nil || n == unix.RLIM_INFINITY {
		return ""
	}
	return strconv.FormatUint(n, 10)
}
