package kernel

import "golang.org/x/sys/unix"

// The flag "dumpable" decides who may look into a process: without it /proc/PID/fd, environ
// and exe of PID 1 are closed to everybody who has no CAP_SYS_PTRACE, and that is everybody in
// most containers. Programs that write to /proc/1/fd/1 fail. It belongs to the memory. A child shares that until its execve, and when it takes another
// identity the kernel clears the flag for both.

// dumpable is the flag as it is.
func dumpable() int {
	n, err := unix.PrctlRetInt(unix.PR_GET_DUMPABLE, 0, 0, 0, 0)
	if err != nil {
		return -1
	}
	return n
}

// keepDumpable makes the flag what it was before a fork. Only 0 and 1 can be set.
func (k *Linux) keepDumpable() {
	if k.dumpable == 0 || k.dumpable == 1 {
		unix.Prctl(unix.PR_SET_DUMPABLE, uintptr(k.dumpable), 0, 0, 0)
	}
}

// Hide closes this process to others of the same user, for good: its memory, its environment
// and its descriptors. Root without CAP_SYS_PTRACE, as in most containers, is kept out too.
func (k *Linux) Hide() error {
	if err := unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0); err != nil {
		return err
	}
	k.dumpable = 0
	return nil
}
