// Package attempt writes to descriptors that may stall, without waiting for them, although they
// are not made non-blocking: that flag would be shared with programs.
package attempt

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// Writes are the part of the kernel that does it.
type Writes struct{}

// rwfNowait is RWF_NOWAIT of linux/fs.h: this call does not block.
const rwfNowait = 0x8

// TryWrite writes as much of p as the descriptor takes at once. EAGAIN: it takes nothing at
// present. EOPNOTSUPP: nobody can know whether it would block. Pipes can since Linux 6.4.
func (Writes) TryWrite(fd int, p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	v := unix.Iovec{Base: &p[0]}
	v.SetLen(len(p))
	const here = ^uintptr(0) // at the present position
	// It does not block, so the runtime is not told: it would think of another thread.
	n, _, err := unix.RawSyscall6(unix.SYS_PWRITEV2, uintptr(fd), uintptr(unsafe.Pointer(&v)), 1, here, here, rwfNowait)
	switch err {
	case 0:
		return int(n), nil
	case unix.EINTR:
		return 0, unix.EAGAIN
	case unix.ENOSYS, unix.EPERM, unix.EINVAL, unix.EOPNOTSUPP:
		return 0, unix.EOPNOTSUPP
	}
	return 0, err
}
