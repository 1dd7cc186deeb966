package kernel

import (
	"sync"
	"unsafe"

	"golang.org/x/sys/unix"
)

// stalled are the descriptors that goroutines want to write to and that take nothing at
// present. The loop's Wait looks at them beside its own, so that no goroutine needs a
// thread for that.
type stalled struct {
	mu    sync.Mutex // between those goroutines and the loop
	waits map[int]chan struct{}
}

// Writable waits until a descriptor takes more, or has lost its reader. It is for
// goroutines that own one which may stall; the loop uses Watch. It waits without a thread,
// for as long as the loop calls Wait. A descriptor that is always ready, or is watched
// already, has one for itself.
func (k *Linux) Writable(fd int) error {
	if takes(fd) {
		return nil
	}
	if k.events != nil {
		released := make(chan struct{})
		if k.stalled.add(k, fd, released) {
			<-released
			return nil
		}
	}
	set := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLOUT}}
	return uninterrupted(func() error {
		_, err := unix.Poll(set, -1)
		return err
	})
}

// takes reports whether a descriptor takes something now. The runtime is not told of this
// system call, which does not block: it would think of another thread.
func takes(fd int) bool {
	set := unix.PollFd{Fd: int32(fd), Events: unix.POLLOUT}
	var now unix.Timespec
	n, _, _ := unix.RawSyscall6(unix.SYS_PPOLL, uintptr(unsafe.Pointer(&set)), 1, uintptr(unsafe.Pointer(&now)), 0, 0, 0)
	return n == 1
}

// add makes Wait look at a descriptor until it takes something, and reports whether it does.
func (s *stalled) add(k *Linux, fd int, released chan struct{}) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	ev := unix.EpollEvent{Fd: int32(fd), Events: unix.EPOLLOUT}
	if unix.EpollCtl(k.epoll, unix.EPOLL_CTL_ADD, fd, &ev) != nil {
		return false
	}
	if s.waits == nil {
		s.waits = map[int]chan struct{}{}
	}
	s.waits[fd] = released
	return true
}

// release lets the goroutine go on that waits for a descriptor, if there is one.
func (s *stalled) release(k *Linux, fd int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	released := s.waits[fd]
	if released == nil {
		return false
	}
	delete(s.waits, fd)
	unix.EpollCtl(k.epoll, unix.EPOLL_CTL_DEL, fd, nil)
	close(released)
	return true
}
