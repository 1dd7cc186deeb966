// Pending prints the signals that came before the runtime was there. With an argument
// it sends itself two, held back, and executes itself without one.
package main

import (
	"fmt"
	"os"
	"runtime"
	"syscall"

	"golang.org/x/sys/unix"

	"slipway/supervise/early"
)

func main() {
	if len(os.Args) > 1 {
		hold()
	}
	fmt.Println(early.Take(), "then", early.Take())
}

func hold() {
	runtime.LockOSThread()
	set := unix.Sigset_t{Val: [16]uint64{1<<(unix.SIGINT-1) | 1<<(unix.SIGTERM-1)}}
	if err := unix.PthreadSigmask(unix.SIG_BLOCK, &set, nil); err != nil {
		panic(err)
	}
	// To this thread: no other one is to take them.
	for _, s := range []syscall.Signal{unix.SIGINT, unix.SIGTERM} {
		if err := unix.Tgkill(os.Getpid(), unix.Gettid(), s); err != nil {
			panic(err)
		}
	}
	panic(syscall.Exec("/proc/self/exe", os.Args[:1], os.Environ()))
}
