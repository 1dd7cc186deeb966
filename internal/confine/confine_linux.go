package confine

import (
	"os"
	"runtime"
	"syscall"

	"golang.org/x/sys/unix"
)

// Process closes this process: nobody but root with CAP_SYS_PTRACE can read its memory or
// take its descriptors, and it leaves no core. The front can get no privileges any more, nor
// execute, trace or connect.
//
// A watcher that is not root's stays open: its own /proc would be closed to it as well, and
// whoever could look is the same user, who may ask the supervisor anyway.
func Process(front bool) {
	if !front && os.Geteuid() != 0 {
		return
	}
	_ = unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0)
	if !front {
		return // what it starts may leave a core, and have more rights than it
	}
	_ = unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{})
	runtime.LockOSThread() // of this thread, until the filter gives it to all
	defer runtime.UnlockOSThread()
	if unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != nil || filter() != nil {
		// By each thread, where there is no filter that brings it along.
		_, _, _ = syscall.AllThreadsSyscall6(unix.SYS_PRCTL, unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0, 0)
	}
}
