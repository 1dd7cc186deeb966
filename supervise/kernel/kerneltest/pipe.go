package kerneltest

import (
	"syscall"

	"slipway/supervise/kernel"
)

const pageSize = 4096

// pipe is a ring of pages, as Linux has it: a write that does not fit into the last page
// takes a new one, so that a pipe can be full before its bytes are.
type pipe struct {
	pages   [][]byte
	slots   int
	readers int // open descriptions
	writers int
	owner   int // user
}

// pipeEnd is one of the two ends.
type pipeEnd struct {
	*pipe
	writes bool
}

func (m *Machine) newPipe(slots int, blockR, blockW bool) (r, w *open) {
	p := &pipe{slots: slots, readers: 1, writers: 1}
	r = &open{m: m, thing: &pipeEnd{p, false}, reads: true, nonblock: !blockR}
	w = &open{m: m, thing: &pipeEnd{p, true}, writes: true, nonblock: !blockW}
	return r, w
}

func (m *Machine) supervisorPipe(blockR, blockW bool) (int, int, error) {
	m.enter()
	defer m.leave()
	if err := m.fails("Pipe"); err != nil {
		return -1, -1, err
	}
	return m.self.pair(m.newPipe(16, blockR, blockW))
}

// Pipe implements System.
func (m *Machine) Pipe() (r, w int, err error) { return m.supervisorPipe(false, false) }

// InputPipe implements System.
func (m *Machine) InputPipe() (r, w int, err error) { return m.supervisorPipe(true, false) }

// OutputPipe implements System.
func (m *Machine) OutputPipe() (r, w int, err error) { return m.supervisorPipe(false, true) }

// Enlarge implements System.
func (m *Machine) Enlarge(fd int) {
	m.enter()
	defer m.leave()
	if o := m.self.fds[fd]; o != nil {
		if e, ok := o.thing.(*pipeEnd); ok {
			e.slots = max(e.slots, 64)
			m.changed()
		}
	}
}

// Unread is how many bytes are in a pipe of the supervisor.
func (m *Machine) Unread(fd int) (n int) {
	m.visit()
	defer m.leave()
	if o := m.self.fds[fd]; o != nil {
		if e, ok := o.thing.(*pipeEnd); ok {
			for _, p := range e.pages {
				n += len(p)
			}
		}
	}
	return n
}

func (e *pipeEnd) read(o *open, p []byte) (int, error) {
	done := 0
	for done < len(p) && len(e.pages) > 0 {
		n := copy(p[done:], e.pages[0])
		done += n
		if e.pages[0] = e.pages[0][n:]; len(e.pages[0]) == 0 {
			e.pages = e.pages[1:]
		}
	}
	switch {
	case done > 0:
		o.m.changed()
	case len(p) > 0 && e.writers > 0:
		return 0, syscall.EAGAIN
	}
	return done, nil
}

func (e *pipeEnd) write(o *open, p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	if e.readers == 0 {
		return 0, syscall.EPIPE
	}
	done := 0
	if n := len(p) % pageSize; n > 0 && len(e.pages) > 0 {
		// What is more than whole pages goes into the last page, if all of it fits. A page
		// that was read in part has no more room for that.
		if last := &e.pages[len(e.pages)-1]; cap(*last)-len(*last) >= n {
			*last = append(*last, p[:n]...)
			done = n
		}
	}
	for done < len(p) && len(e.pages) < e.slots {
		page := make([]byte, 0, pageSize)
		n := min(len(p)-done, pageSize)
		e.pages = append(e.pages, append(page, p[done:done+n]...))
		done += n
	}
	if done == 0 {
		return 0, syscall.EAGAIN
	}
	o.m.changed()
	return done, nil
}

func (e *pipeEnd) close(*open) {
	if e.writes {
		e.writers--
	} else {
		e.readers--
	}
}

func (e *pipeEnd) poll(*open) kernel.Mode {
	var m kernel.Mode
	if e.writes {
		if len(e.pages) < e.slots {
			m |= kernel.Writable
		}
		if e.readers == 0 {
			m |= kernel.Hangup
		}
		return m
	}
	if len(e.pages) > 0 {
		m |= kernel.Readable
	}
	if e.writers == 0 {
		m |= kernel.Hangup
	}
	return m
}

func (e *pipeEnd) info() kernel.FileInfo { return kernel.FileInfo{Mode: syscall.S_IFIFO | 0o600} }
