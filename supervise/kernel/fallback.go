package kernel

import (
	"syscall"

	"golang.org/x/sys/unix"
)

// What there may not be, and what then takes its place.

// taken is a child whose status was taken before anybody asked for it. That is so where
// waitid(2) is refused, by an old seccomp profile: wait4(2) tells of a death only together
// with the status. The number is free by then, but that of its process group is not, as
// long as the group has members.
type taken struct {
	pid  int // 0: none
	exit Exit
}

// take is Peek by wait4.
func (k *Linux) take() (int, error) {
	if k.taken.pid != 0 {
		return k.taken.pid, nil
	}
	for {
		var ws syscall.WaitStatus
		pid, err := syscall.Wait4(-1, &ws, syscall.WNOHANG, nil)
		if err == syscall.EINTR {
			continue
		}
		if err != nil || pid <= 0 {
			return 0, err
		}
		k.taken = taken{pid, exitOf(ws)}
		return pid, nil
	}
}

// isRefused reports whether a system call does not exist, or a seccomp profile says so.
func isRefused(err error) bool { return err == unix.ENOSYS || err == unix.EPERM }

// DevNull is the path of the file that is empty and keeps nothing.
const DevNull = "/dev/null"

// openNull opens it, or what is nearly as good where there is none: an empty file in memory
// that cannot grow. It reads as empty. What is written to it is refused, rather than
// kept.
func openNull() (int, error) {
	fd, err := unix.Open(DevNull, unix.O_RDWR|unix.O_CLOEXEC, 0)
	if err == nil {
		return fd, nil
	}
	fd, other := unix.MemfdCreate("null", unix.MFD_CLOEXEC|unix.MFD_ALLOW_SEALING)
	if other != nil {
		return -1, err
	}
	if _, other := unix.FcntlInt(uintptr(fd), unix.F_ADD_SEALS, unix.F_SEAL_SEAL|unix.F_SEAL_SHRINK|unix.F_SEAL_GROW); other != nil {
		unix.Close(fd)
		return -1, err
	}
	return fd, nil
}

// Lacks are what a container usually has and this one has not, each with what does not work
// without it.
func (k *Linux) Lacks() []string {
	var list []string
	k.Peek() // finds out; nothing is lost by it
	if k.noWaitid {
		list = append(list, "waitid(2) is refused (by a seccomp profile?); deaths are told by wait4(2)")
	}
	var st unix.Stat_t
	if unix.Stat("/proc/self/stat", &st) != nil {
		list = append(list, "/proc is not mounted; what programs leave behind outside of their process groups is not found, and the executable slipway is looked for in /usr/local/bin")
	}
	if unix.Stat(DevNull, &st) != nil {
		list = append(list, "there is no /dev/null; an empty file takes its place, which refuses what is written to it")
	}
	return list
}
