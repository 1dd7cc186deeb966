package launch

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"slipway/render"
)

// CommandError says that a command cannot be run, like a shell does: not found
// (127), or found and not executable (126).
type CommandError struct {
	Command string
	Found   bool
	Reason  string
	missing string // the file that there is not; "" if a name was looked for in PATH
	file    string // what was looked for, where Command says for whom
}

// File is what was looked for: a name, or a path.
func (e *CommandError) File() string { return cmp.Or(e.file, e.Command) }

func (e *CommandError) Error() string {
	return fmt.Sprintf("cannot execute %s: %s", e.Command, e.Reason)
}

// LookCommand finds a command in the PATH of the merged values, which may differ from
// slipway's own, before the plan is applied: what a template makes is there. The error
// is a *CommandError.
func (im *Image) LookCommand(plan *render.Plan, command string) (string, error) {
	path, _, _ := im.Values.Get("PATH")
	file, err := LookPath(command, path)
	if err == nil {
		return file, nil
	}
	candidates := []string{command}
	if !strings.Contains(command, "/") {
		candidates = nil
		for _, dir := range filepath.SplitList(path) {
			candidates = append(candidates, filepath.Join(dir, command))
		}
	}
	made := plan.Makes()
	for _, c := range candidates {
		if made[absolute(c)] {
			return c, nil
		}
	}
	return "", err
}

// LookPath finds a command in a PATH. The error is a *CommandError.
func LookPath(command, path string) (string, error) {
	if strings.Contains(command, "/") {
		if err := executable(command); err != nil {
			return "", err
		}
		return command, nil
	}
	var refused error
	for _, dir := range filepath.SplitList(path) {
		if dir == "" {
			dir = "."
		}
		file := filepath.Join(dir, command)
		err := executable(file)
		if err == nil {
			return file, nil
		}
		var c *CommandError
		if errors.As(err, &c) && c.Found && refused == nil {
			refused = err
		}
	}
	if refused != nil {
		return "", refused
	}
	return "", &CommandError{Command: command, Reason: "not found in PATH " + path}
}

// executable returns nil, or why a file cannot be executed.
func executable(file string) error {
	info, err := os.Stat(file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return &CommandError{Command: file, Reason: "no such file", missing: file}
	case err != nil:
		return &CommandError{Command: file, Found: true, Reason: err.Error()}
	case info.IsDir():
		return &CommandError{Command: file, Found: true, Reason: "it is a directory"}
	case info.Mode()&0o111 == 0:
		return &CommandError{Command: file, Found: true, Reason: fmt.Sprintf("its mode is %04o", info.Mode().Perm())}
	}
	return nil
}
