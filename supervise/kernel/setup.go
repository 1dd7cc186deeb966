package kernel

import (
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// BecomeSubreaper makes orphaned descendants children of this process, as they
// are of PID 1 anyway.
func BecomeSubreaper() error { return unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) }

// CloseOnExec sets the close-on-exec flag of every descriptor from 3 on, so that
// what this process has inherited does not leak into programs.
func CloseOnExec() {
	if unix.CloseRange(3, ^uint(0), unix.CLOSE_RANGE_CLOEXEC) == nil {
		return
	}
	dir, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return
	}
	for _, d := range dir {
		if fd, err := strconv.Atoi(d.Name()); err == nil && fd > 2 {
			unix.CloseOnExec(fd)
		}
	}
}

// EnsureStdio opens /dev/null in place of descriptors 0 to 2 that are closed:
// else the next descriptor that is opened becomes some program's output.
func EnsureStdio() {
	for fd := 0; fd <= 2; fd++ {
		if _, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0); err != unix.EBADF {
			continue
		}
		n, err := openNull()
		switch {
		case err != nil:
		case n == fd:
			unix.FcntlInt(uintptr(fd), unix.F_SETFD, 0) // programs are to have it
		default:
			unix.Dup3(n, fd, 0)
			unix.Close(n)
		}
	}
}
