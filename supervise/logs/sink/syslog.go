//go:build linux

package sink

import (
	"bytes"
	"os"
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

// SyslogServer is who takes lines for syslog: the daemon that listens at a path, or, by
// UDP, a server.
type SyslogServer struct {
	Path string // "": Addr and Port
	Addr [4]byte
	Port int
}

func (s SyslogServer) String() string {
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

// syslogLine is the longest line sent in one message; a longer one is continued in
// the next. rsyslog takes 8 KiB by default.
const syslogLine = 7 << 10

// syslogConn is the connection to the syslog daemon, shared by all who log
// there. It sends what syslog(3) sends: facility USER, priority INFO; to a server with
// the name of this host, as RFC 3164 has it.
type syslogConn struct {
	t      *Targets
	server SyslogServer
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

// SendSyslogTo says where [Targets.Syslog] sends to; it comes before the first use.
func (t *Targets) SendSyslogTo(server SyslogServer) { t.opts.Syslog = server }

// Syslog returns a sink that sends every line, with prefix before it, to the syslog
// daemon. While there is none the lines are counted as lost.
func (t *Targets) Syslog(prefix string) Sink {
	conn, ok := t.shared["syslog"].(*syslogConn)
	if !ok {
		conn = t.newSyslog()
		t.shared["syslog"] = conn
	}
	return &syslogSink{conn: conn, prefix: prefix}
}

// processSyslog is the syslog of a destination: the name of the process comes before each
// line.
func (t *Targets) processSyslog(d *Destination) Sink { return t.Syslog(d.Process + " ") }

func (t *Targets) newSyslog() *syslogConn {
	c := &syslogConn{t: t, server: t.opts.Syslog, ident: t.opts.Ident, fd: -1}
	if c.ident == "" {
		c.ident = "supervisord" // libc's default for Supervisor: argv[0]
	}
	if c.server == (SyslogServer{}) {
		c.server.Path = "/dev/log" // where a machine's daemon listens
	}
	if c.server.Path == "" {
		if name, err := os.Hostname(); err == nil {
			c.ident = name + " " + c.ident
		}
	}
	return c
}

func (c *syslogConn) loss() Loss { return Loss{"syslog", c.fault.lost, c.fault.err} }

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

// Drop counts p as lost.
func (s *syslogSink) Drop(p []byte) { s.conn.fault.lost += int64(len(p)) }

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
	now := c.t.sys.Now()
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
	family, to := unix.AF_UNIX, unix.Sockaddr(&unix.SockaddrUnix{Name: c.server.Path})
	if c.server.Path == "" {
		family, to = unix.AF_INET, &unix.SockaddrInet4{Addr: c.server.Addr, Port: c.server.Port}
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
	c.fault.failed(err, now)
	return false
}

func (c *syslogConn) lose(n int, now time.Time) {
	c.fault.lose(n, now, c.title(), c.t.opts.Report)
}

func (c *syslogConn) title() string { return "syslog at " + c.server.String() }

func (c *syslogConn) close() {
	if c.fd >= 0 {
		unix.Close(c.fd)
		c.fd = -1
	}
}
