//go:build linux && (amd64 || arm64)

package early

import (
	"math/bits"
	"os"
	"strconv"
	"sync/atomic"
	"syscall"
	"time"
	"unsafe"
)

// What follows is in assembly.

// entry is where the kernel starts the process, with its arguments on the stack. It is not
// called from Go.
//
//lint:ignore U1000 named by the linker's -E
func entry()

// unhook lets the runtime set handlers itself, as it does without our entry.
func unhook()

// What the assembly reads and writes. Bit n-1 of a set is signal n.
var (
	linked  uint64       // 1: the process began at our entry
	owner   uint64       // the process that the handler works for
	noted   uint64       // what has arrived
	since   [2]int64     // when its first did, by CLOCK_MONOTONIC: s, ns
	wakeFD  = ^uint64(0) // an eventfd that the handler writes to; -1: none
	theirs  [65]uintptr  // by signal: the handler that the runtime would have
	holding uint64       // what a thread holds back when it is told to
	held    uint64       // how many threads have been told
	before  uint64       // the mask before Hold
	notePC  uintptr      // where the handler is
	backPC  uintptr      // where the kernel returns to from it; 0: it knows by itself
)

// The sets.
const (
	asked  = 1<<(syscall.SIGHUP-1) | 1<<(syscall.SIGINT-1) | 1<<(syscall.SIGQUIT-1) | 1<<(syscall.SIGTERM-1)
	faults = 1<<(syscall.SIGILL-1) | 1<<(syscall.SIGTRAP-1) | 1<<(syscall.SIGABRT-1) | 1<<(syscall.SIGBUS-1) |
		1<<(syscall.SIGFPE-1) | 1<<(syscall.SIGSEGV-1) | 1<<(syscall.SIGSTKFLT-1) | 1<<(syscall.SIGSYS-1)
	// first are those that the entry has a handler for: what would end the process. Of them
	// entered keep it when the runtime comes. For 32 and 34 that has none, and it throws for
	// faults, even those that somebody has sent.
	first = every &^ (1<<(syscall.SIGCHLD-1) | 1<<(syscall.SIGCONT-1) | 1<<(syscall.SIGTSTP-1) | 1<<(syscall.SIGTTIN-1) |
		1<<(syscall.SIGTTOU-1) | 1<<(syscall.SIGURG-1) | 1<<(syscall.SIGWINCH-1))
	entered = asked | faults | 1<<(32-1) | 1<<(hold-1)
	// shared are those that the runtime goes on to need: besides faults preemption,
	// profiling, and 33, by which it makes all threads call something.
	shared = faults | 1<<(syscall.SIGURG-1) | 1<<(syscall.SIGPROF-1) | 1<<(33-1)
	every  = ^uint64(0) &^ (1<<(syscall.SIGKILL-1) | 1<<(syscall.SIGSTOP-1))
)

// hold is the signal by which a thread is told to hold back what asks for the end.
const hold = syscall.Signal(34)

// sigaction is the kernel's.
type sigaction struct {
	handler, flags, restorer uintptr
	mask                     uint64
}

// The flags of a handler: as the runtime's.
const (
	saSiginfo  = 0x4
	saRestorer = 0x04000000
	saOnStack  = 0x08000000
	saRestart  = 0x10000000
)

// Linked reports whether the process began at our entry.
func Linked() bool { return linked != 0 }

// CatchAll makes every signal arrive here, to be had from [Take], and writes to wake, an
// eventfd, for each. A fault of our own still crashes, and the runtime keeps its
// preemption. All signals are let in, in this thread, which the caller is locked to. It
// reports whether it could.
//
// A child that shares our memory until its execve has no such handler by then: the runtime
// resets those that it knows of before the child can be interrupted, and ours does nothing
// in another process than this one.
func CatchAll(wake int) bool {
	ok := catch(wake, every)
	setMask(0)
	return ok
}

// Catch is CatchAll for HUP, INT, QUIT and TERM. What nobody sends on purpose, such as
// ABRT, is dropped; the others do what the runtime does with them.
func Catch(wake int) bool { return catch(wake, entered) }

func catch(wake int, set uint64) bool {
	atomic.StoreUint64(&owner, uint64(os.Getpid()))
	for ; set != 0; set &= set - 1 {
		if !install(syscall.Signal(bits.TrailingZeros64(set) + 1)) {
			return false
		}
	}
	unhook()
	atomic.StoreUint64(&wakeFD, uint64(wake))
	if atomic.LoadUint64(&noted) != 0 {
		one := uint64(1)
		syscall.RawSyscall(syscall.SYS_WRITE, uintptr(wake), uintptr(unsafe.Pointer(&one)), 8)
	}
	return true
}

// install makes our handler that of a signal.
func install(sig syscall.Signal) bool {
	if shared&(1<<(sig-1)) != 0 && theirs[sig] == 0 {
		var old sigaction
		if !rtSigaction(sig, nil, &old) {
			return false
		}
		if old.handler > 1 { // neither SIG_DFL nor SIG_IGN
			atomic.StoreUintptr(&theirs[sig], old.handler)
		}
	}
	return handle(sig, notePC)
}

// Release gives HUP, INT, QUIT and TERM, and what Catch drops, to the Go runtime, as if
// there were no entry. One that has come already comes now.
func Release() {
	unhook()
	if !Linked() {
		return
	}
	for set := uint64(entered); set != 0; set &= set - 1 {
		sig := syscall.Signal(bits.TrailingZeros64(set) + 1)
		handle(sig, theirs[sig])
	}
	came, _ := Take(nil)
	for _, sig := range came {
		if entered&(1<<(sig-1)) != 0 { // the runtime drops the others
			_ = syscall.Kill(os.Getpid(), sig) // to ourselves
		}
	}
}

// handle sets the handler of a signal; 0 is the default.
func handle(sig syscall.Signal, pc uintptr) bool {
	act := sigaction{handler: pc, flags: saSiginfo | saOnStack | saRestart, mask: ^uint64(0)}
	if backPC != 0 {
		act.flags |= saRestorer
		act.restorer = backPC
	}
	return rtSigaction(sig, &act, nil)
}

func rtSigaction(sig syscall.Signal, act, old *sigaction) bool {
	_, _, errno := syscall.RawSyscall6(syscall.SYS_RT_SIGACTION, uintptr(sig), uintptr(unsafe.Pointer(act)), uintptr(unsafe.Pointer(old)), 8, 0, 0)
	return errno == 0
}

// Take appends the signals that have arrived since it was called last, in the order of
// their numbers, and says how long ago the first of them came.
func Take(list []syscall.Signal) (all []syscall.Signal, age time.Duration) {
	set := atomic.SwapUint64(&noted, 0)
	if set == 0 {
		return list, 0
	}
	var now [2]int64
	const monotonic = 1
	syscall.RawSyscall(syscall.SYS_CLOCK_GETTIME, monotonic, uintptr(unsafe.Pointer(&now)), 0)
	age = max(0, time.Duration(now[0]-since[0])*time.Second+time.Duration(now[1]-since[1]))
	for ; set != 0; set &= set - 1 {
		list = append(list, syscall.Signal(bits.TrailingZeros64(set)+1))
	}
	return list, age
}

// holdWait bounds how long Hold waits for the threads.
const holdWait = time.Second

// Hold holds HUP, INT, QUIT and TERM back: one that comes from now on waits, and is there
// after an execve. What came before is in Take. No other signal that comes in the execve
// ends the next image, either. The caller is locked to its thread.
//
// A mask belongs to a thread, and the runtime never starts one with these blocked. So every
// thread is told by a signal, in the handler of which it changes the mask that it returns
// to. Until Unhold no thread takes them, after that only this one. It reports whether all
// threads hold them back. Without /proc only this one does: then another one may take a
// signal and end with it, in the execve.
func Hold() bool {
	if old := setMask(every); old != every {
		atomic.StoreUint64(&before, old)
	}
	atomic.StoreUint64(&holding, asked)
	pid, deadline := os.Getpid(), time.Now().Add(holdWait)
	told := map[int]bool{syscall.Gettid(): true}
	for want := atomic.LoadUint64(&held); ; {
		tasks, err := os.ReadDir("/proc/self/task")
		if err != nil {
			return false
		}
		was := want
		for _, t := range tasks {
			tid, _ := strconv.Atoi(t.Name())
			if !told[tid] && tgkill(pid, tid, hold) { // else it has just ended
				told[tid] = true
				want++
			}
		}
		if want == was {
			return true
		}
		for atomic.LoadUint64(&held) < want {
			if time.Now().After(deadline) {
				return false
			}
			syscall.RawSyscall(syscall.SYS_SCHED_YIELD, 0, 0, 0)
		}
	}
}

// Unhold is the end of Hold for this thread, which takes what has come meanwhile.
func Unhold() { setMask(atomic.LoadUint64(&before)) }

func tgkill(pid, tid int, sig syscall.Signal) bool {
	_, _, errno := syscall.RawSyscall(syscall.SYS_TGKILL, uintptr(pid), uintptr(tid), uintptr(sig))
	return errno == 0
}

// setMask sets the mask of this thread and returns the one before.
func setMask(set uint64) (old uint64) {
	const setmask = 2 // SIG_SETMASK
	syscall.RawSyscall6(syscall.SYS_RT_SIGPROCMASK, setmask, uintptr(unsafe.Pointer(&set)), uintptr(unsafe.Pointer(&old)), 8, 0, 0)
	return old
}
