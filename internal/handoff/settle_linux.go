package handoff

import (
	"os"
	"os/signal"
	"runtime"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// marker is a signal that nobody else uses. The runtime passes signals on in the order
// of their numbers, so it comes behind every other one that has arrived.
const marker = syscall.Signal(63)

// Settle returns when every signal that has arrived is in the channels that asked for
// it: the runtime passes them on in a goroutine of its own, which on a busy machine may
// be late.
func Settle() {
	passed := make(chan os.Signal, 1)
	signal.Notify(passed, marker) // for good: the execve comes next
	if syscall.Kill(os.Getpid(), marker) != nil {
		return
	}
	select {
	case <-passed:
	case <-time.After(100 * time.Millisecond): // a seccomp profile that swallows kill
	}
}

// Holding calls execve with TERM, INT, QUIT and HUP held back: they are pending for the
// next image, which lets them in when package early has handlers for them. Other threads
// take them until the kernel has ended those, in the execve.
func Holding(execve func() error) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var held, before unix.Sigset_t
	for _, s := range []syscall.Signal{unix.SIGTERM, unix.SIGINT, unix.SIGQUIT, unix.SIGHUP} {
		held.Val[0] |= 1 << (s - 1)
	}
	if err := unix.PthreadSigmask(unix.SIG_BLOCK, &held, &before); err != nil {
		return execve()
	}
	err := execve()
	_ = unix.PthreadSigmask(unix.SIG_SETMASK, &before, nil) // cannot fail, as it did not
	return err
}
