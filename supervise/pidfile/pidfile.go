// Package pidfile writes the supervisor's own pid file, and removes what it has written.
package pidfile

import (
	"strconv"

	"slipway/supervise/words"
)

// Files makes and removes files.
type Files interface {
	WriteFile(path string, data []byte, mode uint32) error
	Remove(path string) error
}

// Log is where it is said that the file cannot be written.
type Log interface{ Critical(parts ...string) }

// File is a pid file; the zero value is none.
type File struct{ path string }

// Write writes pid to the file at path; "" and NONE are none. With explain the cause of a failure
// is said, which Supervisor does not do.
func Write(files Files, log Log, path string, pid int, explain bool) (f File) {
	if path == "" || path == "NONE" {
		return f
	}
	if err := files.WriteFile(path, []byte(strconv.Itoa(pid)+"\n"), 0o644); err != nil {
		why := ""
		if explain {
			why = ": " + words.ErrnoName(err)
		}
		log.Critical("could not write pidfile ", path, why)
		return f
	}
	return File{path}
}

// Remove removes the file, if it was written.
func (f File) Remove(files Files) {
	if f.path != "" {
		files.Remove(f.path)
	}
}
