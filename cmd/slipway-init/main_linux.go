// Slipway-init is the supervisor and nothing else: what slipway becomes after it
// has rendered. It links the standard library and golang.org/x/sys only, so that
// PID 1 is small and known.
//
//	slipway-init run|supervisord [-c FILE] [OPTION...] [-- COMMAND ARGUMENTS...]
//
// Called as package waiter says, it waits for files in place of the watcher.
//
// People do not call it; `slipway` and `supervisord` do.
package main

import (
	"os"
	"runtime"

	"slipway/supervise/pid1"
	"slipway/supervise/waiter"
)

func main() {
	runtime.LockOSThread() // programs may get a signal when the thread that forked them ends
	if waiter.Called(os.Args) {
		os.Exit(waiter.Main(os.Args, os.Environ()))
	}
	os.Exit(pid1.Main(os.Args, os.Environ()))
}
