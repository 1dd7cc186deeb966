package kernel

import (
	"time"

	"golang.org/x/sys/unix"
)

// Watch adds a descriptor to those that Wait looks at, or changes what for. EPERM: a file
// that is always ready.
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

// Unwatch removes a descriptor from those that Wait looks at. It comes before its Close.
func (k *Linux) Unwatch(fd int) { unix.EpollCtl(k.epoll, unix.EPOLL_CTL_DEL, fd, nil) }

// Wait waits until a descriptor is ready, a signal arrives or the time has passed; a
// negative time means for ever. It may return nothing. What is ready and not dealt with is
// ready again the next time.
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
		if k.stalled.release(k, fd) {
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
