package supervise

import (
	"bytes"
	"strconv"
	"strings"

	"slipway/supervise/kernel"
)

// readyPipe is our end of the pipe of a program with ready = fd:N. It says that it is
// ready with a newline. What comes later is read and dropped, or it would die of
// SIGPIPE; the pipe belongs to one incarnation and is closed with it.
type readyPipe struct {
	p   *process
	gen uint64
}

// openNotify gives a command the pipe that its program says on that it is ready.
func (s *Supervisor) openNotify(p *process, c *kernel.Command) (end int, err error) {
	s.closeNotify(p)
	n, err := strconv.Atoi(strings.TrimPrefix(p.cfg.Ready, "fd:"))
	if err != nil {
		return -1, err
	}
	r, w, err := s.k.OutputPipe()
	if err != nil {
		return -1, err
	}
	for len(c.Files) < n {
		c.Files = append(c.Files, -1)
	}
	c.Files = append(c.Files, w)
	p.probing.notify = r + 1
	s.watch(r, readyPipe{p, p.m.Gen}, kernel.Readable)
	return w, nil
}

func (s *Supervisor) closeNotify(p *process) {
	if fd := p.probing.notify - 1; fd >= 0 {
		s.unwatch(fd)
		s.k.Close(fd)
		p.probing.notify = 0
	}
}

// ready implements source.
func (r readyPipe) ready(s *Supervisor, fd int, _ kernel.Mode) {
	n, err := s.k.Read(fd, s.buf)
	if n <= 0 {
		if !isAgain(err) {
			s.closeNotify(r.p)
		}
		return
	}
	if r.gen == r.p.m.Gen && isUp(r.p) && !r.p.probing.ready && bytes.IndexByte(s.buf[:n], '\n') >= 0 {
		s.becomeReady(r.p)
	}
}
