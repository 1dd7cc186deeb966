package kerneltest

import (
	"syscall"

	"slipway/supervise/kernel"
)

// console is a descriptor 0 to 2 that the supervisor was started with: what is written to it
// is kept for the test, and nothing is to be read.
type console struct {
	text    []byte
	stalled bool
}

func (c *console) read(*open, []byte) (int, error) { return 0, nil }

func (c *console) write(_ *open, p []byte) (int, error) {
	if c.stalled {
		return 0, syscall.EAGAIN
	}
	c.text = append(c.text, p...)
	return len(p), nil
}

func (c *console) close(*open)           {}
func (c *console) info() kernel.FileInfo { return kernel.FileInfo{Mode: syscall.S_IFIFO | 0o600} }

func (c *console) poll(*open) kernel.Mode {
	if c.stalled {
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
