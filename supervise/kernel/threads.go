package kernel

import (
	"runtime"
	"sync"
)

// Threads of the Go runtime. It makes them on demand: a system call that blocks for 20 µs
// hands its processor to another thread, and where there is no idle one, to a new one. If
// the kernel refuses that, because the container has as many tasks as it may, the runtime
// throws, and nothing can catch that. It keeps the threads that it has made, for ever. So
// PID 1 makes as many as it can need at once before it starts any program:
//
//	the loop, in a system call                                     1
//	the writers of standard output and standard error, blocked     2
//	one of the writers to what does not block, in its system call  1
//	one that waits for the next of the runtime's timers            1
//	running Go code: whoever has work, the collector               1
//	on the way from its work to the list of the idle ones          2
//
// Two more belong to the runtime: its monitor, and the one that makes others where a
// goroutine has locked its thread. Whatever else may stall has no thread: see Writable. On
// a machine of which each processor had ten things to do, one on the way was seen.
const (
	processors = 1
	threads    = 1 + 2 + 1 + 1 + processors + 2
)

// KeepThreads makes the threads that the process will need, and bounds how many that are.
// It is called once, before anything is started. What it makes is sure to succeed where
// package early has found room for it.
func KeepThreads() {
	// Also if it is that already: the runtime would go on to follow the limits of the
	// cgroup otherwise.
	runtime.GOMAXPROCS(processors)
	const n = threads - processors // as many as run Go code are there beside these
	var there, gone sync.WaitGroup
	there.Add(n)
	gone.Add(n)
	hold := make(chan struct{})
	for range n {
		// It ends before KeepThreads returns. A goroutine that waits on a thread of
		// its own makes the runtime find another one for the next.
		go func() {
			defer gone.Done()
			runtime.LockOSThread()
			defer runtime.UnlockOSThread()
			there.Done()
			<-hold
		}()
	}
	there.Wait()
	close(hold)
	gone.Wait()
}
