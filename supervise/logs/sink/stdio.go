//go:build linux

package sink

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// StdioFD returns the inherited descriptor, 1 or 2, that a log path means, or 0.
// The paths are never opened: that fails for a program whose stdout belongs to
// another user (moby#31243) and for a socket behind /dev/stdout
// (Supervisor#1237). /proc/1/fd/1, as some images have it, is ours only in the
// process that is PID 1.
func StdioFD(path string) int {
	switch path {
	case "/dev/stdout":
		return 1
	case "/dev/stderr":
		return 2
	}
	dir, name := filepath.Split(path)
	if name != "1" && name != "2" {
		return 0
	}
	switch dir {
	case "/dev/fd/", "/proc/self/fd/", "/proc/" + strconv.Itoa(os.Getpid()) + "/fd/":
		return int(name[0] - '0')
	}
	return 0
}

// IsStdio reports whether path is one of the names of stdout and stderr.
func IsStdio(path string) bool { return StdioFD(path) != 0 }

// maxLinks is how many symbolic links are followed, as many as Linux does.
const maxLinks = 40

// FD is StdioFD of a log path or of what it is a symbolic link to: official
// images link /var/log/nginx/access.log to /dev/stdout.
func (t *Targets) FD(path string) int {
	for range maxLinks {
		if fd := StdioFD(path); fd != 0 {
			return fd
		}
		if strings.HasPrefix(path, "/proc/") {
			return 0
		}
		to, err := t.sys.ReadLink(path)
		if err != nil {
			return 0
		}
		if !filepath.IsAbs(to) {
			to = filepath.Join(filepath.Dir(path), to)
		}
		path = filepath.Clean(to)
	}
	return 0
}
