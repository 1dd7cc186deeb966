package testkit

import (
	"runtime"
	"syscall"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Call is a system call, with any first argument or only with one.
type Call struct {
	Number   uint32
	Argument uint32 // the lower half of the first one; 0: any
}

// Killed is what takes the place of an error number where a call is the end of its process.
const Killed syscall.Errno = 0xffff

// refuse has the kernel refuse calls with an error number, to this thread or to all of this
// process, and to what they start from then on. It is for good.
func refuse(errno syscall.Errno, all uintptr, calls ...Call) error {
	const load, jumpIfEqual, give = unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, unix.BPF_RET | unix.BPF_K
	const number, argument = 0, 16 // in struct seccomp_data, of a machine that has the lower half first
	no := 0x00050000 | uint32(errno)
	if errno == Killed {
		no = 0x80000000
	}
	var program []unix.SockFilter
	for _, c := range calls {
		if c.Argument == 0 {
			program = append(program, unix.SockFilter{Code: load, K: number}, unix.SockFilter{Code: jumpIfEqual, K: c.Number, Jf: 1})
		} else {
			program = append(program, unix.SockFilter{Code: load, K: number}, unix.SockFilter{Code: jumpIfEqual, K: c.Number, Jf: 3},
				unix.SockFilter{Code: load, K: argument}, unix.SockFilter{Code: jumpIfEqual, K: c.Argument, Jf: 1})
		}
		program = append(program, unix.SockFilter{Code: give, K: no})
	}
	program = append(program, unix.SockFilter{Code: give, K: 0x7fff0000}) // all others are allowed
	filter := unix.SockFprog{Len: uint16(len(program)), Filter: &program[0]}
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return err
	}
	const setFilter = 1 // SECCOMP_SET_MODE_FILTER
	if _, _, e := unix.Syscall(unix.SYS_SECCOMP, setFilter, all, uintptr(unsafe.Pointer(&filter))); e != 0 {
		return e
	}
	return nil
}

// Refuse has the kernel refuse calls to this process from now on, as a seccomp profile of a
// container does.
func Refuse(errno syscall.Errno, calls ...Call) error {
	const allThreads = 1 // SECCOMP_FILTER_FLAG_TSYNC
	return refuse(errno, allThreads, calls...)
}

// Refused calls start in a thread to which the kernel refuses calls: it refuses them to each
// process that start starts as well. Where no filter can be installed, the test is skipped.
func Refused(t testing.TB, errno syscall.Errno, start func(), calls ...Call) {
	t.Helper()
	failed := make(chan error)
	go func() { // ends with start; the thread, which is not unlocked, ends with it
		runtime.LockOSThread()
		err := refuse(errno, 0, calls...)
		if err == nil {
			start()
		}
		failed <- err
	}()
	if err := <-failed; err != nil {
		t.Skipf("no seccomp filter can be installed here: %v", err)
	}
}
