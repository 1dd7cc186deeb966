// Package oneshot remembers which programs with run=once have completed: a stamp is a small
// file per program below state_dir. It holds a sum of the command, so that another command is
// another task. A stamp that cannot be read is none: to run a task twice is what tasks must
// stand, to leave it out is not.
package oneshot

import (
	"strconv"
	"strings"

	"slipway/supervise/kernel"
)

// Files are the files of a folder. MakeDir makes those above it as well.
type Files interface {
	OpenRead(path string) (fd int, info kernel.FileInfo, err error)
	ReadAt(fd int, p []byte, off int64) (int, error)
	Close(fd int) error
	MakeDir(path string) error
	WriteFile(path string, data []byte, mode uint32) error
}

// Stamps are those of a folder.
type Stamps struct {
	Files Files
	Dir   string
}

// Path is the file of a program, by its full name.
func (s *Stamps) Path(name string) string { return s.Dir + "/once/" + name }

// Has reports whether a program has completed with this command.
func (s *Stamps) Has(name string, command []string) bool {
	fd, info, err := s.Files.OpenRead(s.Path(name))
	if err != nil {
		return false
	}
	defer s.Files.Close(fd)
	buf := make([]byte, 64)
	if !info.IsRegular() {
		return false
	}
	n, _ := s.Files.ReadAt(fd, buf, 0)
	return string(buf[:max(n, 0)]) == stamp(command)
}

// Put notes that a program has completed with this command.
func (s *Stamps) Put(name string, command []string) error {
	if err := s.Files.MakeDir(s.Dir + "/once"); err != nil {
		return err
	}
	return s.Files.WriteFile(s.Path(name), []byte(stamp(command)), 0o644)
}

// stamp is a sum of a command, which may have a secret in it (FNV-1a).
func stamp(command []string) string {
	h := uint64(14695981039346656037)
	for _, c := range []byte(strings.Join(command, "\x00")) {
		h = (h ^ uint64(c)) * 1099511628211
	}
	return "command " + strconv.FormatUint(h, 16) + "\n"
}
