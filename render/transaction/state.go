package transaction

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"syscall"

	"slipway/render"
	"slipway/render/transaction/durable"
)

// The files of the runtime folder are believed only if nobody else can have written
// them: root once wrote and removed files that the journal of another user named. So the
// owner is looked at on the open descriptor, and whatever is neither a regular file nor
// whole is set aside and never acted on.

// UselessError says why a file of the runtime folder is not believed.
type UselessError struct {
	File string
	Why  string
}

func (e *UselessError) Error() string { return e.File + " is of no use: " + e.Why }

// stranger says whether somebody with this uid could want something else than we do.
func stranger(owner int) bool { return owner != 0 && owner != uid() }

// writeState replaces a file of the runtime folder. The sum at its end tells damage from
// what was written: a single wrong letter in a path is valid JSON, and another file.
func writeState(fsys durable.FS, opts Options, name string, v any) error {
	text, err := json.Marshal(v)
	if err != nil {
		return err
	}
	file := opts.state(name)
	if err := durable.Replace(fsys, file, withSum(text), opts.Sync); err != nil {
		return explain(file, file, err)
	}
	return nil
}

const sumKey = `,"sum":"`

// withSum adds the digest of a JSON object to it, as its last member.
func withSum(text []byte) []byte {
	out := append([]byte{}, text[:len(text)-1]...)
	return append(out, sumKey+render.Digest(text)+`"}`...)
}

// checkSum says whether a text is as it was written. One without a sum is of a former version.
func checkSum(text []byte) bool {
	i := bytes.LastIndex(text, []byte(sumKey))
	if i < 0 {
		return true
	}
	sum, ok := bytes.CutSuffix(text[i+len(sumKey):], []byte(`"}`))
	return ok && render.Digest(append(append([]byte{}, text[:i]...), '}')) == string(sum)
}

// readState reads a file of the runtime folder into v. A [*UselessError] says that it is
// there and must not be believed.
func readState(fsys durable.FS, opts Options, name string, v any) error {
	file := opts.state(name)
	useless := func(format string, args ...any) error {
		return &UselessError{File: file, Why: fmt.Sprintf(format, args...)}
	}
	text, info, err := fsys.ReadState(file)
	switch {
	case errors.Is(err, syscall.ELOOP):
		return useless("it is a symbolic link")
	case errors.Is(err, syscall.ENXIO), errors.Is(err, syscall.ENODEV):
		return useless("it is no regular file")
	case err != nil:
		return err
	case !info.Mode.IsRegular():
		return useless("it is no regular file")
	case stranger(info.UID):
		return useless("it belongs to uid %d", info.UID)
	case info.Perm()&0o022 != 0:
		return useless("others can write it (mode %04o)", info.Perm())
	case !checkSum(text):
		return useless("it is damaged: its sum is wrong")
	}
	var syntax *json.SyntaxError
	switch err := json.Unmarshal(text, v); {
	case errors.As(err, &syntax):
		return useless("it is damaged: %v", err)
	case err != nil: // whose text is about Go's types
		return useless("it is damaged: it has not what slipway writes there")
	}
	return nil
}

// setAside renames a file that is of no use, so that it can be looked at. There is one
// such file for each name: what is found later takes its place.
func setAside(fsys durable.FS, u *UselessError) (what string, err error) {
	to := u.File + ".damaged"
	if err := fsys.Rename(u.File, to); err != nil {
		return "", fmt.Errorf("cannot set %s aside, remove it by hand (%s): %w", u.File, u.Why, err)
	}
	return fmt.Sprintf("%v; it was set aside as %s, and the files become what the templates say", u, path.Base(to)), nil
}

// badPath says what is wrong with the path of a file that something is to be done to, or "".
func badPath(file string) string {
	switch {
	case !path.IsAbs(file):
		return fmt.Sprintf("%q is not an absolute path", file)
	case file == "/" || path.Clean(file) != file || strings.ContainsRune(file, 0):
		return fmt.Sprintf("%q is not the path of a file", file)
	}
	return ""
}

// folderOfStranger says why the runtime folder is not to be believed, or "". It matters to
// root only: for others it is usual that a folder was made for them by somebody else.
func (o Options) folderOfStranger(fsys durable.FS) string {
	info, err := fsys.Stat(o.Runtime)
	if err != nil || uid() != 0 || !stranger(info.UID) { // an error is met again, and said then
		return ""
	}
	return fmt.Sprintf("it belongs to uid %d", info.UID)
}

// sweepState removes what a killed run left of the files that it was writing: they hold
// former contents, and a later generation has another name.
func (tx *Tx) sweepState() {
	names, err := tx.fsys.ReadDir(tx.opts.Runtime)
	for _, n := range names {
		stem, left := strings.CutSuffix(n, ".new")
		if !left || stem != journalFile && stem != manifestFile && stem != "original" && !isGeneration(stem) {
			continue
		}
		err = errors.Join(err, remove(tx.fsys, tx.opts.state(n)))
	}
	if err != nil {
		tx.note("cannot remove what an earlier run left in %s: %v", tx.opts.Runtime, err)
	}
}

func isGeneration(name string) bool {
	n, front := strings.CutPrefix(name, "generation-")
	n, back := strings.CutSuffix(n, ".json")
	return front && back && n != "" && strings.Trim(n, "0123456789") == ""
}

// asideFolders is how many changes that could go neither way are kept.
const asideFolders = 3

// abandon gives a change up that can neither be completed nor undone. Everything that is
// left of it is copied into a folder of its own, for whoever wants to look, and the way is
// free: the files become what the templates say.
func (r *recovery) abandon(why error) (string, error) {
	dir, err := r.asideFolder()
	if err == nil {
		err = r.keepVersions(dir)
	}
	if err == nil {
		err = r.fsys.Rename(r.opts.state(journalFile), path.Join(dir, journalFile))
	}
	if err == nil {
		err = r.clean(false)
	}
	if err != nil {
		return "", fmt.Errorf("an interrupted change can go neither forward nor back (%w), and the journal %s cannot be set aside: %w; remove it by hand",
			why, r.opts.state(journalFile), err)
	}
	return fmt.Sprintf("an interrupted change could go neither forward nor back (%v); all versions of its files are kept in %s, and the files become what the templates say",
		why, dir), nil
}

// asideFolder makes the next folder, and removes the oldest of too many.
func (r *recovery) asideFolder() (string, error) {
	names, err := r.fsys.ReadDir(r.opts.Runtime)
	if err != nil {
		return "", err
	}
	var have []string
	next := 1
	for _, n := range names {
		if i := 0; strings.HasPrefix(n, "aside-") {
			if _, err := fmt.Sscanf(n, "aside-%06d", &i); err == nil {
				have, next = append(have, n), max(next, i+1)
			}
		}
	}
	for ; len(have) >= asideFolders; have = have[1:] {
		if err := removeAll(r.fsys, r.opts.state(have[0])); err != nil {
			return "", err
		}
	}
	dir := r.opts.state(fmt.Sprintf("aside-%06d", next))
	return dir, r.fsys.Mkdir(dir, 0o700)
}

// keepVersions copies what is in place, what was to come and what was before.
func (r *recovery) keepVersions(dir string) error {
	for i, e := range r.j.Entries {
		for _, v := range []struct{ kind, file string }{{"present", e.Path}, {"new", e.Staged}, {"old", e.Backup}} {
			if v.file == "" {
				continue
			}
			text, info, err := r.fsys.ReadState(v.file)
			if err != nil || !info.Mode.IsRegular() {
				continue // it is not there, or nothing that has a content
			}
			f, err := r.fsys.Create(path.Join(dir, fmt.Sprintf("%d-%s-%s", i, v.kind, path.Base(e.Path))), 0o600)
			if err != nil {
				return err
			}
			_, err = f.Write(text)
			if err := errors.Join(err, f.Close()); err != nil {
				return err
			}
		}
	}
	return nil
}

// passing says whether an error may be gone at the next start: then the change waits for it.
func passing(err error) bool {
	for _, e := range []error{syscall.ENOSPC, syscall.EDQUOT, syscall.EIO, syscall.EROFS, syscall.EACCES, syscall.EPERM, syscall.EMFILE, syscall.ENFILE, syscall.ENOMEM} {
		if errors.Is(err, e) {
			return true
		}
	}
	return !errors.As(err, new(syscall.Errno))
}

// valid says what is wrong with a journal, or "".
func (j *journal) valid(opts Options) string {
	if j.Version != stateVersion {
		return fmt.Sprintf("its version is %d, not %d", j.Version, stateVersion)
	}
	if j.Phase != phaseStage && j.Phase != phaseSwap {
		return fmt.Sprintf("its phase is %q", j.Phase)
	}
	for _, e := range j.Entries {
		if why := badPath(e.Path); why != "" {
			return why
		}
		c := &Change{Path: e.Path}
		for _, f := range []struct{ file, beside string }{{e.Staged, c.beside("new")}, {e.Backup, c.beside("old")}} {
			elsewhere := path.Dir(f.file) == opts.state("stage") || strings.HasPrefix(path.Base(path.Dir(f.file)), "slipway-stage-")
			if f.file != "" && f.file != f.beside && !elsewhere {
				return fmt.Sprintf("%q is not where %s is staged", f.file, e.Path)
			}
		}
		for _, d := range e.Dirs {
			if badPath(d) != "" || !strings.HasPrefix(e.Path, d+"/") {
				return fmt.Sprintf("%q is no folder of %s", d, e.Path)
			}
		}
	}
	if j.Next != nil {
		return j.Next.valid()
	}
	return ""
}

// valid says what is wrong with a manifest, or "".
func (m *manifest) valid() string {
	if m.Version != stateVersion {
		return fmt.Sprintf("its version is %d, not %d", m.Version, stateVersion)
	}
	if m.Generation < 0 {
		return fmt.Sprintf("its generation is %d", m.Generation)
	}
	for dest := range m.Files {
		if why := badPath(dest); why != "" {
			return why
		}
	}
	return ""
}

// valid says what is wrong with a generation, or "".
func (f *formerFiles) valid() string {
	if f.Version != stateVersion {
		return fmt.Sprintf("its version is %d, not %d", f.Version, stateVersion)
	}
	for _, file := range f.Files {
		if why := badPath(file.Dest); why != "" {
			return why
		}
	}
	return ""
}

// missing says whether nothing is there, not even a folder for it.
func missing(err error) bool { return errors.Is(err, fs.ErrNotExist) }
