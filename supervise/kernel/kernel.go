package kernel

import (
	"syscall"
	"time"
)

// Kernel is what the loop needs of the operating system. Descriptors are plain
// numbers, are closed on exec, and never block.
type Kernel interface {
	// Now returns the time, with a monotonic reading.
	Now() time.Time

	// Spawn forks and executes a command and returns its pid, which is also
	// the number of its process group. When it returns, the command is being
	// executed or there is no process. The error is an *exec failure of the
	// command or of one of the steps before it, as a syscall.Errno.
	Spawn(c *Command) (pid int, err error)
	// Kill sends a signal to a process, or to a process group as -pgid. The
	// pid must not have been reaped yet: until then its number is not reused.
	Kill(pid int, sig syscall.Signal) error
	// Peek returns a child that has died and leaves it a zombie; 0 if there
	// is none. It returns the same one until Reap is called. The error is
	// ECHILD when there are no children at all.
	Peek() (pid int, err error)
	// Reap takes the status of a child that Peek has returned.
	Reap(pid int) (Exit, error)
	// Children returns the pids of the children, in the order in which they
	// became children, or nil if the kernel does not tell.
	Children() []int
	// Marked reports whether a process was started with all of the given
	// "NAME=value" in its environment.
	Marked(pid int, vars []string) bool

	// Signals returns what has arrived since the last call. A signal wakes
	// Wait. The slice is valid until the next call.
	Signals() Signals

	// Pipe returns a pipe of which neither end blocks.
	Pipe() (r, w int, err error)
	// InputPipe returns a pipe whose write end does not block, and
	// OutputPipe one whose read end does not: the other end is for a program.
	InputPipe() (r, w int, err error)
	OutputPipe() (r, w int, err error)
	// Enlarge makes the pipe of a busy program hold more, if it may.
	Enlarge(fd int)
	Read(fd int, p []byte) (int, error)
	Write(fd int, p []byte) (int, error)
	Close(fd int) error

	// Watch adds a descriptor to those that Wait looks at, or changes what
	// for. Unwatch removes it, and must come before its Close.
	Watch(fd int, want Mode) error
	Unwatch(fd int)
	// Wait blocks until a descriptor is ready, a signal arrives or the time
	// has passed; a negative time means for ever. It may return nothing.
	Wait(buf []Ready, timeout time.Duration) []Ready
	// Trim gives back memory that was only needed to get started.
	Trim()
	// Wake makes Wait return. It is the one method for other goroutines.
	Wake()
}

// Mode is what a descriptor is watched for, or is ready for.
type Mode uint32

// The modes. Hangup is always reported, together with Readable if there may be
// bytes to read.
const (
	Readable Mode = 1 << iota
	Writable
	Hangup
)

// Ready is a descriptor that something can be done with.
type Ready struct {
	FD   int
	Mode Mode
}

// Command is what Spawn executes.
type Command struct {
	Path       string
	Argv       []string
	Env        []string
	Dir        string      // "": the supervisor's
	Umask      int         // -1: the supervisor's
	Credential *Credential // nil: the supervisor's
	Files      []int       // become descriptors 0, 1, 2 … of the program
	Foreground bool        // gets the terminal that is descriptor 0
}

// Credential is the identity a program gets.
type Credential struct {
	UID, GID int
	Groups   []int // supplementary, for setgroups(2)
}

// Exit is how a child ended.
type Exit struct {
	Code   int
	Signal int // 0: none
	Core   bool
}

// Signals are what was sent to the supervisor.
type Signals struct {
	Child bool      // a child may have died
	At    time.Time // when the first of these was noticed
	Other []syscall.Signal
}

// IsTransient reports whether a failed Spawn may succeed when it is tried again,
// with nothing changed but the load of the machine: the program is not at fault.
func IsTransient(err error) bool {
	switch err {
	case syscall.EAGAIN, syscall.ENOMEM, syscall.EMFILE, syscall.ENFILE, syscall.ENOSPC,
		syscall.ETXTBSY, syscall.ESTALE, syscall.EIO, syscall.EINTR:
		return true
	}
	return false
}
