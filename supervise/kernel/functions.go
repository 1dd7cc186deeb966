package kernel

// The functions that their callers have not left yet for the methods of Linux.

// ListenUnix is [Linux.ListenUnix].
func ListenUnix(path string, mode uint32, uid, gid int) (int, error) {
	return (*Linux)(nil).ListenUnix(path, mode, uid, gid)
}

// ListenAbstract is [Linux.ListenAbstract].
func ListenAbstract(name string) (int, error) { return (*Linux)(nil).ListenAbstract(name) }

// ListenTCP is [Linux.ListenTCP].
func ListenTCP(host string, port int) (int, error) { return (*Linux)(nil).ListenTCP(host, port) }

// ListenNotify is [Linux.ListenNotify].
func ListenNotify() (fd int, name string, err error) { return (*Linux)(nil).ListenNotify() }

// ReceiveNotify is [Linux.ReceiveNotify].
func ReceiveNotify(fd int, p []byte) (n, uid int, err error) {
	return (*Linux)(nil).ReceiveNotify(fd, p)
}

// Accept is [Linux.Accept].
func Accept(listener int) (int, error) { return (*Linux)(nil).Accept(listener) }

// PeerUID is [Linux.PeerUID].
func PeerUID(fd int) (int, error) { return (*Linux)(nil).PeerUID(fd) }

// Send is [Linux.Send].
func Send(fd int, p []byte, pass int) (int, error) { return (*Linux)(nil).Send(fd, p, pass) }

// Pair is [Linux.Pair].
func Pair() (ours, theirs int, err error) { return (*Linux)(nil).Pair() }

// MakeDir is [Linux.MakeDir].
func MakeDir(path string) error { return (*Linux)(nil).MakeDir(path) }

// PIDNamespace is [Linux.PIDNamespace].
func PIDNamespace() uint64 { return (*Linux)(nil).PIDNamespace() }

// DropStdio is [Linux.DropStdio].
func DropStdio() { (*Linux)(nil).DropStdio() }

// IsTerminal is [Linux.IsTerminal].
func IsTerminal(fd int) bool { return (*Linux)(nil).IsTerminal(fd) }
