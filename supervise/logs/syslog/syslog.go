//go:build linux

// Package syslog sends lines to a syslog daemon, as syslog(3) does. Nothing here waits: what the
// daemon does not take at once is lost, and counted.
package syslog

import (
	"bytes"
	"os"
	"strconv"
	"time"

	"golang.org/x/sys/unix"

	"slipway/supervise/logs/fault"
)

// Server is who takes lines for syslog: the daemon that listens at a path, or, by
// UDP, a server.
type Server struct {
	Path string // "": Addr and Port
	Addr [4]byte
	Port int
}

func (s Server) String() string {
	if s.Path != "" {
		return s.Path
	}
	text := "udp://"
	for i, b := range s.Addr {
		if i > 0 {
			text += "."
		}
		text += strconv.Itoa(int(b))
	}
	return text + ":" + strconv.Itoa(s.Port)
}

// LineMost is the longest line sent in one message; a longer one is continued in
// the next. rsyslog takes 8 KiB by default.
const LineMost = 7 << 10

// Conn is the connection to the syslog daemon, shared by all who log
// there. It sends what syslog(3) sends: facility USER, priority INFO; to a server with
// the name of this host, as RFC 3164 has it.
type Conn struct {
	opts   Options
	fd     int  // -1: not connected
	stream bool // the daemon listens on a stream: messages end with NUL
	buf    []byte
	fault  fault.Fault
}

// Lines is the way of one stream to syslog: every line is a message of its
// own, with a prefix.
type Lines struct {
	conn   *Conn
	prefix string
	part   []byte // unfinished line
}

// Options are what a Conn is made of.
type Options struct {
	Server Server // the zero value is the machine's daemon
	Ident  string // what is shown as the sender; "" means supervisord
	Now    func() time.Time
	Report func(text string)
}

// New returns a connection that is made with the first line. While there is none the lines are
// counted as lost.
func New(o Options) *Conn {
	if o.Ident == "" {
		o.Ident = "supervisord" // libc's default for Supervisor: argv[0]
	}
	if o.Server == (Server{}) {
		o.Server.Path = "/dev/log" // where a machine's daemon listens
	}
	if o.Server.Path == "" {
		if name, err := os.Hostname(); err == nil {
			o.Ident = name + " " + o.Ident
		}
	}
	return &Conn{opts: o, fd: -1}
}

// Lines returns a sink that sends every line, with prefix before it.
func (c *Conn) Lines(prefix string) *Lines { return &Lines{conn: c, prefix: prefix} }

// Loss is how many bytes were lost, and why it does not work at present; nil if it does.
func (c *Conn) Loss() (bytes int64, err error) { return c.fault.Lost, c.fault.Err }

// Write sends the lines of p that are finished.
func (s *Lines) Write(p []byte) {
	for len(p) > 0 {
		end := bytes.IndexByte(p, '\n')
		if end < 0 {
			s.part = append(s.part, p...)
			for len(s.part) > LineMost {
				s.conn.send(s.prefix, s.part[:LineMost])
				s.part = append(s.part[:0], s.part[LineMost:]...)
			}
			return
		}
		line := p[:end]
		p = p[end+1:]
		if len(s.part) > 0 {
			s.part = append(s.part, line...)
			line = s.part
		}
		for len(line) > LineMost {
			s.conn.send(s.prefix, line[:LineMost])
			line = line[LineMost:]
		}
		s.conn.send(s.prefix, line)
		s.part = s.part[:0]
	}
}

// Drop counts p as lost.
func (s *Lines) Drop(p []byte) { s.conn.fault.Lost += int64(len(p)) }

// Full is never true: what the daemon does not take at once is lost.
func (s *Lines) Full() bool { return false }

// Reopen connects anew with the next line.
func (s *Lines) Reopen() { s.conn.Close() }

// Clear has nothing to clear.
func (s *Lines) Clear() error { return nil }

// Close sends a last line that has no end.
func (s *Lines) Close() {
	if len(s.part) > 0 {
		s.conn.send(s.prefix, s.part)
		s.part = nil
	}
}

// send sends one line as one message.
func (c *Conn) send(prefix string, line []byte) {
	now := c.opts.Now()
	if c.fd < 0 && !c.connect(now) {
		c.lose(len(line)+1, now)
		return
	}
	const userInfo = 1<<3 | 6
	b := append(c.buf[:0], '<')
	b = strconv.AppendInt(b, userInfo, 10)
	b = append(b, '>')
	b = now.AppendFormat(b, time.Stamp)
	b = append(b, ' ')
	b = append(b, c.opts.Ident...)
	b = append(b, ": "...)
	b = append(b, prefix...)
	b = append(b, line...)
	if c.stream {
		b = append(b, 0)
	}
	c.buf = b
	switch err := sendAll(c.fd, b, c.stream); err {
	case nil:
		if c.fault.Err != nil {
			c.fault.Recovered(c.title(), c.opts.Report)
		}
	case unix.EAGAIN, unix.ENOBUFS:
		// The daemon is slow. The next line may get through.
		c.fault.Failed(err, now)
		c.lose(len(line)+1, now)
	default:
		c.Close()
		c.fault.Failed(err, now)
		c.lose(len(line)+1, now)
	}
}

// sendAll sends one message without waiting. Half a message on a stream would
// spoil the next one: that connection is given up.
func sendAll(fd int, b []byte, stream bool) error {
	for {
		n, err := unix.SendmsgN(fd, b, nil, nil, unix.MSG_DONTWAIT|unix.MSG_NOSIGNAL)
		switch {
		case err == unix.EINTR:
		case err != nil:
			return err
		case stream && n < len(b):
			return unix.EMSGSIZE
		default:
			return nil
		}
	}
}

// connect tries a datagram socket, then a stream, as syslog(3) does.
func (c *Conn) connect(now time.Time) bool {
	if c.fault.Resting(now) {
		return false
	}
	var err error
	family, to := unix.AF_UNIX, unix.Sockaddr(&unix.SockaddrUnix{Name: c.opts.Server.Path})
	if c.opts.Server.Path == "" {
		family, to = unix.AF_INET, &unix.SockaddrInet4{Addr: c.opts.Server.Addr, Port: c.opts.Server.Port}
	}
	for _, kind := range []int{unix.SOCK_DGRAM, unix.SOCK_STREAM} {
		var fd int
		fd, err = unix.Socket(family, kind|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
		if err != nil {
			break
		}
		if err = unix.Connect(fd, to); err == nil {
			c.fd, c.stream = fd, kind == unix.SOCK_STREAM
			return true
		}
		unix.Close(fd)
		if err != unix.EPROTOTYPE {
			break
		}
	}
	c.fault.Failed(err, now)
	return false
}

func (c *Conn) lose(n int, now time.Time) {
	c.fault.Lose(n, now, c.title(), c.opts.Report)
}

func (c *Conn) title() string { return "syslog at " + c.opts.Server.String() }

// Close ends the connection. It is made anew with the next line.
func (c *Conn) Close() {
	if c.fd >= 0 {
		unix.Close(c.fd)
		c.fd = -1
	}
}
