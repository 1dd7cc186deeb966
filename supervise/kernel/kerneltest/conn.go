package kerneltest

import (
	"io"
	"net"
	"os"
	"syscall"
	"time"
)

// Conn is the end of a connection to the supervisor that the test has: it is somebody in a
// process of their own, so that Read waits, and Write as well.
type Conn struct {
	m      *Machine
	s      *socket
	passed []*open
}

var _ net.Conn = (*Conn)(nil)

// Dial connects somebody to a listener of the supervisor: the path of a socket, "@name", or
// "host:port".
func (m *Machine) Dial(address string, uid int) (*Conn, error) {
	m.visit()
	defer m.leave()
	s, err := m.connect(address, uid)
	if err != nil {
		return nil, err
	}
	return &Conn{m: m, s: s}, nil
}

// Read reads what there is, and waits if there is nothing.
func (c *Conn) Read(p []byte) (int, error) {
	c.m.mu.Lock()
	defer c.m.mu.Unlock()
	for {
		n, err := c.take(p)
		if err != syscall.EAGAIN {
			return n, err
		}
		c.m.cond.Wait()
	}
}

// Poll is Read that does not wait: EAGAIN.
func (c *Conn) Poll(p []byte) (int, error) {
	c.m.mu.Lock()
	defer c.m.mu.Unlock()
	return c.take(p)
}

func (c *Conn) take(p []byte) (int, error) {
	if c.s.closed {
		return 0, net.ErrClosed
	}
	if len(c.s.queue) > 0 && c.s.queue[0].passed != nil {
		c.passed = append(c.passed, c.s.queue[0].passed)
		c.s.queue[0].passed = nil
	}
	n, err := c.s.read(&open{m: c.m}, p)
	if err == nil && n == 0 && len(p) > 0 {
		err = io.EOF
	}
	return n, err
}

// Write sends all of p.
func (c *Conn) Write(p []byte) (int, error) {
	c.m.mu.Lock()
	defer c.m.mu.Unlock()
	done := 0
	for done < len(p) {
		if c.s.closed {
			return done, net.ErrClosed
		}
		n, err := c.s.send(p[done:], nil)
		done += n
		switch err {
		case nil:
		case syscall.EAGAIN:
			c.m.cond.Wait()
		default:
			return done, err
		}
	}
	return done, nil
}

// Files returns the content of the files that came with what was read, and forgets them.
func (c *Conn) Files() []string {
	c.m.mu.Lock()
	defer c.m.mu.Unlock()
	var list []string
	for _, o := range c.passed {
		if f, ok := o.thing.(*file); ok {
			list = append(list, string(f.node.data))
		}
		o.drop()
	}
	c.passed = nil
	return list
}

// Close ends the connection.
func (c *Conn) Close() error {
	c.m.mu.Lock()
	defer c.m.mu.Unlock()
	if c.s.closed {
		return net.ErrClosed
	}
	for _, o := range c.passed {
		o.drop()
	}
	c.passed = nil
	c.s.close(nil)
	c.m.changed()
	return nil
}

// LocalAddr implements net.Conn.
func (c *Conn) LocalAddr() net.Addr { return &net.UnixAddr{Net: "unix"} }

// RemoteAddr implements net.Conn.
func (c *Conn) RemoteAddr() net.Addr { return &net.UnixAddr{Net: "unix"} }

// SetDeadline implements net.Conn: there are none.
func (c *Conn) SetDeadline(time.Time) error { return os.ErrNoDeadline }

// SetReadDeadline implements net.Conn: there are none.
func (c *Conn) SetReadDeadline(time.Time) error { return os.ErrNoDeadline }

// SetWriteDeadline implements net.Conn: there are none.
func (c *Conn) SetWriteDeadline(time.Time) error { return os.ErrNoDeadline }
