package kernel

import (
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// Executable returns the path of the running program, "" if the kernel does not tell.
func (k *Linux) Executable() string {
	self, err := os.Readlink("/proc/self/exe")
	if err != nil {
		return ""
	}
	return self
}

// PIDNamespace is the inode of the PID namespace that we are in, 0 if it cannot be told.
func (k *Linux) PIDNamespace() uint64 {
	var st unix.Stat_t
	if unix.Stat("/proc/self/ns/pid", &st) != nil {
		return 0
	}
	return st.Ino
}

// Become gives the process another identity, for good: its groups, its group, its user,
// in this order. The error is that of the first step that is refused.
func (k *Linux) Become(uid, gid int, groups []int) error {
	err := syscall.Setgroups(groups)
	if err == nil {
		err = syscall.Setgid(gid)
	}
	if err == nil {
		err = syscall.Setuid(uid)
	}
	k.dumpable = dumpable() // cleared, as a rule
	return err
}

// Limit returns the soft and the hard limit of a resource (RLIMIT_…).
func (k *Linux) Limit(resource int) (current, maximum uint64, err error) {
	var lim syscall.Rlimit
	if err := syscall.Getrlimit(resource, &lim); err != nil {
		return 0, 0, err
	}
	return lim.Cur, lim.Max, nil
}

// SetLimit sets both limits of a resource. EPERM: the hard one may not be raised.
func (k *Linux) SetLimit(resource int, current, maximum uint64) error {
	return syscall.Setrlimit(resource, &syscall.Rlimit{Cur: current, Max: maximum})
}

// DropStdio replaces descriptors 0 to 2 by /dev/null, as a daemon does.
func (k *Linux) DropStdio() {
	null, err := openNull()
	if err != nil {
		return
	}
	for fd := 0; fd <= 2; fd++ {
		unix.Dup3(null, fd, 0)
	}
	unix.Close(null)
}
