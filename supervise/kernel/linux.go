package kernel

import (
	"errors"
	"slices"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"slipway/supervise/early"
	"slipway/supervise/kernel/attempt"
	"slipway/supervise/kernel/cgroup"
	"slipway/supervise/kernel/datagram"
	"slipway/supervise/kernel/listen"
	"slipway/supervise/kernel/oomscore"
)

// Linux is the operating system as the supervisor sees it. Descriptors are plain numbers;
// those that it makes are closed on exec. Its errors are plain syscall.Errno values, so that
// they can be compared, and io.EOF; only what makes several things names the one that failed.
type Linux struct {
	datagram.Notifications
	listen.System
	attempt.Writes
	epoll, wake  int
	events       []unix.EpollEvent
	stalled      stalled
	noWaitid     bool // it is refused
	taken        taken
	memoryEvents string         // where the memory limit's kills are counted; "": not known yet
	dumpable     int            // the flag, as it is to be
	cgroups      *cgroup.Groups // nil: nobody has looked
	refusals     int            // of tasks, as Tasks has counted them last
	score        *oomscore.Score

	pending []syscall.Signal // what Signals has handed out
	others  *others          // nil: package early has the signals
}

var _ Kernel = (*Linux)(nil)

// Open makes the process catch every signal and returns the kernel. It must be the first
// thing the process does: until then a signal that comes from inside the container is
// dropped by the kernel (PID 1 without a handler), and one that the runtime handles ends the
// process. What package early has caught before that is not lost.
//
// No signal is ever ignored (SIG_IGN): programs would inherit that.
func Open() (*Linux, error) {
	// Epoll and eventfd are made by hand: the runtime's poller would wake up
	// its own threads.
	wake, err := unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK)
	if err != nil {
		return nil, errors.New("cannot create event descriptor: " + err.Error())
	}
	k := &Linux{wake: wake, events: make([]unix.EpollEvent, 64), dumpable: dumpable()}
	if !early.CatchAll(wake) {
		k.others = catchOthers(k.Wake)
	}
	if k.epoll, err = unix.EpollCreate1(unix.EPOLL_CLOEXEC); err != nil {
		return nil, errors.New("cannot create epoll descriptor: " + err.Error())
	}
	return k, k.Watch(wake, Readable)
}

// Wake makes Wait return. It is the one method for other goroutines.
func (k *Linux) Wake() {
	one := uint64(1)
	unix.Write(k.wake, unsafe.Slice((*byte)(unsafe.Pointer(&one)), 8))
}

// Signals returns what has arrived since the last call. The slice is valid until the next
// one. A signal wakes Wait.
func (k *Linux) Signals() Signals {
	var s Signals
	var age time.Duration
	k.pending, age = early.Take(k.pending[:0])
	if k.others != nil {
		k.pending = k.others.take(k.pending)
	}
	if len(k.pending) == 0 {
		return s
	}
	s.At = time.Now().Add(-age)
	s.Other = k.pending
	if i := slices.Index(s.Other, syscall.SIGCHLD); i >= 0 {
		s.Child, s.Other = true, slices.Delete(s.Other, i, i+1)
	}
	return s
}

// Wall returns the time of day, which jumps when somebody sets the clock.
func (k *Linux) Wall() time.Time { return time.Now().Round(0) }

// Now returns the time, with a monotonic reading.
func (k *Linux) Now() time.Time { return time.Now() }
