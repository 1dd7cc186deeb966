package supervise

import (
	"time"

	"slipway/supervise/child"
	"slipway/supervise/front"
	"slipway/supervise/kernel"
	"slipway/supervise/life"
	"slipway/supervise/logs/sink"
	"slipway/supervise/loop"
	"slipway/supervise/ondemand"
	"slipway/supervise/output"
	"slipway/supervise/ownership"
	"slipway/supervise/server"
	"slipway/supervise/upward"
)

// Kernel is all that the supervisor asks of the operating system: what each of its parts
// asks. *kernel.Linux is the real one.
type Kernel interface {
	loop.Poller
	loop.Reaper
	life.Kernel
	ondemand.Kernel
	ownership.Kernel
	child.Kernel
	child.Files
	output.Kernel
	server.Kernel
	front.Kernel
	sink.System
	upward.Kernel
	files
	self
}

// files are those of the supervisor itself and those that clients ask for.
type files interface {
	OpenLog(path string) (fd int, info kernel.FileInfo, err error)
	ReadAt(fd int, p []byte, off int64) (int, error)
	WriteFile(path string, data []byte, mode uint32) error
	Remove(path string) error
}

// self is about the supervisor's own process. Wake is the one method for other goroutines:
// it makes Wait return. Hide closes the process to others of the same user, for good.
// Wall is the time of day, which somebody may set.
type self interface {
	Wall() time.Time
	Hide() error
	Executable() string
	PIDNamespace() uint64
	DropStdio()
	IsTerminal(fd int) bool
	Trim()
	Wake()
}

var _ Kernel = (*kernel.Linux)(nil)
