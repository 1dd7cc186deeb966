package supervise

import (
	"syscall"

	"slipway/supervise/kernel"
	"slipway/supervise/logs/sink"
	"slipway/supervise/loop"
)

// Kernel is all that the supervisor asks of the operating system, in the parts in which
// it uses them. *kernel.Linux is the real one. Descriptors are plain numbers, are closed
// on exec, and never block.
type Kernel interface {
	loop.Poller
	loop.Reaper
	processes
	descriptors
	sockets
	notifications
	files
	self
	sink.System
}

// processes starts and signals.
type processes interface {
	// Spawn forks and executes a command and returns its pid, which is also the
	// number of its process group.
	Spawn(c *kernel.Command) (pid int, err error)
	// Kill sends a signal to a process, or to a process group as -pgid. The pid must
	// not have been reaped yet: until then its number is not reused.
	Kill(pid int, sig syscall.Signal) error
	// Children returns the pids of the children, nil if the kernel does not tell.
	Children() []int
	// Marked reports whether a process was started with all of the given
	// "NAME=value" in its environment.
	Marked(pid int, vars []string) bool
}

// descriptors makes, reads and writes them.
type descriptors interface {
	InputPipe() (r, w int, err error)
	OutputPipe() (r, w int, err error)
	Enlarge(fd int)
	Read(fd int, p []byte) (int, error)
	ReadAt(fd int, p []byte, off int64) (int, error)
	Write(fd int, p []byte) (int, error)
	Close(fd int) error
	Null() (fd int, err error)
	IsTerminal(fd int) bool
	SetBlocking(fd int)
}

// sockets listens and talks.
type sockets interface {
	ListenUnix(path string, mode uint32, uid, gid int) (int, error)
	ListenAbstract(name string) (int, error)
	ListenTCP(host string, port int) (int, error)
	Backlog(fd, n int)
	Accept(fd int) (int, error)
	PeerUID(fd int) (int, error)
	Send(fd int, p []byte, pass int) (int, error)
	Pair() (ours, theirs int, err error)
}

// notifications are sd_notify's.
type notifications interface {
	ListenNotify() (fd int, name string, err error)
	ReceiveNotify(fd int, p []byte) (n, uid int, err error)
}

// files looks at files.
type files interface {
	Stat(path string) (kernel.FileInfo, error)
	MayExecute(path string) error
	OpenRead(path string) (fd int, info kernel.FileInfo, err error)
	WriteFile(path string, data []byte, mode uint32) error
	Remove(path string) error
	MakeDir(path string) error
}

// self is about the supervisor's own process.
type self interface {
	Executable() string
	PIDNamespace() uint64
	Become(uid, gid int, groups []int) error
	Limit(resource int) (current, maximum uint64, err error)
	SetLimit(resource int, current, maximum uint64) error
	DropStdio()
	Trim()
	Wake()
}

var _ Kernel = (*kernel.Linux)(nil)
