package launch

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"slipway/internal/handoff"
	"slipway/internal/version"
	"slipway/sources"
	"slipway/sources/environ"
	"slipway/supervise/boot"
)

// InitName is the executable of the supervisor, and the name that makes our own
// executable one.
const InitName = "slipway-init"

// Init returns the executable of the supervisor: slipway-init beside the running
// executable, else the running executable itself.
func Init() (string, error) {
	const self = "/proc/self/exe"
	exe, err := os.Readlink(self)
	own := self
	if err != nil { // no /proc: by the name that we were called by
		if exe, err = called(os.Args[0]); err != nil {
			return "", fmt.Errorf("cannot find the supervisor: /proc is not mounted, and slipway is not found as %s: %w", os.Args[0], err)
		}
		own = exe
	}
	beside := filepath.Join(filepath.Dir(exe), InitName)
	if info, err := os.Stat(beside); err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0 {
		return beside, nil
	} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("cannot find the supervisor: %w", err)
	}
	return own, nil
}

// called is the file of a command, with links followed.
func called(name string) (string, error) {
	path, err := exec.LookPath(name)
	if err == nil {
		path, err = filepath.EvalSymlinks(absolute(path))
	}
	return path, err
}

// captured is where a variable of the container's own environment is from.
var captured = sources.Origin{Source: environ.Source}

// Snapshot is what crosses to the supervisor, and what `slipway env` shows of a
// running container.
func (im *Image) Snapshot() handoff.Snapshot {
	s := handoff.Snapshot{Captured: im.Captured, Config: absolute(im.Document.File), Root: im.Root(), Kept: im.Document.kept}
	if s.Root == "" {
		s.Runtime = im.Runtime()
	}
	for _, name := range im.Values.Names() {
		e, _ := im.Values.Lookup(name)
		if e.Value.Origin == captured && !e.Value.Secret && len(e.Shadowed) == 0 {
			s.Plain = true
			continue
		}
		v := valueOf(e.Value)
		v.Name = name
		for _, old := range e.Shadowed {
			v.Shadowed = append(v.Shadowed, valueOf(old))
		}
		s.Values = append(s.Values, v)
	}
	for _, p := range im.Peers {
		s.Peers = append(s.Peers, handoff.Peer{
			Name: p.Name, Host: p.Host, Port: p.Port, Exposed: p.Exposed, Proto: p.Proto, Source: p.Source, Note: p.Note,
			Self: p.Self, Partial: p.Partial, Origin: valueOf(sources.Value{Origin: p.Origin}),
		})
	}
	for _, n := range im.AllNotes() {
		s.Notes = append(s.Notes, n.String())
	}
	return s
}

// absolute is a path that means the same from every folder.
func absolute(file string) string {
	if abs, err := filepath.Abs(file); file != "" && err == nil {
		return abs
	}
	return file
}

func valueOf(v sources.Value) handoff.Value {
	return handoff.Value{
		Text: v.Text, Secret: v.Secret, Source: v.Origin.Source,
		File: v.Origin.File, Line: v.Origin.Line, Col: v.Origin.Col, Revision: v.Origin.Revision,
	}
}

// Handoff is the execve into the supervisor, ready to be made. args follow the
// mode: options, then -- and a command.
func (im *Image) Handoff(mode string, args []string) (handoff.Exec, error) {
	path, err := Init()
	if err != nil {
		return handoff.Exec{}, err
	}
	e := handoff.Exec{Path: path, Argv: []string{InitName, mode}, Env: append(boot.OneProcessor(im.Environ), boot.EnvVersion+"="+version.Get().Version)}
	if im.Document.File != "" {
		e.Argv = append(e.Argv, "-c", im.Document.File)
	}
	e.Argv = append(e.Argv, args...)
	e.Env = append(e.Env, boot.SecretNames(im.SecretNames())...)
	text, err := im.Snapshot().Encode()
	if err != nil {
		return handoff.Exec{}, err
	}
	e.Boot, err = handoff.Memory(text)
	if err != nil && !errors.Is(err, errors.ErrUnsupported) {
		return handoff.Exec{}, err
	}
	if len(im.Document.kept) > 0 {
		if e.Kept, err = handoff.Memory(im.Document.kept.Encode()); err != nil {
			return handoff.Exec{}, fmt.Errorf("cannot hand %s to the supervisor, which can be read only once: %w",
				strings.Join(im.Document.kept.Names(), ", "), err)
		}
	}
	return e, nil // without memfd there is no snapshot, and the container runs
}
