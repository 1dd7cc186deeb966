//go:build linux && (amd64 || arm64)

package early

import (
	"math/bits"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
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

// holdWait bounds how long Hold waits for the threads: one that the kernel holds, such as in
// a read of a share that does not answer, is not told.
const holdWait = 3 * time.Second

// Hold holds HUP, INT, QUIT and TERM back: one that comes from now on waits, and is there
// after an execve. What came before is in Take. No other signal that comes in the execve
// ends the next image, either. The caller is locked to its thread.
//
// A mask belongs to a thread, and the runtime never starts one with these blocked. So every
// thread is told by a signal, in the handler of which it changes the mask that it returns
// to. With one processor hardly any is started afterwards; one that is, and takes a signal,
// holds it back from then on, and puts it back. Until Unhold no thread takes the signals,
// after that only this one. It reports whether all threads have been told. Without /proc only
// this one is: then another one may put a signal back, or end with it, in the execve.
func Hold() bool {
	if old := setMask(every); old != every {
		atomic.StoreUint64(&before, old)
	}
	if n := runtime.GOMAXPROCS(1); n > 1 {
		atomic.StoreInt64(&processors, int64(n))
	}
	atomic.StoreUint64(&holding, asked)
	pid, deadline := os.Getpid(), time.Now().Add(holdWait)
	told := map[int]bool{syscall.Gettid(): true}
	for want, calm := atomic.LoadUint64(&held), 0; calm < calmLooks; calm++ {
		tasks, ok := threads()
		if !ok {
			return false
		}
		for _, tid := range tasks {
			if !told[tid] && tgkill(pid, tid, hold) { // else it has just ended
				told[tid] = true
				want++
				calm = 0
			}
		}
		if want, ok = await(told, want, deadline); !ok {
			return false
		}
	}
	return true
}

// await waits until as many threads hold signals back as are wanted: those that were told.
// One of them may end before it is told, as those of [room] do while the runtime starts, so
// after some tries they are looked at one by one. It returns how many there are.
func await(told map[int]bool, want uint64, deadline time.Time) (uint64, bool) {
	for tries := 1; ; tries++ {
		if atomic.LoadUint64(&held) >= want {
			return want, true
		}
		if tries%triesToLook == 0 {
			if haveAll(told) {
				return atomic.LoadUint64(&held), true
			}
			if time.Now().After(deadline) {
				return want, false
			}
		}
		syscall.RawSyscall(syscall.SYS_SCHED_YIELD, 0, 0, 0)
	}
}

// triesToLook is how often await yields between two looks: a thread is usually told by then.
const triesToLook = 50

// haveAll reports whether each of these threads of this process holds back what is to be
// held back, or has ended. In our handler, and where the runtime makes a thread, all signals
// are blocked for a moment: that is not meant.
func haveAll(told map[int]bool) bool {
	for tid := range told {
		if tid == syscall.Gettid() {
			continue
		}
		blocked, errno := mask(tid)
		gone := errno == syscall.ENOENT || errno == syscall.ESRCH
		if !gone && (errno != 0 || blocked&asked != asked || blocked == seen&every) {
			return false
		}
	}
	return true
}

// seen are the signals of which mask knows.
const seen = 1<<31 - 1

// mask returns those of the first 31 signals that a thread of this process blocks, as
// proc_pid_stat(5) has them.
func mask(tid int) (set uint64, errno syscall.Errno) {
	const blocked = 32 // the number of the field; the second ends with the last ")"
	var buf [1024]byte
	path := append(strconv.AppendInt([]byte("/proc/self/task/"), int64(tid), 10), "/stat\x00"...)
	at := unix.AT_FDCWD
	fd, _, errno := syscall.RawSyscall6(syscall.SYS_OPENAT, uintptr(at), uintptr(unsafe.Pointer(&path[0])), unix.O_RDONLY|unix.O_CLOEXEC, 0, 0, 0)
	if errno != 0 {
		return 0, errno
	}
	defer syscall.RawSyscall(syscall.SYS_CLOSE, fd, 0, 0)
	n, _, errno := syscall.RawSyscall(syscall.SYS_READ, fd, uintptr(unsafe.Pointer(&buf)), unsafe.Sizeof(buf))
	if errno != 0 {
		return 0, errno
	}
	text := string(buf[:n])
	fields := strings.Fields(text[strings.LastIndexByte(text, ')')+1:])
	if len(fields) <= blocked-3 {
		return 0, syscall.ENODATA
	}
	set, err := strconv.ParseUint(fields[blocked-3], 10, 64)
	if err != nil {
		return 0, syscall.ENODATA
	}
	return set, 0
}

// calmLooks is how many looks in a row find no new thread at the end: one that has been
// asked for begins a moment later.
const calmLooks = 3

// processors is what GOMAXPROCS was before Hold; 0: not changed.
var processors int64

// threads returns the threads of this process. It makes system calls of which the runtime
// does not know, so that it gives our processor to nobody meanwhile.
func threads() (list []int, ok bool) {
	path := [...]byte{'/', 'p', 'r', 'o', 'c', '/', 's', 'e', 'l', 'f', '/', 't', 'a', 's', 'k', 0}
	at := unix.AT_FDCWD
	fd, _, errno := syscall.RawSyscall6(syscall.SYS_OPENAT, uintptr(at), uintptr(unsafe.Pointer(&path)), unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0, 0, 0)
	if errno != 0 {
		return nil, false
	}
	defer syscall.RawSyscall(syscall.SYS_CLOSE, fd, 0, 0)
	var buf [4096]byte
	for {
		n, _, errno := syscall.RawSyscall(syscall.SYS_GETDENTS64, fd, uintptr(unsafe.Pointer(&buf)), unsafe.Sizeof(buf))
		if errno != 0 {
			return nil, false
		}
		if n == 0 {
			return list, true
		}
		_, _, names := unix.ParseDirent(buf[:n], -1, nil)
		for _, name := range names {
			if tid, err := strconv.Atoi(name); err == nil {
				list = append(list, tid)
			}
		}
	}
}

// Unhold is the end of Hold for this thread, which takes what has come meanwhile.
func Unhold() {
	if n := atomic.SwapInt64(&processors, 0); n > 0 {
		runtime.GOMAXPROCS(int(n))
	}
	atomic.StoreUint64(&holding, 0)
	setMask(atomic.LoadUint64(&before))
}

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
