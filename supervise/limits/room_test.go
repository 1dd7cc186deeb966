package limits

import (
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// full is a machine with limits.
type full struct {
	now, most, refused int
	limits             map[int]uint64
}

func (full) MemoryKills() int         { return -1 }
func (f full) Tasks() (int, int, int) { return f.now, f.most, f.refused }
func (f full) Limit(resource int) (soft, hard uint64, err error) {
	if n, ok := f.limits[resource]; ok {
		return n, n, nil
	}
	return unix.RLIM_INFINITY, unix.RLIM_INFINITY, nil
}

func TestNamed(t *testing.T) {
	user := map[int]uint64{unix.RLIMIT_NPROC: 64}
	for _, tt := range []struct {
		name string
		on   full
		err  error
		want string
	}{
		{"the container is full", full{100, 100, -1, user}, syscall.EAGAIN, "the container has 100 processes and threads of the 100 that it may have (--pids-limit, pids.max)"},
		{"there is one place, and a holder takes it", full{99, 100, -1, nil}, syscall.EAGAIN, "the container has 99 processes and threads of the 100 that it may have (--pids-limit, pids.max)"},
		{"the user is", full{50, 100, -1, user}, syscall.EAGAIN, "its user may have 64 processes and threads on this machine (ulimit -u, RLIMIT_NPROC)"},
		{"the user is, in a container without a limit", full{0, 0, -1, user}, syscall.EAGAIN, "its user may have 64 processes and threads on this machine (ulimit -u, RLIMIT_NPROC)"},
		{"the container is nearly, but it has refused nothing", full{99, 100, 0, user}, syscall.EAGAIN, "its user may have 64 processes and threads on this machine (ulimit -u, RLIMIT_NPROC)"},
		{"the container is, and counts", full{99, 100, 3, user}, syscall.EAGAIN, "the container has 99 processes and threads of the 100 that it may have (--pids-limit, pids.max)"},
		{"the container was", full{50, 100, 1, nil}, syscall.EAGAIN, "the container had, a moment ago, all of the 100 processes and threads that it may have (--pids-limit, pids.max)"},
		{"others in the container were refused some before", full{50, 100, 9, user}, syscall.EAGAIN, "its user may have 64 processes and threads on this machine (ulimit -u, RLIMIT_NPROC)"},
		{"the machine is, and the container is not", full{99, 100, 0, nil}, syscall.EAGAIN, "the machine has as many processes and threads as it can have"},
		{"the machine is", full{refused: -1}, syscall.EAGAIN, "the machine has as many processes and threads as it can have"},
		{"our files", full{limits: map[int]uint64{unix.RLIMIT_NOFILE: 32}}, syscall.EMFILE, "the supervisor may have 32 files open (minfds, ulimit -n)"},
		{"files", full{}, syscall.ENFILE, "the machine has as many files open as it can have (fs.file-max)"},
		{"memory of a process", full{limits: map[int]uint64{unix.RLIMIT_AS: 4096}}, syscall.ENOMEM, "a process may have 4096 bytes of memory (ulimit -v, RLIMIT_AS)"},
		{"memory", full{}, syscall.ENOMEM, "there is no memory left"},
		{"no limit", full{}, syscall.ETXTBSY, ""},
		{"not asked", full{}, nil, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := Named(tt.on, tt.err); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}
