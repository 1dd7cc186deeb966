//go:build linux

package sink

import (
	"time"

	"slipway/supervise/kernel"
)

// Files is what log files ask of the system. Write takes a part at least, or fails.
type Files interface {
	OpenFile(path string, flags int, mode uint32) (fd int, err error)
	Write(fd int, p []byte) (int, error)
	Close(fd int) error
	Position(fd int) (int64, error)
	Truncate(fd int) error
	StatOpen(fd int) (kernel.FileInfo, error)
}

// Names is what is done to the names of log files. Stat follows links, ReadLink does not.
type Names interface {
	Stat(path string) (kernel.FileInfo, error)
	ReadLink(path string) (string, error)
	Rename(from, to string) error
	Remove(path string) error
}

// System is what the package asks of the operating system; *kernel.Linux is the real one.
// Writable waits until fd takes more; it is called in a Writer's goroutine only. That of
// *kernel.Linux needs somebody who calls its Wait.
type System interface {
	Files
	Names
	Now() time.Time
	Writable(fd int) error
}

// NeverStalls is what a System may implement beside: writes to the descriptor never wait
// for a reader, so that no goroutine is needed for it. Simulated ones say so.
type NeverStalls interface {
	NeverStalls(fd int) bool
}
