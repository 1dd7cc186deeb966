package handoff

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"syscall"

	"slipway/supervise/boot"
)

// Exec is an execve to be made.
type Exec struct {
	Path string
	Argv []string // Argv[0] included
	Env  []string // complete
	Boot *os.File // the snapshot, or nil; Env gets its number
	Kept *os.File // configuration files that could be read only once, or nil; likewise
	// Foreign is a program that is not ours: no signal may be held back for it.
	Foreign bool
	// Files leaves our descriptors open for it: they were made for it.
	Files bool
	// Last is asked right before the execve whether it is still wanted; nil: it is.
	Last func() bool

	// For Detach only: the working directory ("" keeps) and the umask.
	Dir   string
	Umask int
}

var errUnwanted = errors.New("the execve is not wanted any more")

// crossing is a descriptor that the next stage gets, and the variable with its number.
type crossing struct {
	env  string
	file *os.File
}

func (e Exec) crossing() []crossing {
	var all []crossing
	for _, c := range []crossing{{boot.EnvBootFD, e.Boot}, {boot.EnvKeptFD, e.Kept}} {
		if c.file != nil {
			all = append(all, c)
		}
	}
	return all
}

// Run replaces the process image. It returns only if that fails, with every
// descriptor as it was, so that the caller can still report.
func (e Exec) Run() error {
	env := e.Env
	var keep []int
	for _, c := range e.crossing() {
		fd := int(c.file.Fd())
		env = append(boot.Without(env, c.env), c.env+"="+strconv.Itoa(fd))
		keep = append(keep, fd)
	}
	if !e.Files {
		if err := closeOnExec(keep); err != nil {
			return fmt.Errorf("cannot execute %s: %w", e.Path, err)
		}
	}
	if e.Last != nil && !e.Last() {
		return errUnwanted
	}
	if err := syscall.Exec(e.Path, e.Argv, env); err != nil {
		return fmt.Errorf("cannot execute %s: %w", e.Path, err)
	}
	return nil
}
