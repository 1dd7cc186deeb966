package kernel

import (
	"errors"
	"strconv"

	"golang.org/x/sys/unix"

	"slipway/internal/way"
)

// Sockets here are descriptors as the loop wants them: close-on-exec, never blocking.

// socketFlags are what every socket gets.
const socketFlags = unix.SOCK_STREAM | unix.SOCK_CLOEXEC | unix.SOCK_NONBLOCK

// backlog is how many connections may wait to be accepted.
const backlog = 128

// ErrInUse says that somebody answers at the address.
var ErrInUse = errors.New("somebody else is listening there")

// ListenUnix returns a socket that listens at path. A socket that nobody answers at is
// taken over; one that somebody answers at is ErrInUse. The mode is set while nobody
// can connect yet.
func (k *Linux) ListenUnix(path string, mode uint32, uid, gid int) (int, error) {
	addr := &unix.SockaddrUnix{Name: path}
	fd, err := unix.Socket(unix.AF_UNIX, socketFlags, 0)
	if err != nil {
		return -1, err
	}
	fail := func(err error) (int, error) {
		unix.Close(fd)
		return -1, err
	}
	// Bound directly, without the hard link of Supervisor's, which overlay file
	// systems refuse. The umask keeps others out until the mode is set.
	old := unix.Umask(0o177)
	err = way.Bind(fd, path)
	if err == unix.EADDRINUSE {
		if answers(addr) {
			unix.Umask(old)
			return fail(ErrInUse)
		}
		var st unix.Stat_t
		if unix.Lstat(path, &st) == nil && st.Mode&unix.S_IFMT == unix.S_IFSOCK {
			way.Remove(path)
			err = way.Bind(fd, path)
		}
	}
	unix.Umask(old)
	if err != nil {
		return fail(err)
	}
	if err = way.OwnSocket(path, uid, gid, mode); err == nil {
		err = unix.Listen(fd, backlog)
	}
	if err != nil {
		way.Remove(path)
		return fail(err)
	}
	return fd, nil
}

// answers reports whether somebody accepts connections at a unix socket.
func answers(addr *unix.SockaddrUnix) bool {
	fd, err := unix.Socket(unix.AF_UNIX, socketFlags, 0)
	if err != nil {
		return true // to be on the safe side
	}
	defer unix.Close(fd)
	err = unix.Connect(fd, addr)
	return err == nil || err == unix.EAGAIN || err == unix.EINPROGRESS
}

// ListenAbstract returns a socket that listens at a name without a file, "@NAME". It has
// no owner and no mode: who accepts must look at [PeerUID].
func (k *Linux) ListenAbstract(name string) (int, error) {
	fd, err := unix.Socket(unix.AF_UNIX, socketFlags, 0)
	if err != nil {
		return -1, err
	}
	err = unix.Bind(fd, &unix.SockaddrUnix{Name: name})
	if err == nil {
		err = unix.Listen(fd, backlog)
	}
	if err != nil {
		unix.Close(fd)
		return -1, err
	}
	return fd, nil
}

// ListenTCP returns a socket that listens at a numeric address; "" is every address.
func (k *Linux) ListenTCP(host string, port int) (int, error) {
	sa, family, err := inetAddress(host, port)
	if err != nil {
		return -1, err
	}
	fd, err := unix.Socket(family, socketFlags, 0)
	if err != nil {
		return -1, err
	}
	unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_REUSEADDR, 1)
	if err = unix.Bind(fd, sa); err == nil {
		err = unix.Listen(fd, backlog)
	}
	if err != nil {
		unix.Close(fd)
		return -1, err
	}
	return fd, nil
}

// CheckHost says whether ListenTCP understands an address, and what it expected if not.
func CheckHost(host string) error {
	_, _, err := inetAddress(host, 0)
	return err
}

// inetAddress reads a numeric address. A name is none: PID 1 does not ask the network
// for anything; localhost is known without asking.
func inetAddress(host string, port int) (unix.Sockaddr, int, error) {
	switch host {
	case "", "*":
		return &unix.SockaddrInet4{Port: port}, unix.AF_INET, nil
	case "localhost":
		return &unix.SockaddrInet4{Port: port, Addr: [4]byte{127, 0, 0, 1}}, unix.AF_INET, nil
	case "::", "[::]":
		return &unix.SockaddrInet6{Port: port}, unix.AF_INET6, nil
	case "::1", "[::1]":
		return &unix.SockaddrInet6{Port: port, Addr: [16]byte{15: 1}}, unix.AF_INET6, nil
	}
	sa := &unix.SockaddrInet4{Port: port}
	rest := host
	for i := range sa.Addr {
		end := 0
		for end < len(rest) && rest[end] != '.' {
			end++
		}
		n, err := strconv.ParseUint(rest[:end], 10, 8)
		if err != nil || (i < 3) == (end == len(rest)) {
			return nil, 0, errors.New("expected a numeric address, got " + strconv.Quote(host))
		}
		sa.Addr[i] = byte(n)
		if i < 3 {
			rest = rest[end+1:]
		}
	}
	return sa, unix.AF_INET, nil
}

// Backlog lets n connections of a listener wait to be accepted.
func (k *Linux) Backlog(fd, n int) { unix.Listen(fd, n) } // refused: it stays as it is

// Accept takes a connection; EAGAIN if there is none.
func (k *Linux) Accept(listener int) (int, error) {
	for {
		fd, _, err := unix.Accept4(listener, unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK)
		if err != unix.EINTR && err != unix.ECONNABORTED {
			return fd, err
		}
	}
}

// PeerUID returns the user at the other end of a unix connection.
func (k *Linux) PeerUID(fd int) (int, error) {
	cred, err := unix.GetsockoptUcred(fd, unix.SOL_SOCKET, unix.SO_PEERCRED)
	if err != nil {
		return -1, err
	}
	return int(cred.Uid), nil
}

// PeerPID returns the process at the other end of a unix connection; 0: it is of a PID
// namespace that we do not see.
func (k *Linux) PeerPID(fd int) (int, error) {
	cred, err := unix.GetsockoptUcred(fd, unix.SOL_SOCKET, unix.SO_PEERCRED)
	if err != nil {
		return 0, err
	}
	return int(cred.Pid), nil
}

// Send writes to a unix connection, with a descriptor if pass >= 0. It never raises
// SIGPIPE.
func (k *Linux) Send(fd int, p []byte, pass int) (int, error) {
	var oob []byte
	if pass >= 0 {
		oob = unix.UnixRights(pass)
	}
	for {
		n, err := unix.SendmsgN(fd, p, oob, nil, unix.MSG_NOSIGNAL|unix.MSG_DONTWAIT)
		switch err {
		case unix.EINTR:
			continue
		case unix.EAGAIN:
			return 0, nil
		}
		return max(n, 0), err
	}
}

// Pair returns two connected sockets: ours, which does not block, and one for a child.
func (k *Linux) Pair() (ours, theirs int, err error) {
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return -1, -1, err
	}
	unix.SetNonblock(fds[0], true)
	return fds[0], fds[1], nil
}
