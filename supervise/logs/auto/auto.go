//go:build linux

// Package auto makes and removes the log files whose names are made up, because a
// configuration says AUTO.
package auto

import (
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/sys/unix"
)

// Files is what is asked of the system.
type Files interface {
	OpenFile(path string, flags int, mode uint32) (fd int, err error)
	Close(fd int) error
	Remove(path string) error
}

// New makes the file of an AUTO log in dir and returns its path:
// <process>-<stdout|stderr>---<identifier>-<8 random characters>.log, for its
// owner only. It is made when the process's group is, kept over restarts, and
// written with private set in Spec.
func New(sys Files, dir, process, channel, identifier string) (string, error) {
	const letters = "abcdefghijklmnopqrstuvwxyz0123456789_"
	for {
		var random [8]byte
		for i := range random {
			random[i] = letters[rand.IntN(len(letters))]
		}
		path := filepath.Join(dir, process+"-"+channel+"---"+identifier+"-"+string(random[:])+".log")
		fd, err := sys.OpenFile(path, unix.O_WRONLY|unix.O_CREAT|unix.O_EXCL, 0o600)
		switch err {
		case nil:
			return path, sys.Close(fd)
		case unix.EEXIST:
		default:
			return "", &fileError{"make", path, err}
		}
	}
}

// Clean removes the AUTO logs, and their backups, that an earlier daemon of
// the same identifier left in dir. It goes on after a failure; the error joins
// all of them.
func Clean(sys Files, dir, identifier string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return errors.New("cannot clean log directory: " + err.Error())
	}
	var all []error
	for _, e := range entries {
		if !isAuto(e.Name(), identifier) || e.IsDir() {
			continue
		}
		path := filepath.Join(dir, e.Name())
		if err := sys.Remove(path); err != nil && err != unix.ENOENT {
			all = append(all, &fileError{"remove", path, err})
		}
	}
	return errors.Join(all...)
}

// isAuto reports whether name is that of an AUTO log: at least one character,
// "---<identifier>-", non-blank characters, ".log", then optionally a dot and up
// to four digits. (Supervisor's own expression does not look at the end of the
// name, and takes the identifier as an expression.)
func isAuto(name, identifier string) bool {
	mark := "---" + identifier + "-"
	for i := 1; i < len(name); i++ {
		if strings.HasPrefix(name[i:], mark) && isAutoTail(name[i+len(mark):]) {
			return true
		}
	}
	return false
}

func isAutoTail(s string) bool {
	switch plain, zip := strings.CutSuffix(s, ".gz"); { // see package rotation
	case zip && plain != "" && '0' <= plain[len(plain)-1] && plain[len(plain)-1] <= '9':
		s = plain
	default:
		s = strings.TrimSuffix(s, ".gz~")
	}
	for range 4 {
		if n := len(s); n > 0 && '0' <= s[n-1] && s[n-1] <= '9' {
			s = s[:n-1]
		}
	}
	s = strings.TrimSuffix(s, ".")
	random, ok := strings.CutSuffix(s, ".log")
	return ok && random != "" && strings.IndexFunc(random, unicode.IsSpace) < 0
}

// fileError says which file could not be made or removed.
type fileError struct {
	op   string
	path string
	err  error
}

func (e *fileError) Error() string {
	return "cannot " + e.op + " log file " + strconv.Quote(e.path) + ": " + e.err.Error()
}

// Unwrap returns the cause.
func (e *fileError) Unwrap() error { return e.err }
