// Package smallfile reads files that hold one value: secrets, settings.
package smallfile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"syscall"
)

// MaxSize is the size of the largest file that is read, in bytes. A variable can
// hold 128 KiB; templates can use more.
const MaxSize = 1 << 20

// Errors of Read besides those of the file system. The last two are about files that can be
// read and can be no variable.
var (
	ErrNotRegular = errors.New("it is not a regular file")
	ErrNUL        = errors.New("it contains a NUL byte, which no environment can carry")
	ErrTooLarge   = fmt.Errorf("it has more than %d bytes", MaxSize)
)

// Content is what a file holds.
type Content struct {
	// Bytes are all of it; nil for a file that is too large.
	Bytes []byte
	Size  int64
	// Unfit says why it is no text that a variable can have: ErrNUL or ErrTooLarge; nil if
	// it is one.
	Unfit error
}

// Text is the value that a file holds: its content without the line breaks at its end, as
// the shell's $(cat FILE) takes it.
func (c Content) Text() string { return strings.TrimRight(string(c.Bytes), "\r\n") }

// Read returns the content of a file. The error does not name the file, which the caller
// knows by a better name, and never shows the content.
func Read(path string) (Content, error) {
	info, err := os.Stat(path) // before it is opened: to open a device may do something
	if err != nil {
		return Content{}, Cause(err)
	}
	if !info.Mode().IsRegular() {
		return Content{}, ErrNotRegular
	}
	file, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0) // it may be a FIFO by now
	if err != nil {
		return Content{}, Cause(err)
	}
	defer func() { _ = file.Close() }()
	if info, err = file.Stat(); err != nil {
		return Content{}, Cause(err)
	}
	if !info.Mode().IsRegular() {
		return Content{}, ErrNotRegular
	}
	c := Content{Size: info.Size()}
	if c.Size > MaxSize {
		c.Unfit = ErrTooLarge
		return c, nil
	}
	if c.Bytes, err = io.ReadAll(io.LimitReader(file, MaxSize+1)); err != nil {
		return Content{}, Cause(err)
	}
	if len(c.Bytes) > MaxSize { // it has grown
		return Content{Size: int64(len(c.Bytes)), Unfit: ErrTooLarge}, nil
	}
	if c.Size = int64(len(c.Bytes)); bytes.IndexByte(c.Bytes, 0) >= 0 {
		c.Unfit = ErrNUL
	}
	return c, nil
}

// NoFile says what stands at a path where Read has found no file, "" if there is a file, or
// it cannot be told. It never fails for what vanished meanwhile.
func NoFile(path string) string {
	link, err := os.Lstat(path)
	if err != nil {
		return ""
	}
	what, at := "it is ", link
	if link.Mode()&fs.ModeSymlink != 0 {
		target, _ := os.Readlink(path)
		at, err = os.Stat(path)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return fmt.Sprintf("it is a link to %s, which is not there", target)
		case errors.Is(err, syscall.ELOOP):
			return fmt.Sprintf("it is a link to %s, which leads round in a circle", target)
		case errors.Is(err, syscall.ENOTDIR):
			return fmt.Sprintf("it is a link to %s, on the way to which there is no folder", target)
		case err != nil:
			return ""
		}
		what = fmt.Sprintf("it is a link to %s, ", target)
	}
	switch mode := at.Mode(); {
	case mode.IsDir():
		return what + "a folder"
	case mode&fs.ModeNamedPipe != 0:
		return what + "a FIFO"
	case mode&fs.ModeSocket != 0:
		return what + "a socket"
	case mode&fs.ModeDevice != 0:
		return what + "a device"
	}
	return ""
}

// Cause is the reason of a file error without the operation and the path.
func Cause(err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err
	}
	return err
}
