package kerneltest

import (
	"io"
	"syscall"

	"slipway/supervise/kernel"
)

// open is an open file description: what descriptors of one or several processes stand
// for. Whether it blocks is a property of it, not of the descriptor.
type open struct {
	m        *Machine
	thing    thing
	refs     int
	reads    bool
	writes   bool
	appends  bool
	nonblock bool
	offset   int64
}

// thing is what is open. Its methods do not wait: EAGAIN stands for waiting.
type thing interface {
	read(o *open, p []byte) (int, error)
	write(o *open, p []byte) (int, error)
	close(o *open) // the last descriptor is closed
	info() kernel.FileInfo
}

// pollable is a thing that is not always ready.
type pollable interface {
	poll(o *open) kernel.Mode
}

// grab gives a process the lowest free descriptor for o.
func (p *Process) grab(o *open) (int, error) {
	limit := int(p.m.limits[limitFiles][0])
	for fd := 0; fd < limit; fd++ {
		if p.fds[fd] == nil {
			p.fds[fd] = o
			o.refs++
			return fd, nil
		}
	}
	return -1, syscall.EMFILE
}

// pair gives a process two descriptors, or none.
func (p *Process) pair(a, b *open) (int, int, error) {
	first, err := p.grab(a)
	if err != nil {
		return -1, -1, err
	}
	second, err := p.grab(b)
	if err != nil {
		delete(p.fds, first)
		return -1, -1, err
	}
	return first, second, nil
}

// drop gives up one use of what is open.
func (o *open) drop() {
	o.refs--
	if o.refs > 0 {
		return
	}
	kept := o.m.watched[:0]
	for _, w := range o.m.watched {
		if w.open != o {
			kept = append(kept, w)
		}
	}
	o.m.watched = kept
	o.thing.close(o)
	o.m.changed()
}

// changed tells everybody who waits for a descriptor to look again.
func (m *Machine) changed() {
	for _, p := range m.blocked {
		if p.blocked {
			p.blocked = false
			m.after(m.lag(), p.resume)
		}
	}
	m.blocked = m.blocked[:0]
	m.poke()
}

// Close implements System.
func (m *Machine) Close(fd int) error {
	m.enter()
	defer m.leave()
	o := m.self.fds[fd]
	if o == nil {
		m.complain("closes descriptor %d, which is not open", fd)
		return syscall.EBADF
	}
	for _, w := range m.watched {
		if w.fd == fd && w.open == o {
			m.complain("closes descriptor %d, which is watched", fd)
		}
	}
	delete(m.self.fds, fd)
	o.drop()
	return nil
}

// Read implements System.
func (m *Machine) Read(fd int, p []byte) (int, error) {
	m.enter()
	defer m.leave()
	return m.patient(fd, "Read", func(o *open) (int, error) {
		if !o.reads {
			return 0, syscall.EBADF
		}
		n, err := o.thing.read(o, p)
		if err == nil && n == 0 && len(p) > 0 {
			err = io.EOF
		}
		return n, err
	})
}

// ReadAt implements System.
func (m *Machine) ReadAt(fd int, p []byte, off int64) (int, error) {
	m.enter()
	defer m.leave()
	o := m.self.fds[fd]
	if o == nil || !o.reads {
		return 0, syscall.EBADF
	}
	f, ok := o.thing.(*file)
	switch {
	case !ok:
		return 0, syscall.ESPIPE
	case off < 0:
		return 0, syscall.EINVAL
	case off >= int64(len(f.node.data)) && len(p) > 0:
		return 0, io.EOF
	case off >= int64(len(f.node.data)):
		return 0, nil
	}
	return copy(p, f.node.data[off:]), nil
}

// Write implements System. Goroutines other than the loop's call it as well.
func (m *Machine) Write(fd int, p []byte) (int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	done := 0
	_, err := m.patient(fd, "Write", func(o *open) (int, error) {
		if !o.writes {
			return 0, syscall.EBADF
		}
		n, err := o.thing.write(o, p[done:])
		done += n
		if err == nil && !o.nonblock && done < len(p) {
			err = syscall.EAGAIN // the rest is waited for
		}
		return n, err
	})
	if done > 0 && err != syscall.EPIPE {
		err = nil
	}
	return done, err
}

// TryWrite is a write that never waits, to a console or a pipe.
func (m *Machine) TryWrite(fd int, p []byte) (int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	o := m.self.fds[fd]
	if o == nil {
		return 0, syscall.EBADF
	}
	switch o.thing.(type) {
	case *pipeEnd:
	case *console:
		if m.settings.Waits {
			return 0, syscall.EOPNOTSUPP
		}
	default:
		return 0, syscall.EOPNOTSUPP
	}
	if err := m.fails("Write"); err != nil {
		return 0, err
	}
	return o.thing.write(o, p)
}

// Writable implements System.
func (m *Machine) Writable(fd int) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for {
		o := m.self.fds[fd]
		if o == nil {
			return nil // poll(2) says so in the answer, not as an error
		}
		if p, ok := o.thing.(pollable); !ok || p.poll(o)&(kernel.Writable|kernel.Hangup) != 0 {
			return nil
		}
		m.cond.Wait()
	}
}

// patient does something with a descriptor, and again while it has to wait for it.
func (m *Machine) patient(fd int, call string, do func(o *open) (int, error)) (int, error) {
	if err := m.fails(call); err != nil {
		return 0, err
	}
	for {
		o := m.self.fds[fd]
		if o == nil {
			return 0, syscall.EBADF
		}
		n, err := do(o)
		if err != syscall.EAGAIN || o.nonblock {
			return n, err
		}
		m.cond.Wait()
	}
}

// Null implements System.
func (m *Machine) Null() (int, error) {
	return m.OpenFile("/dev/null", syscall.O_RDWR, 0)
}

// Stdio implements System.
func (m *Machine) Stdio(fd int) kernel.Stdio {
	m.enter()
	defer m.leave()
	o := m.self.fds[fd]
	if o == nil {
		return kernel.Stdio{Gone: true}
	}
	switch x := o.thing.(type) {
	case *console:
		return kernel.Stdio{Pipe: !x.terminal, Terminal: x.terminal, Gone: x.abandoned}
	case *pipeEnd:
		return kernel.Stdio{Pipe: true, Owner: x.owner, Gone: x.readers == 0}
	}
	return kernel.Stdio{}
}

// Give implements System.
func (m *Machine) Give(fd, uid, _ int) error {
	m.enter()
	defer m.leave()
	if err := m.fails("Give"); err != nil {
		return err
	}
	o := m.self.fds[fd]
	if o == nil {
		return syscall.EBADF
	}
	if e, ok := o.thing.(*pipeEnd); ok {
		e.owner = uid
	}
	return nil
}

// IsTerminal implements System.
func (m *Machine) IsTerminal(fd int) bool { return m.Stdio(fd).Terminal }

// SetBlocking implements System.
func (m *Machine) SetBlocking(fd int) {
	m.enter()
	defer m.leave()
	if o := m.self.fds[fd]; o != nil {
		o.nonblock = false
	}
}

// Descriptors returns what the supervisor has open, in words, by number.
func (m *Machine) Descriptors() map[int]string {
	m.visit()
	defer m.leave()
	list := map[int]string{}
	for fd, o := range m.self.fds {
		list[fd] = describe(o.thing)
	}
	return list
}

func describe(t thing) string {
	switch t := t.(type) {
	case *pipeEnd:
		return "pipe"
	case *socket:
		return "socket"
	case *file:
		return t.path
	case *console:
		return "console"
	}
	return "something"
}

// DropStdio implements System.
func (m *Machine) DropStdio() {
	null, err := m.Null()
	if err != nil {
		return
	}
	m.enter()
	defer m.leave()
	for fd := range 3 {
		if old := m.self.fds[fd]; old != nil {
			old.drop()
		}
		m.self.fds[fd] = m.self.fds[null]
		m.self.fds[null].refs++
	}
	m.self.fds[null].drop()
	delete(m.self.fds, null)
}
