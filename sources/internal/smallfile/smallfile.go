// Package smallfile reads files that hold one value: secrets, settings.
package smallfile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
)

// MaxSize is the size of the largest file that is read, in bytes. A variable can
// hold 128 KiB; templates can use more.
const MaxSize = 1 << 20

// Errors of Read besides those of the file system.
var (
	ErrNotRegular = errors.New("it is not a regular file")
	ErrNUL        = errors.New("it contains a NUL byte, which no environment can carry")
)

// Read returns the value that a file holds: its content without the line breaks
// at its end, as the shell's $(cat FILE) takes it. The error does not name the
// file, which the caller knows by a better name, and never shows the content.
func Read(path string) (string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return "", Cause(err)
	}
	if !info.Mode().IsRegular() {
		return "", ErrNotRegular
	}
	if info.Size() > MaxSize {
		return "", fmt.Errorf("it has %d bytes, more than %d", info.Size(), MaxSize)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return "", Cause(err)
	}
	text := strings.TrimRight(string(data), "\r\n")
	if strings.IndexByte(text, 0) >= 0 {
		return "", ErrNUL
	}
	return text, nil
}

// Cause is the reason of a file error without the operation and the path.
func Cause(err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err
	}
	return err
}
