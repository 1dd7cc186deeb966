package handoff

import (
	"os"
	"os/signal"
	"syscall"
	"time"
)

// marker is a signal that nobody else uses. The runtime passes signals on in the order
// of their numbers, so it comes behind every other one that has arrived.
const marker = syscall.Signal(63)

// Settle returns when every signal that has arrived is in the channels that asked for
// it: the runtime passes them on in a goroutine of its own, which on a busy machine may
// be late.
func Settle() {
	passed := make(chan os.Signal, 1)
	signal.Notify(passed, marker)
	defer signal.Stop(passed)
	if syscall.Kill(os.Getpid(), marker) != nil {
		return
	}
	select {
	case <-passed:
	case <-time.After(100 * time.Millisecond): // a seccomp profile that swallows kill
	}
}
