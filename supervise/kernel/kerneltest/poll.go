package kerneltest

import (
	"syscall"

	"slipway/supervise/kernel"
)

// interest is a descriptor that Wait looks at. As with epoll it is an interest in what is
// open, not in the number.
type interest struct {
	fd   int
	open *open
	want kernel.Mode
}

// maxReady is how many descriptors Wait returns at once.
const maxReady = 64

// Watch implements System.
func (m *Machine) Watch(fd int, want kernel.Mode) error {
	m.enter()
	defer m.leave()
	if err := m.fails("Watch"); err != nil {
		return err
	}
	o := m.self.fds[fd]
	if o == nil {
		return syscall.EBADF
	}
	if _, ok := o.thing.(pollable); !ok {
		return syscall.EPERM
	}
	for i, w := range m.watched {
		if w.fd == fd && w.open == o {
			m.watched[i].want = want
			return nil
		}
	}
	m.watched = append(m.watched, interest{fd, o, want})
	return nil
}

// Unwatch implements System.
func (m *Machine) Unwatch(fd int) {
	m.enter()
	defer m.leave()
	for i, w := range m.watched {
		if w.fd == fd && w.open == m.self.fds[fd] {
			m.watched = append(m.watched[:i], m.watched[i+1:]...)
			return
		}
	}
}

// poll returns what is ready, and whether Wait was to return in any case. Those that were
// told come last the next time. m.mu is held.
func (m *Machine) poll(buf []kernel.Ready) (list []kernel.Ready, woken bool) {
	list = buf[:0]
	woken, m.wakes = m.wakes, false
	var told, rest []interest
	for _, w := range m.watched {
		mode := w.open.thing.(pollable).poll(w.open)
		mode &= w.want | kernel.Hangup
		if mode == 0 || len(list) == maxReady {
			rest = append(rest, w)
			continue
		}
		list = append(list, kernel.Ready{FD: w.fd, Mode: mode})
		told = append(told, w)
	}
	if len(told) > 0 {
		m.watched = append(rest, told...)
	}
	if m.dice != nil {
		for i := len(list) - 1; i > 0; i-- {
			j := m.dice(i + 1)
			list[i], list[j] = list[j], list[i]
		}
	}
	return list, woken
}
