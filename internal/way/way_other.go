//go:build !linux

package way

import (
	"os"

	"golang.org/x/sys/unix"
)

// LinkError is met on Linux only.
type LinkError struct {
	Link string
	UID  int
}

func (e *LinkError) Error() string { return "the symbolic link " + e.Link + " is not followed" }

// Unwrap returns ELOOP.
func (e *LinkError) Unwrap() error { return unix.ELOOP }

// Folder leaves the way to the system: containers are Linux, this is for looking at templates.
func Folder(file string) (dir int, base string, err error) { return unix.AT_FDCWD, file, nil }

// File opens a file as open(2) does.
func File(file string, flags int, mode uint32) (int, error) {
	return unix.Open(file, flags|unix.O_CLOEXEC, mode)
}

// Close closes what Folder returned.
func Close(int) {}

// MakeDirs makes a folder and those above it, as mkdir -p does.
func MakeDirs(folder string, mode uint32) error { return os.MkdirAll(folder, os.FileMode(mode)) }

// Own opens a file for reading.
func Own(file string) (int, error) { return File(file, unix.O_RDONLY|unix.O_NONBLOCK, 0) }
