package client

import (
	"net"
	"os"

	"golang.org/x/sys/unix"
)

// checkPeer asks the kernel who listens at the other end; see [trust].
func checkPeer(conn *net.UnixConn, path string) error {
	l, err := listener(conn)
	if err != nil {
		return err
	}
	return trust(os.Geteuid(), l, path)
}

func listener(conn *net.UnixConn) (Listener, error) {
	raw, err := conn.SyscallConn()
	if err != nil {
		return Listener{}, err
	}
	var cred *unix.Ucred
	var credErr error
	err = raw.Control(func(fd uintptr) {
		cred, credErr = unix.GetsockoptUcred(int(fd), unix.SOL_SOCKET, unix.SO_PEERCRED)
	})
	if err != nil {
		return Listener{}, err
	}
	if credErr != nil {
		return Listener{}, credErr
	}
	return Listener{PID: int(cred.Pid), UID: int(cred.Uid), GID: int(cred.Gid)}, nil
}

// PIDNamespace is the inode of our PID namespace, 0 if it cannot be told.
func PIDNamespace() uint64 {
	var st unix.Stat_t
	if unix.Stat("/proc/self/ns/pid", &st) != nil {
		return 0
	}
	return st.Ino
}

// FirstProcessUser is the user of PID 1, which in a container is the supervisor or has
// started it.
func FirstProcessUser() (uid int, ok bool) {
	var st unix.Stat_t
	if unix.Stat("/proc/1", &st) != nil {
		return 0, false
	}
	return int(st.Uid), true
}
