// Package datagram receives and sends the datagrams of sd_notify(3), by unix sockets.
package datagram

import "golang.org/x/sys/unix"

// Notifications are the part of the kernel that does it.
type Notifications struct{}

// Tell sends a datagram to the socket of that name: a path, or "@" and an abstract name. It
// does not wait for somebody who does not read: then it fails with EAGAIN.
func (Notifications) Tell(name, text string) error {
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	return unix.Sendto(fd, []byte(text), unix.MSG_NOSIGNAL, &unix.SockaddrUnix{Name: name})
}

// ListenNotify returns a datagram socket at an abstract name that nobody can guess, and
// the name, for programs that call sd_notify(3). It tells who sends.
func (Notifications) ListenNotify() (fd int, name string, err error) {
	var random [16]byte
	if _, err := unix.Getrandom(random[:], 0); err != nil {
		return -1, "", err
	}
	name = "@slipway-" + hex(random[:])
	fd, err = unix.Socket(unix.AF_UNIX, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		return -1, "", err
	}
	if err = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_PASSCRED, 1); err == nil {
		err = unix.Bind(fd, &unix.SockaddrUnix{Name: name})
	}
	if err != nil {
		unix.Close(fd)
		return -1, "", err
	}
	return fd, name, nil
}

func hex(b []byte) string {
	const digits = "0123456789abcdef"
	out := make([]byte, 0, 2*len(b))
	for _, c := range b {
		out = append(out, digits[c>>4], digits[c&15])
	}
	return string(out)
}

// ReceiveNotify reads one datagram of [Notifications.ListenNotify]'s socket and says which user sent
// it. Descriptors that came with it are closed.
func (Notifications) ReceiveNotify(fd int, p []byte) (n, uid int, err error) {
	oob := make([]byte, unix.CmsgSpace(unix.SizeofUcred)+unix.CmsgSpace(maxPassed*4))
	n, oobn, _, _, err := unix.Recvmsg(fd, p, oob, unix.MSG_CMSG_CLOEXEC)
	if err != nil {
		return 0, -1, err
	}
	uid = -1
	messages, _ := unix.ParseSocketControlMessage(oob[:oobn]) // none that can be read is none
	for i := range messages {
		if cred, err := unix.ParseUnixCredentials(&messages[i]); err == nil {
			uid = int(cred.Uid)
		}
		if fds, err := unix.ParseUnixRights(&messages[i]); err == nil {
			for _, passed := range fds {
				unix.Close(passed)
			}
		}
	}
	return n, uid, nil
}

// maxPassed is how many descriptors the kernel passes at once, at most.
const maxPassed = 253
