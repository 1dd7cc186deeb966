//go:build linux && (amd64 || arm64)

package early

// Tasks is how many threads and processes an executable must be able to make when it
// starts, or it says why it does not: the threads that PID 1 has, and one program with its holder.
const Tasks = 13

// room is the step of the entry that looks whether the kernel makes as many: the Go runtime
// throws where it does not. It makes that many threads, which do nothing but wait for each
// other, and lets them end. It ends the process where it cannot, after a fifth of a second
// of trying. Called by the entry.
//
//lint:ignore U1000 called by the entry
func room()

// What the assembly reads and writes.
var (
	//lint:ignore U1000 the threads end when it is 1
	gate uint32
	//lint:ignore U1000 every signal
	full uint64
	//lint:ignore U1000 before the next try: seconds and nanoseconds
	pause   = [2]uint64{0, 10e6}
	noTasks = "slipway: error: cannot start: the kernel makes no more processes and threads\n" +
		"slipway: hint: a start takes 13 of them; raise the limit (docker run --pids-limit, pids.max, ulimit -u), or see what has started so many\n"
)
