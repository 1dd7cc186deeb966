// Package smallfile reads files that hold one value: secrets, settings.
package smallfile

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
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
	info, err := os.Stat(path)
	if err != nil {
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
	if c.Bytes, err = os.ReadFile(path); err != nil {
		return Content{}, Cause(err)
	}
	if c.Size = int64(len(c.Bytes)); bytes.IndexByte(c.Bytes, 0) >= 0 {
		c.Unfit = ErrNUL
	}
	return c, nil
}

// Cause is the reason of a file error without the operation and the path.
func Cause(err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err
	}
	return err
}
