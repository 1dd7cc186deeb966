package transaction

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"syscall"

	"slipway/render"
	"slipway/render/transaction/durable"
)

// The journal says what a transaction was about to do, so that the next start
// can finish or undo it. It is written twice: before the first file is staged,
// and before the first one is swapped; and removed when the change is recorded.
type journal struct {
	Version int            `json:"version"`
	Phase   phase          `json:"phase"`
	Entries []journalEntry `json:"entries"`
	// Next is the manifest that becomes valid with the swap. What is owed is in it.
	Next *manifest `json:"next,omitempty"`
}

type phase string

const (
	phaseStage phase = "stage" // targets are untouched
	phaseSwap  phase = "swap"  // staged files are whole and checked; some may be in their places
)

type journalEntry struct {
	Path   string   `json:"path"`
	Staged string   `json:"staged"`
	Backup string   `json:"backup,omitempty"`
	Dirs   []string `json:"dirs,omitempty"`
	New    string   `json:"new,omitempty"` // digest; "" removes the file
	Old    string   `json:"old,omitempty"` // digest; "" for a file that was not there
	Perm   uint32   `json:"perm"`
}

const (
	journalFile  = "journal.json"
	manifestFile = "manifest.json"
	stateVersion = 1
)

func (tx *Tx) writeJournal(p phase, next *manifest) error {
	if !tx.durable {
		return nil
	}
	j := journal{Version: stateVersion, Phase: p, Next: next}
	for _, c := range tx.pending() {
		e := journalEntry{Path: c.Path, Staged: c.staged, Backup: c.backup, Dirs: c.dirs, Perm: c.perm}
		if c.Action != Remove {
			e.New = render.Digest(c.New)
		}
		if c.exists() {
			e.Old = render.Digest(c.Old)
		}
		if p == phaseStage && c.Target.Parents {
			e.Dirs = missingDirs(tx.fsys, c.Path)
		}
		j.Entries = append(j.Entries, e)
	}
	return writeState(tx.fsys, tx.opts, journalFile, &j)
}

func missingDirs(fsys durable.FS, file string) []string {
	var out []string
	for dir := path.Dir(file); dir != "/"; dir = path.Dir(dir) {
		if _, err := fsys.Lstat(dir); !errors.Is(err, fs.ErrNotExist) {
			break
		}
		out = append([]string{dir}, out...)
	}
	return out
}

func (tx *Tx) removeJournal() error {
	if !tx.durable {
		return nil
	}
	return remove(tx.fsys, tx.opts.state(journalFile))
}

// Recover finishes or undoes what a transaction left that was killed. Begin does
// it as well; it is for those who want to know at the start of the container. what says in
// words what was done, "" when there was nothing to do.
func Recover(fsys durable.FS, opts Options) (what string, err error) {
	if opts.Runtime == "" {
		return "", nil
	}
	if _, err := fsys.Stat(opts.state(journalFile)); errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	unlock, err := fsys.Lock(opts.state("render.lock"))
	if err != nil {
		return "", explain(opts.Runtime, opts.state("render.lock"), err)
	}
	what, err = recoverJournal(fsys, opts)
	return what, errors.Join(err, unlock())
}

func recoverJournal(fsys durable.FS, opts Options) (string, error) {
	file := opts.state(journalFile)
	var j journal
	err := readState(fsys, opts, journalFile, &j)
	if missing(err) {
		return "", nil
	}
	useless := (*UselessError)(nil)
	if err == nil {
		if why := j.valid(opts); why != "" {
			useless = &UselessError{File: file, Why: why}
		}
	} else if !errors.As(err, &useless) {
		return "", explain(file, file, err)
	}
	if useless != nil {
		// It is replaced by rename, so this is not a crash of ours. Its transaction is
		// beyond help; the render that follows makes every file new.
		return setAside(fsys, useless)
	}
	r := recovery{fsys: fsys, opts: opts, j: &j}
	if j.Phase == phaseStage {
		return "an interrupted change was undone before it had begun to show", r.clean(true)
	}
	what := "an interrupted change was undone"
	if r.canGoForward() {
		what, err = "an interrupted change was completed", r.forward()
	} else {
		err = r.back()
	}
	switch {
	case err == nil:
		return what, nil
	case passing(err):
		return "", fmt.Errorf("cannot end the interrupted change of the journal %s: %w", file, err)
	}
	return r.abandon(err)
}

type recovery struct {
	fsys durable.FS
	opts Options
	j    *journal
}

// has says whether file has this content; digest "" means that there is none.
func (r *recovery) has(file, want string) bool {
	content, err := r.fsys.ReadFile(file)
	if err != nil {
		return want == "" && errors.Is(err, fs.ErrNotExist)
	}
	return want != "" && render.Digest(content) == want
}

func (r *recovery) canGoForward() bool {
	for _, e := range r.j.Entries {
		if e.New != "" && !r.has(e.Path, e.New) && !r.has(e.Staged, e.New) {
			return false
		}
	}
	return true
}

func (r *recovery) forward() error {
	for _, e := range r.j.Entries {
		if r.has(e.Path, e.New) {
			continue
		}
		var err error
		if e.New == "" {
			err = remove(r.fsys, e.Path)
		} else {
			err = r.put(e.Staged, e.Path)
		}
		if err != nil {
			return explain(e.Path, e.Path, err)
		}
	}
	if r.j.Next != nil {
		if err := writeState(r.fsys, r.opts, manifestFile, r.j.Next); err != nil {
			return err
		}
	}
	return r.clean(false)
}

func (r *recovery) back() error {
	for _, e := range r.j.Entries {
		var err error
		switch {
		case r.has(e.Path, e.Old):
		case e.Old == "":
			err = remove(r.fsys, e.Path)
		case e.Backup != "" && r.has(e.Backup, e.Old):
			err = r.put(e.Backup, e.Path)
		default:
			err = syscall.ENODATA // neither the old nor the new content is left
		}
		if err != nil {
			return explain(e.Path, e.Path, err)
		}
	}
	return r.clean(true)
}

// put moves from over to, or copies it into to where that cannot be replaced.
func (r *recovery) put(from, to string) error {
	err := r.fsys.Rename(from, to)
	if err == nil || !(mounted(err) || hopeless(err)) {
		return err
	}
	content, err := r.fsys.ReadFile(from)
	if err != nil {
		return err
	}
	f, err := r.fsys.Overwrite(to)
	if err != nil {
		return err
	}
	if _, err = f.Write(content); err == nil {
		err = f.Truncate(int64(len(content)))
	}
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

// clean removes what the transaction made beside the targets, then the journal.
func (r *recovery) clean(dirs bool) error {
	var errs []error
	for _, e := range r.j.Entries {
		for _, file := range []string{e.Staged, e.Backup} {
			if file != "" {
				errs = append(errs, remove(r.fsys, file))
			}
		}
		for i := len(e.Dirs) - 1; dirs && i >= 0; i-- {
			if err := r.fsys.Remove(e.Dirs[i]); err != nil && !errors.Is(err, syscall.ENOTEMPTY) {
				errs = append(errs, ignoreMissing(err))
			}
		}
	}
	errs = append(errs, removeAll(r.fsys, r.opts.state("stage")), removeTree(r.fsys, r.opts.state("check")))
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("cannot remove what an interrupted change left: %w", err)
	}
	return remove(r.fsys, r.opts.state(journalFile))
}

// removeAll removes a folder of ours and the files in it.
func removeAll(fsys durable.FS, dir string) error {
	names, err := fsys.ReadDir(dir)
	if err != nil {
		return ignoreMissing(err)
	}
	for _, n := range names {
		if err := fsys.Remove(path.Join(dir, n)); err != nil {
			return ignoreMissing(err)
		}
	}
	return remove(fsys, dir)
}
