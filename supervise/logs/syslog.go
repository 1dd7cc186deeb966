//go:build linux

package logs

import (
	"bytes"
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

// syslogPath is where the machine's syslog daemon listens.
const syslogPath = "/dev/log"

// syslogLine is the longest line sent in one message; a longer one is continued in
// the next. rsyslog takes 8 KiB by default.
const syslogLine = 7 << 10

// syslogConn is the connection to the local syslog daemon, shared by all who log
// there. It sends what syslog(3) sends: facility USER, priority INFO.
type syslogConn struct {
	t      *Targets
	path   string
	ident  string
	fd     int  // -1: not connected
	stream bool // the daemon listens on a stream: messages end with NUL
	buf    []byte
	fault  fault
}

// syslogSink is the way of one stream to syslog: every line is a message of its
// own, with a prefix.
type syslogSink struct {
	conn   *syslogConn
	prefix string
	part   []byte // unfinished line
}

// Syslog returns a sink that sends every line, with prefix before it, to the local
// syslog daemon. While there is none the lines are counted as lost.
func (t *Targets) Syslog(prefix string) Sink {
	if t.syslog == nil {
		ident := t.opts.Ident
		if ident == "" {
			ident = "supervisord" // libc's default for Supervisor: argv[0]
		}
		t.syslog = &syslogConn{t: t, path: syslogPath, ident: ident, fd: -1}
	}
	return &syslogSink{conn: t.syslog, prefix: prefix}
}

// Write sends the lines of p that are finished.
func (s *syslogSink) Write(p []byte) {
	for len(p) > 0 {
		end := bytes.IndexByte(p, '\n')
		if end < 0 {
			s.part = append(s.part, p...)
			for len(s.part) > syslogLine {
				s.conn.send(s.prefix, s.part[:syslogLine])
				s.part = append(s.part[:0], s.part[syslogLine:]...)
			}
			return
		}
		line := p[:end]
		p = p[end+1:]
		if len(s.part) > 0 {
			s.part = append(s.part, line...)
			line = s.part
		}
		for len(line) > syslogLine {
			s.conn.send(s.prefix, line[:syslogLine])
			line = line[syslogLine:]
		}
		s.conn.send(s.prefix, line)
		s.part = s.part[:0]
	}
}

// Full is never true: what the daemon does not take at once is lost.
func (s *syslogSink) Full() bool { return false }

// Reopen connects anew with the next line.
func (s *syslogSink) Reopen() { s.conn.close() }

// Clear has nothing to clear.
func (s *syslogSink) Clear() error { return nil }

// Close sends a last line that has no end.
func (s *syslogSink) Close() {
	if len(s.part) > 0 {
		s.conn.send(s.prefix, s.part)
		s.part = nil
	}
}

// send sends one line as one message.
func (c *syslogConn) send(prefix string, line []byte) {
	now := c.t.sys.now()
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
	b = append(b, c.ident...)
	b = append(b, ": "...)
	b = append(b, prefix...)
	b = append(b, line...)
	if c.stream {
		b = append(b, 0)
	}
	c.buf = b
	switch err := sendAll(c.fd, b, c.stream); err {
	case nil:
		if c.fault.err != nil {
			c.fault.recovered(c.title(), c.t.opts.Report)
		}
	case unix.EAGAIN, unix.ENOBUFS:
		// The daemon is slow. The next line may get through.
		c.fault.failed(err, now)
		c.lose(len(line)+1, now)
	default:
		c.close()
		c.fault.failed(err, now)
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
func (c *syslogConn) connect(now time.Time) bool {
	if c.fault.resting(now) {
		return false
	}
	var err error
	for _, kind := range []int{unix.SOCK_DGRAM, unix.SOCK_STREAM} {
		var fd int
		fd, err = unix.Socket(unix.AF_UNIX, kind|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
		if err != nil {
			break
		}
		if err = unix.Connect(fd, &unix.SockaddrUnix{Name: c.path}); err == nil {
			c.fd, c.stream = fd, kind == unix.SOCK_STREAM
			return true
		}
		unix.Close(fd)
		if err != unix.EPROTOTYPE {
			break
		}
	}
	c.fault.failed(err, now)
	return false
}

func (c *syslogConn) lose(n int, now time.Time) {
	c.fault.lose(n, now, c.title(), c.t.opts.Report)
}

func (c *syslogConn) title() string { return "syslog at " + c.path }

func (c *syslogConn) close() {
	if c.fd >= 0 {
		unix.Close(c.fd)
		c.fd = -1
	}
}
