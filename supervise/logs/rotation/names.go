//go:build linux

package rotation

import (
	"strconv"
	"syscall"

	"slipway/supervise/kernel"
)

// Names is what is done to the names of files. Stat follows links.
type Names interface {
	Stat(path string) (kernel.FileInfo, error)
	Rename(from, to string) error
	Remove(path string) error
}

// The ends of names: of a compressed file, and of one that is being made.
const (
	packed = ".gz"
	begun  = ".gz~"
)

// name is the name of an old file.
func name(path string, number int) string { return path + "." + strconv.Itoa(number) }

// Shift moves the old files and the log itself by one, in the order of Supervisor's
// RotatingFileHandler:
//
//  1. for i from backups-1 down to 1: where .i exists it becomes .i+1, replacing it;
//  2. the log becomes .1.
//
// Each rename replaces its target at once: the oldest file is gone before anything new is
// opened, which is what helps on a full disk. A name that somebody else has removed is passed
// over.
func Shift(sys Names, path string, backups int) error {
	for i := backups - 1; i > 0; i-- {
		if _, err := move(sys, name(path, i), name(path, i+1)); err != nil {
			return err
		}
	}
	_, err := move(sys, path, name(path, 1))
	return err
}

// move renames a file; done is false if there is none.
func move(sys Names, from, to string) (done bool, err error) {
	switch err = sys.Rename(from, to); err {
	case nil:
		return true, nil
	case syscall.ENOENT:
		return false, nil
	}
	return false, err
}

// remove removes a file that may be gone.
func remove(sys Names, path string) error {
	if err := sys.Remove(path); err != nil && err != syscall.ENOENT {
		return err
	}
	return nil
}
