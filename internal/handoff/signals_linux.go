package handoff

import (
	"os"
	"os/signal"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"slipway/supervise/early"
)

// catch asks package early for the signals.
func (s *Signals) catch() bool {
	fd, err := unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK)
	if err != nil {
		return false
	}
	if !early.Catch(fd) {
		_ = unix.Close(fd)
		return false
	}
	// It ends with the process. It waits for nothing but the event.
	go func() {
		wake := os.NewFile(uintptr(fd), "signals")
		var count [8]byte
		for {
			if _, err := wake.Read(count[:]); err != nil {
				return
			}
			s.pass()
		}
	}()
	return true
}

// marker is a signal that nobody else uses. The runtime passes signals on in the order
// of their numbers, so it comes behind every other one that has arrived.
const marker = syscall.Signal(63)

// settle returns when every signal that has arrived is in the channels that asked for
// it: the runtime passes them on in a goroutine of its own, which on a busy machine may
// be late.
func (s *Signals) settle() {
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

// block holds the signals back in this thread, or no longer. Other threads take them until
// the kernel has ended those, in the execve.
func block(on bool) {
	var set unix.Sigset_t
	for _, s := range asked {
		n := uint(s.(syscall.Signal)) - 1
		set.Val[n/wordBits] |= 1 << (n % wordBits)
	}
	how := unix.SIG_UNBLOCK
	if on {
		how = unix.SIG_BLOCK
	}
	_ = unix.PthreadSigmask(how, &set, nil) // a known set cannot be refused
}

// wordBits is the size of a word of Sigset_t.
const wordBits = 32 << (^uint(0) >> 63)
