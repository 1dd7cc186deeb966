package launch

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"slipway/render"
	"slipway/supervise/config"
	"slipway/supervise/system"
)

// CheckCommands finds the programs that cannot be started, before anything is
// written: those of autostart whose command is not there, or cannot be executed.
// Each is a *CommandError that names the program and its place. A command that a
// template makes is there. A program whose failure is to be ignored
// (on_fatal = ignore) is a note of the image that is returned instead; with late, so is
// one whose command is to be on a volume that may still come. The image is there also with
// an error.
func (im *Image) CheckCommands(plan *render.Plan, late bool) (*Image, error) {
	rendered := plan.Makes()
	var errs []error
	var notes []Note
	seen := map[string]bool{}
	for _, g := range im.Config.Groups {
		for i := range g.Processes {
			p := &g.Processes[i]
			if !p.Autostart && !p.OnDemand() || seen[p.Program+"\x00"+p.Command] {
				continue
			}
			seen[p.Program+"\x00"+p.Command] = true
			err := im.checkCommand(p, rendered)
			switch {
			case err == nil:
			case p.OnFatal == config.OnFatalIgnore, late && mayComeLate(err):
				notes = append(notes, Note{Text: err.Error()})
			default:
				errs = append(errs, err)
			}
		}
	}
	return im.noting(notes), errors.Join(errs...)
}

func (im *Image) checkCommand(p *config.Process, rendered map[string]bool) error {
	who := fmt.Sprintf("program %s (%s)", p.Program, p.Pos)
	if p.ArgvErr != "" {
		return &CommandError{Command: who, Found: true, Reason: "its command cannot be split into words: " + p.ArgvErr}
	}
	if len(p.Argv) == 0 || rendered[filepath.Clean(p.Argv[0])] {
		return nil
	}
	path := im.pathOf(p)
	file, found := system.FindCommand(p.Argv[0], path, func(file string) bool {
		_, err := os.Stat(file)
		return err == nil || rendered[absolute(file)]
	})
	if rendered[absolute(file)] {
		return nil
	}
	err := executable(file)
	if !found && !strings.Contains(file, "/") {
		err = &CommandError{Command: file, Reason: "not found in PATH " + path}
	}
	var c *CommandError
	if errors.As(err, &c) {
		return &CommandError{Command: who, Found: c.Found, Reason: "command " + c.Command + ": " + c.Reason, missing: c.missing, file: c.Command}
	}
	return err
}

// mayComeLate reports whether a command is not there because a volume has not been filled
// yet: where it would be is another file system than the root's. The supervisor then tries
// it as often as startretries says.
func mayComeLate(err error) bool {
	var c *CommandError
	if !errors.As(err, &c) || c.missing == "" {
		return false
	}
	dir := filepath.Dir(absolute(c.missing))
	info, err := os.Stat(dir)
	for ; errors.Is(err, fs.ErrNotExist) && dir != "/"; info, err = os.Stat(dir) {
		dir = filepath.Dir(dir)
	}
	if err != nil {
		return false
	}
	root, err := os.Stat("/")
	return err == nil && onAnotherDevice(info, root)
}

func onAnotherDevice(a, b fs.FileInfo) bool {
	x, ok := a.Sys().(*syscall.Stat_t)
	y, ok2 := b.Sys().(*syscall.Stat_t)
	return ok && ok2 && x.Dev != y.Dev
}
