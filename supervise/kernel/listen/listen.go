// Package listen makes the listening sockets that a configuration describes, for Linux. A
// socket is made as a whole or not at all: nobody can connect before its owner, its mode and
// its options are what they are to be.
package listen

import (
	"errors"

	"golang.org/x/sys/unix"

	"slipway/internal/way"
	"slipway/supervise/sockets"
)

// System makes them.
type System struct{}

// Bind makes a socket that listens, and is closed on exec. The error is unix.EADDRINUSE if
// somebody has the address, and a syscall.Errno in any case. The file of a unix socket that
// nobody answers at is taken over.
func (System) Bind(s *sockets.Socket) (int, error) {
	kind := unix.SOCK_STREAM
	if !s.IsStream() {
		kind = unix.SOCK_DGRAM
	}
	addr, family := address(&s.Address)
	fd, err := unix.Socket(family, kind|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		return -1, err
	}
	if err = before(fd, s); err == nil {
		if s.IsFile() {
			err = bindFile(fd, addr, s)
		} else {
			err = unix.Bind(fd, addr)
		}
	}
	if err == nil {
		if err = tune(fd, s); err != nil && s.IsFile() {
			way.Remove(s.Path) //nolint:errcheck // it is gone, or not ours
		}
	}
	if err != nil {
		unix.Close(fd)
		return -1, err
	}
	return fd, nil
}

// Retune gives a socket that was made what may have changed since.
func (System) Retune(fd int, s *sockets.Socket) error {
	if s.IsFile() {
		if err := own(s); err != nil {
			return err
		}
	}
	return tune(fd, s)
}

func address(a *sockets.Address) (unix.Sockaddr, int) {
	switch {
	case a.IsUnix():
		return &unix.SockaddrUnix{Name: a.Path}, unix.AF_UNIX
	case a.IPv6:
		return &unix.SockaddrInet6{Port: a.Port, Addr: a.IP}, unix.AF_INET6
	}
	return &unix.SockaddrInet4{Port: a.Port, Addr: [4]byte(a.IP[:4])}, unix.AF_INET
}

// before sets what has to be set before a socket has its address.
func before(fd int, s *sockets.Socket) error {
	for _, o := range [...]struct {
		on          bool
		level, name int
	}{
		{s.Network == sockets.TCP, unix.SOL_SOCKET, unix.SO_REUSEADDR},
		{s.Options&sockets.ReusePort != 0, unix.SOL_SOCKET, unix.SO_REUSEPORT},
		{s.Options&sockets.FreeBind != 0, unix.SOL_IP, unix.IP_FREEBIND},
		{s.Options&sockets.OnlyIPv6 != 0, unix.SOL_IPV6, unix.IPV6_V6ONLY},
	} {
		if o.on {
			if err := unix.SetsockoptInt(fd, o.level, o.name, 1); err != nil {
				return err
			}
		}
	}
	return nil
}

// tune sets the rest, and has it listen. Listening again changes the length of the queue.
func tune(fd int, s *sockets.Socket) error {
	for _, o := range [...]struct {
		is          bool
		option      sockets.Options
		level, name int
	}{
		{s.Network == sockets.TCP, sockets.NoDelay, unix.SOL_TCP, unix.TCP_NODELAY},
		{s.Network == sockets.TCP, sockets.KeepAlive, unix.SOL_SOCKET, unix.SO_KEEPALIVE},
		{s.IsUnix(), sockets.Credentials, unix.SOL_SOCKET, unix.SO_PASSCRED},
	} {
		on := 0
		if s.Options&o.option != 0 {
			on = 1
		}
		if !o.is {
			continue
		}
		if err := unix.SetsockoptInt(fd, o.level, o.name, on); err != nil {
			return err
		}
	}
	if s.IsStream() {
		return unix.Listen(fd, s.Backlog)
	}
	return nil
}

// bindFile makes the file of a socket. The umask keeps others out until the mode is set.
func bindFile(fd int, addr unix.Sockaddr, s *sockets.Socket) error {
	old := unix.Umask(0o177)
	err := way.Bind(fd, s.Path)
	if err == unix.EADDRINUSE && isStale(addr, s) {
		way.Remove(s.Path) //nolint:errcheck // it is gone, or not ours
		err = way.Bind(fd, s.Path)
	}
	unix.Umask(old)
	if err == nil {
		if err = own(s); err != nil {
			way.Remove(s.Path) //nolint:errcheck // it is gone, or not ours
		}
	}
	return number(err)
}

// isStale reports whether a file is a socket that nobody answers at.
func isStale(addr unix.Sockaddr, s *sockets.Socket) bool {
	var st unix.Stat_t
	if unix.Lstat(s.Path, &st) != nil || st.Mode&unix.S_IFMT != unix.S_IFSOCK {
		return false
	}
	for _, kind := range [...]int{unix.SOCK_STREAM, unix.SOCK_DGRAM, unix.SOCK_SEQPACKET} {
		fd, err := unix.Socket(unix.AF_UNIX, kind|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
		if err != nil {
			return false
		}
		err = unix.Connect(fd, addr)
		unix.Close(fd)
		switch err {
		case unix.ECONNREFUSED:
			return true
		case unix.EPROTOTYPE: // one of another kind, with somebody behind it or not
		default:
			return false
		}
	}
	return false
}

// own gives the file its owner and its mode: the file itself, not what others have put in its
// place.
func own(s *sockets.Socket) error {
	return number(way.OwnSocket(s.Path, s.UID, s.GID, uint32(s.Mode)))
}

// number is the kernel's number of an error of package way.
func number(err error) error {
	if why := errors.Unwrap(err); why != nil {
		return why
	}
	return err
}
