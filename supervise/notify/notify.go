// Package notify is what a program says on that it is ready: a pipe, or a socket as
// sd_notify(3) has it. A channel belongs to one run of a program, and is closed with it.
package notify

import (
	"bytes"
	"strconv"
	"strings"
	"syscall"

	"slipway/supervise/kernel"
	"slipway/supervise/loop"
	"slipway/supervise/server"
)

// Kernel is what channels ask of the operating system.
type Kernel interface {
	OutputPipe() (r, w int, err error)
	ListenNotify() (fd int, name string, err error)
	ReceiveNotify(fd int, p []byte) (n, uid int, err error)
	Read(fd int, p []byte) (int, error)
	Close(fd int) error
}

// Channel is our end.
type Channel struct {
	k    Kernel
	loop *loop.Loop
	fd   int // -1: closed

	line  func()                             // of a pipe: told of each read with an end of a line
	heard func(lines []string, uid int) bool // of a socket: nil for a pipe
}

// Pipe returns a pipe on which a program says that it is ready with a newline, and the
// program's end. What comes later is read and dropped, or it would die of SIGPIPE.
func Pipe(k Kernel, l *loop.Loop, line func()) (c *Channel, end int, err error) {
	r, w, err := k.OutputPipe()
	if err != nil {
		return nil, -1, err
	}
	c = &Channel{k: k, loop: l, fd: r, line: line}
	if err := l.Own(r, c, kernel.Readable); err != nil {
		k.Close(r)
		k.Close(w)
		return nil, -1, err
	}
	return c, w, nil
}

// Socket returns a socket, and its name. Heard is told the lines of a datagram and which
// user has sent it; it reports whether there is to be another one.
func Socket(k Kernel, l *loop.Loop, heard func(lines []string, uid int) bool) (c *Channel, name string, err error) {
	fd, name, err := k.ListenNotify()
	if err != nil {
		return nil, "", err
	}
	c = &Channel{k: k, loop: l, fd: fd, heard: heard}
	if err := l.Own(fd, c, kernel.Readable); err != nil {
		k.Close(fd)
		return nil, "", err
	}
	return c, name, nil
}

// Close closes our end. A Channel that is nil, or closed, stays so.
func (c *Channel) Close() {
	if c != nil && c.fd >= 0 {
		c.loop.Disown(c.fd)
		c.k.Close(c.fd)
		c.fd = -1
	}
}

// OnReadable implements loop.FDOwner.
func (c *Channel) OnReadable(int, kernel.Mode) {
	if c.heard == nil {
		c.read()
		return
	}
	for range server.MostAtOnce {
		n, uid, err := c.k.ReceiveNotify(c.fd, c.loop.Buffer())
		if err != nil {
			if err != syscall.EAGAIN && err != syscall.EINTR {
				c.loop.Rest(c.fd)
			}
			return // nothing more for now
		}
		if !c.heard(strings.Split(string(c.loop.Buffer()[:n]), "\n"), uid) {
			return
		}
	}
}

func (c *Channel) read() {
	n, err := c.k.Read(c.fd, c.loop.Buffer())
	switch {
	case n > 0 && bytes.IndexByte(c.loop.Buffer()[:n], '\n') >= 0:
		c.line()
	case n <= 0 && err != syscall.EAGAIN && err != syscall.EINTR:
		c.Close()
	}
}

// MainPID is the process that MAINPID=N in a datagram names, 0 without.
func MainPID(lines []string) int {
	for _, line := range lines {
		if text, ok := strings.CutPrefix(line, "MAINPID="); ok {
			if pid, err := strconv.Atoi(text); err == nil && pid > 0 {
				return pid
			}
		}
	}
	return 0
}
