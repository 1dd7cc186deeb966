package handoff

import (
	"runtime"
	"strconv"

	"golang.org/x/sys/unix"
)

// HoldSignals keeps the signals that end a container for the next process image:
// it ties the goroutine to its thread and blocks them there. A blocked signal
// stays pending over execve, and the supervisor takes it as soon as it can; an
// unblocked one that arrives while the new runtime has no handlers yet would be
// dropped, since this is PID 1.
//
// The caller looks for a signal after HoldSignals and before Exec.Run, which must
// follow on the same goroutine. release undoes both, for when no exec took place.
func HoldSignals() (release func()) {
	runtime.LockOSThread()
	var hold, before unix.Sigset_t
	for _, s := range []unix.Signal{unix.SIGHUP, unix.SIGINT, unix.SIGQUIT, unix.SIGTERM} {
		hold.Val[(s-1)/strconv.IntSize] |= 1 << ((s - 1) % strconv.IntSize) // the kernel's words are long
	}
	if err := unix.PthreadSigmask(unix.SIG_BLOCK, &hold, &before); err != nil {
		return runtime.UnlockOSThread // no worse than without
	}
	return func() {
		unix.PthreadSigmask(unix.SIG_SETMASK, &before, nil) // what was the mask is a valid mask
		runtime.UnlockOSThread()
	}
}
