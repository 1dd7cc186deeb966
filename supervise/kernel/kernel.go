package kernel

import (
	"syscall"
	"time"

	"slipway/supervise/attributes"
)

// Kernel is what the loop still asks of the operating system through one interface.
type Kernel interface {
	Now() time.Time
	Spawn(c *Command) (pid int, err error)
	Kill(pid int, sig syscall.Signal) error
	Peek() (pid int, err error)
	Reap(pid int) (Exit, error)
	Children() []int
	Marked(pid int, vars []string) bool
	Signals() Signals
	Pipe() (r, w int, err error)
	InputPipe() (r, w int, err error)
	OutputPipe() (r, w int, err error)
	Enlarge(fd int)
	Read(fd int, p []byte) (int, error)
	Write(fd int, p []byte) (int, error)
	Close(fd int) error
	Watch(fd int, want Mode) error
	Unwatch(fd int)
	Wait(buf []Ready, timeout time.Duration) []Ready
	Trim()
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
	Path        string
	Argv        []string
	Env         []string
	Dir         string          // "": the supervisor's
	Umask       int             // -1: the supervisor's
	Credential  *Credential     // nil: the supervisor's
	Files       []int           // become descriptors 0, 1, 2 … of the program
	DeathSignal int             // sent to it when the supervisor dies; 0: none
	Foreground  bool            // gets the terminal that is descriptor 0
	Attributes  attributes.List // only Hold sets them
	PIDVariable string          // of Env, which Hold gives its number; its value is as long as any
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
