package handoff

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
)

// Exec is an execve to be made.
type Exec struct {
	Path string
	Argv []string // Argv[0] included
	Env  []string // complete
	Boot *os.File // the snapshot, or nil; Env gets its number

	// For Detach only: the working directory ("" keeps) and the umask.
	Dir   string
	Umask int
}

// Run replaces the process image. It returns only if that fails, with every
// descriptor as it was, so that the caller can still report.
func (e Exec) Run() error {
	env := e.Env
	var keep []int
	if e.Boot != nil {
		fd := int(e.Boot.Fd())
		env = append(Without(env, EnvBootFD), EnvBootFD+"="+strconv.Itoa(fd))
		keep = append(keep, fd)
	}
	if err := closeOnExec(keep); err != nil {
		return fmt.Errorf("cannot execute %s: %w", e.Path, err)
	}
	if err := syscall.Exec(e.Path, e.Argv, env); err != nil {
		return fmt.Errorf("cannot execute %s: %w", e.Path, err)
	}
	return nil
}

// Without returns env without the variables of these names. env is unchanged.
func Without(env []string, names ...string) []string {
	out := make([]string, 0, len(env)+1)
entries:
	for _, e := range env {
		name, _, _ := strings.Cut(e, "=")
		for _, n := range names {
			if n == name {
				continue entries
			}
		}
		out = append(out, e)
	}
	return out
}
