package kernel

import (
	"errors"
	"io"
	"os"
	"os/signal"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"slipway/supervise/early"
)

// Linux is the real Kernel.
type Linux struct {
	epoll, wake int
	events      []unix.EpollEvent

	mu     sync.Mutex // between Open's goroutine and the loop
	noted  Signals
	handed []syscall.Signal
}

var _ Kernel = (*Linux)(nil)

// Open makes the process catch every signal that means something or would end it, and
// returns the kernel. It must be the first thing the process does: until then a signal
// that comes from inside the container is dropped by the kernel (PID 1 without a
// handler), and one that the runtime handles ends the process. What package early has
// caught before that is not lost.
//
// No signal is ever ignored (SIG_IGN): programs would inherit that.
func Open() (*Linux, error) {
	child := make(chan os.Signal, 1) // one is enough: the loop reaps all there are
	other := make(chan os.Signal, 128)
	signal.Notify(child, syscall.SIGCHLD)
	signal.Notify(other, meant[:]...)

	// Epoll and eventfd are made by hand: the runtime's poller would wake up
	// its own threads.
	epoll, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, errors.New("cannot create epoll descriptor: " + err.Error())
	}
	wake, err := unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK)
	if err != nil {
		return nil, errors.New("cannot create event descriptor: " + err.Error())
	}
	k := &Linux{epoll: epoll, wake: wake, events: make([]unix.EpollEvent, 64)}
	if err := k.Watch(wake, Readable); err != nil {
		return nil, err
	}
	if k.noted.Other = early.Take(); len(k.noted.Other) > 0 {
		k.noted.At = time.Now()
		k.Wake()
	}
	// It ends with the process. It waits for nothing but the two channels, and
	// an eventfd that is full (never: the loop drains it) would not block it.
	go k.listen(child, other)
	return k, nil
}

// meant are the signals that the loop acts upon, but for CHLD.
var meant = [...]os.Signal{syscall.SIGTERM, syscall.SIGINT, syscall.SIGQUIT, syscall.SIGHUP, syscall.SIGUSR2, syscall.SIGWINCH}

// dropped are those that would end or stop the process if somebody sent them: the
// runtime throws for the faults among them, and the terminal's stop. For each of the
// others the runtime has a handler that does nothing, which is what is wanted.
var dropped = [...]os.Signal{
	syscall.SIGILL, syscall.SIGTRAP, syscall.SIGABRT, syscall.SIGBUS, syscall.SIGFPE, syscall.SIGSEGV, syscall.SIGSTKFLT, syscall.SIGSYS,
	syscall.SIGPIPE, syscall.SIGTSTP, syscall.SIGTTIN, syscall.SIGTTOU,
}

// listen moves signals into the event descriptor. It asks for those that are dropped
// only now, beside the loop: each costs two switches of threads, and programs need not
// wait for that.
func (k *Linux) listen(child <-chan os.Signal, other chan os.Signal) {
	signal.Notify(other, dropped[:]...)
	for {
		var sig syscall.Signal
		select {
		case <-child:
		case s := <-other:
			sig = s.(syscall.Signal)
		}
		k.mu.Lock()
		if k.noted.At.IsZero() {
			k.noted.At = time.Now()
		}
		switch {
		case sig == 0:
			k.noted.Child = true
		case len(k.noted.Other) < 1024: // a storm merges, it does not grow
			k.noted.Other = append(k.noted.Other, sig)
		}
		k.mu.Unlock()
		k.Wake()
	}
}

// Wake implements Kernel.
func (k *Linux) Wake() {
	one := uint64(1)
	unix.Write(k.wake, unsafe.Slice((*byte)(unsafe.Pointer(&one)), 8))
}

// Signals implements Kernel.
func (k *Linux) Signals() Signals {
	k.mu.Lock()
	s := k.noted
	k.noted = Signals{Other: k.handed[:0]}
	k.mu.Unlock()
	k.handed = s.Other
	return s
}

// Now implements Kernel.
func (k *Linux) Now() time.Time { return time.Now() }

// Spawn implements Kernel.
func (k *Linux) Spawn(c *Command) (int, error) {
	// A child gets the mask of the thread that forks. Whoever started this process
	// may have blocked signals; programs are to get theirs all the same.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := unix.PthreadSigmask(unix.SIG_SETMASK, &unix.Sigset_t{}, nil); err != nil {
		return 0, err
	}
	attr := &syscall.ProcAttr{Dir: c.Dir, Env: c.Env, Files: make([]uintptr, len(c.Files))}
	for i, fd := range c.Files {
		attr.Files[i] = uintptr(fd)
	}
	attr.Sys = &syscall.SysProcAttr{Setpgid: true}
	if c.Foreground {
		attr.Sys.Foreground, attr.Sys.Ctty = true, 0
	}
	if c.Credential != nil {
		attr.Sys.Credential = credential(c.Credential)
	}
	if c.Umask >= 0 {
		// The umask belongs to the whole process, but only its owner, the
		// loop, creates files.
		old := syscall.Umask(c.Umask)
		defer syscall.Umask(old)
	}
	return syscall.ForkExec(c.Path, c.Argv, attr)
}

func credential(c *Credential) *syscall.Credential {
	out := &syscall.Credential{Uid: uint32(c.UID), Gid: uint32(c.GID), Groups: make([]uint32, len(c.Groups))}
	for i, g := range c.Groups {
		out.Groups[i] = uint32(g)
	}
	return out
}

// Kill implements Kernel.
func (k *Linux) Kill(pid int, sig syscall.Signal) error { return syscall.Kill(pid, sig) }

// siginfoPID is where struct siginfo has si_pid: after three ints, aligned for
// the pointers in its union.
const siginfoPID = (12 + unsafe.Sizeof(uintptr(0)) - 1) &^ (unsafe.Sizeof(uintptr(0)) - 1)

// Peek implements Kernel.
func (k *Linux) Peek() (int, error) {
	var info unix.Siginfo
	for {
		err := unix.Waitid(unix.P_ALL, 0, &info, unix.WEXITED|unix.WNOHANG|unix.WNOWAIT, nil)
		if err == unix.EINTR {
			continue
		}
		if err != nil {
			return 0, err
		}
		return int(*(*int32)(unsafe.Add(unsafe.Pointer(&info), siginfoPID))), nil
	}
}

// Reap implements Kernel.
func (k *Linux) Reap(pid int) (Exit, error) {
	var ws syscall.WaitStatus
	for {
		_, err := syscall.Wait4(pid, &ws, syscall.WNOHANG, nil)
		if err == syscall.EINTR {
			continue
		}
		if err != nil {
			return Exit{}, err
		}
		break
	}
	if ws.Signaled() {
		return Exit{Signal: int(ws.Signal()), Core: ws.CoreDump()}, nil
	}
	return Exit{Code: ws.ExitStatus()}, nil
}

// Children implements Kernel.
func (k *Linux) Children() []int {
	dir, err := os.ReadDir("/proc/self/task")
	if err != nil {
		return nil
	}
	var pids []int
	for _, thread := range dir {
		for _, word := range strings.Fields(k.readProc("/proc/self/task/" + thread.Name() + "/children")) {
			if pid, err := strconv.Atoi(word); err == nil {
				pids = append(pids, pid)
			}
		}
	}
	return pids
}

// Marked implements Kernel. The environment of a process is what it was started
// with; a process that has overwritten its own is not recognised.
func (k *Linux) Marked(pid int, vars []string) bool {
	env := "\x00" + k.readProc("/proc/"+strconv.Itoa(pid)+"/environ")
	for _, v := range vars {
		if !strings.Contains(env, "\x00"+v+"\x00") {
			return false
		}
	}
	return true
}

// readProc returns a file of /proc, up to 1 MiB, or "".
func (k *Linux) readProc(path string) string {
	fd, err := unix.Open(path, unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return ""
	}
	defer unix.Close(fd)
	var b strings.Builder
	buf := make([]byte, 4096)
	for b.Len() < 1<<20 {
		n, err := k.Read(fd, buf)
		b.Write(buf[:max(n, 0)])
		if n <= 0 || err != nil {
			break
		}
	}
	return b.String()
}

// Pipe implements Kernel.
func (k *Linux) Pipe() (r, w int, err error) { return pipe(unix.O_NONBLOCK) }

// InputPipe implements Kernel.
func (k *Linux) InputPipe() (r, w int, err error) {
	if r, w, err = pipe(0); err == nil {
		unix.SetNonblock(w, true)
	}
	return r, w, err
}

// OutputPipe implements Kernel.
func (k *Linux) OutputPipe() (r, w int, err error) {
	if r, w, err = pipe(0); err == nil {
		unix.SetNonblock(r, true)
	}
	return r, w, err
}

// pipeSize is what a pipe holds that is not read for a moment, in bytes.
const pipeSize = 256 << 10

// Enlarge implements Kernel. Only busy pipes are made larger: what all pipes of a user
// hold together is limited, and beyond that new ones are tiny.
func (k *Linux) Enlarge(fd int) {
	if n, err := unix.FcntlInt(uintptr(fd), unix.F_GETPIPE_SZ, 0); err == nil && n < pipeSize {
		unix.FcntlInt(uintptr(fd), unix.F_SETPIPE_SZ, pipeSize) // refused: it stays as it is
	}
}

func pipe(flags int) (r, w int, err error) {
	var p [2]int
	if err := unix.Pipe2(p[:], unix.O_CLOEXEC|flags); err != nil {
		return -1, -1, err
	}
	return p[0], p[1], nil
}

// Read implements Kernel. The end of a file is io.EOF.
func (k *Linux) Read(fd int, p []byte) (int, error) {
	for {
		n, err := unix.Read(fd, p)
		switch {
		case err == unix.EINTR:
			continue
		case err != nil:
			return 0, err
		case n == 0 && len(p) > 0:
			return 0, io.EOF
		}
		return n, nil
	}
}

// Write implements Kernel.
func (k *Linux) Write(fd int, p []byte) (int, error) {
	for {
		n, err := unix.Write(fd, p)
		if err == unix.EINTR {
			continue
		}
		return max(n, 0), err
	}
}

// Close implements Kernel.
func (k *Linux) Close(fd int) error { return unix.Close(fd) }

// Watch implements Kernel.
func (k *Linux) Watch(fd int, want Mode) error {
	ev := unix.EpollEvent{Fd: int32(fd)}
	if want&Readable != 0 {
		ev.Events |= unix.EPOLLIN
	}
	if want&Writable != 0 {
		ev.Events |= unix.EPOLLOUT
	}
	err := unix.EpollCtl(k.epoll, unix.EPOLL_CTL_ADD, fd, &ev)
	if err == unix.EEXIST {
		err = unix.EpollCtl(k.epoll, unix.EPOLL_CTL_MOD, fd, &ev)
	}
	return err
}

// Unwatch implements Kernel.
func (k *Linux) Unwatch(fd int) { unix.EpollCtl(k.epoll, unix.EPOLL_CTL_DEL, fd, nil) }

// Wait implements Kernel.
func (k *Linux) Wait(buf []Ready, timeout time.Duration) []Ready {
	// Rounded up: waking early would mean looking again, and again.
	ms := int(min((timeout+time.Millisecond-1)/time.Millisecond, 1<<30))
	if timeout < 0 {
		ms = -1
	}
	n, err := unix.EpollWait(k.epoll, k.events, ms)
	if err != nil { // EINTR; nothing else can happen to a valid descriptor
		return buf[:0]
	}
	buf = buf[:0]
	for _, ev := range k.events[:n] {
		fd := int(ev.Fd)
		if fd == k.wake {
			var count [8]byte
			unix.Read(k.wake, count[:])
			continue
		}
		var m Mode
		if ev.Events&unix.EPOLLIN != 0 {
			m |= Readable
		}
		if ev.Events&unix.EPOLLOUT != 0 {
			m |= Writable
		}
		if ev.Events&(unix.EPOLLHUP|unix.EPOLLERR|unix.EPOLLRDHUP) != 0 {
			m |= Hangup
		}
		buf = append(buf, Ready{FD: fd, Mode: m})
	}
	return buf
}
