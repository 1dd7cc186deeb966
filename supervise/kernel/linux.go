package kernel

import (
	"errors"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"slipway/supervise/early"
)

// Linux is the operating system as the supervisor sees it. Descriptors are plain numbers;
// those that it makes are closed on exec. Its errors are plain syscall.Errno values, so that
// they can be compared, and io.EOF; only what makes several things names the one that failed.
type Linux struct {
	epoll, wake int
	events      []unix.EpollEvent
	stalled     stalled

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

// Wake makes Wait return. It is the one method for other goroutines.
func (k *Linux) Wake() {
	one := uint64(1)
	unix.Write(k.wake, unsafe.Slice((*byte)(unsafe.Pointer(&one)), 8))
}

// Signals returns what has arrived since the last call. The slice is valid until the next
// one. A signal wakes Wait.
func (k *Linux) Signals() Signals {
	k.mu.Lock()
	s := k.noted
	k.noted = Signals{Other: k.handed[:0]}
	k.mu.Unlock()
	k.handed = s.Other
	return s
}

// Now returns the time, with a monotonic reading.
func (k *Linux) Now() time.Time { return time.Now() }
