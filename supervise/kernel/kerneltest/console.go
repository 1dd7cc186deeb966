package kerneltest

import (
	"syscall"

	"slipway/supervise/kernel"
)

// console is a descriptor 0 to 2 that the supervisor was started with: what is written to it
// is kept for the test, and nothing is to be read.
type console struct {
	text      []byte
	stalled   bool
	room      int  // bytes that are taken until it is stalled; 0: all
	abandoned bool // nobody reads any more
	terminal  bool
}

func (c *console) read(*open, []byte) (int, error) { return 0, nil }

func (c *console) write(_ *open, p []byte) (int, error) {
	switch {
	case c.abandoned:
		return 0, syscall.EPIPE
	case c.stalled:
		return 0, syscall.EAGAIN
	}
	if c.room > 0 {
		p = p[:min(c.room, len(p))]
		c.room -= len(p)
		c.stalled = c.room == 0
	}
	c.text = append(c.text, p...)
	return len(p), nil
}

func (c *console) close(*open)           {}
func (c *console) info() kernel.FileInfo { return kernel.FileInfo{Mode: syscall.S_IFIFO | 0o600} }

func (c *console) poll(*open) kernel.Mode {
	switch {
	case c.abandoned:
		return kernel.Writable | kernel.Hangup
	case c.stalled:
		return 0
	}
	return kernel.Writable
}

// Output returns what was written to descriptor 1 or 2 that the machine was started with.
func (m *Machine) Output(fd int) string {
	m.visit()
	defer m.leave()
	return string(m.consoles[fd].text)
}

// Stall makes the reader of descriptor 1 or 2 take nothing any more, or go on.
func (m *Machine) Stall(fd int, stalled bool) {
	m.visit()
	defer m.leave()
	m.consoles[fd].stalled = stalled
	m.changed()
}

// Room makes the reader of descriptor 1 or 2 take n bytes more, and then nothing.
func (m *Machine) Room(fd, n int) {
	m.visit()
	defer m.leave()
	m.consoles[fd].stalled, m.consoles[fd].room = false, n
	m.changed()
}

// Abandon makes the reader of descriptor 1 or 2 go away.
func (m *Machine) Abandon(fd int) {
	m.visit()
	defer m.leave()
	m.consoles[fd].abandoned = true
	m.changed()
}

// BeTerminal makes descriptor 1 or 2 a terminal.
func (m *Machine) BeTerminal(fd int) {
	m.visit()
	defer m.leave()
	m.consoles[fd].terminal = true
}

// NeverStalls tells package logs that what it writes to the descriptor is taken at once:
// a console that was not stalled, and whatever is no pipe.
func (m *Machine) NeverStalls(fd int) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	o := m.self.fds[fd]
	if o == nil {
		return true
	}
	switch x := o.thing.(type) {
	case *console:
		return !m.settings.Stalls && !x.stalled
	case *file:
		return true
	}
	return false
}
