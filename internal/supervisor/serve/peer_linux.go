package serve

import "golang.org/x/sys/unix"

// peerUID returns the user at the other end of a unix socket.
func peerUID(fd int) (int, bool) {
	cred, err := unix.GetsockoptUcred(fd, unix.SOL_SOCKET, unix.SO_PEERCRED)
	if err != nil {
		return 0, false
	}
	return int(cred.Uid), true
}
