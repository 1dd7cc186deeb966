package ownership

import (
	"syscall"
	"time"

	"slipway/supervise/kernel"
	"slipway/supervise/loop"
)

// Process is what Abandon asks of the operating system.
type Process interface {
	Now() time.Time
	Kill(pid int, sig syscall.Signal) error
	Children() []int
	Wait(buf []kernel.Ready, timeout time.Duration) []kernel.Ready
	Signals() kernel.Signals
	Peek() (pid int, err error)
	Reap(pid int) (kernel.Exit, error)
}

// Abandon ends everything, programs as well, without the loop: it asks all, waits, and
// kills. It is for a supervisor whose loop cannot be trusted any more.
func Abandon(k Process, l *loop.Loop, pid1 bool) {
	all := func(sig syscall.Signal) {
		if pid1 {
			k.Kill(-1, sig)
			return
		}
		for _, pid := range k.Children() {
			k.Kill(pid, sig)
		}
	}
	l.Deafen()
	all(syscall.SIGTERM)
	all(syscall.SIGCONT)
	for deadline := k.Now().Add(SweepWait); k.Now().Before(deadline); k.Wait(nil, sweepPoll) {
		k.Signals()
		for {
			pid, err := k.Peek()
			if err != nil { // there is nobody left
				return
			}
			if pid == 0 {
				break
			}
			k.Reap(pid)
		}
	}
	all(syscall.SIGKILL)
}
