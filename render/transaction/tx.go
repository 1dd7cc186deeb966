package transaction

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"sort"
	"strconv"
	"strings"
	"syscall"
	"time"

	"slipway/render"
	"slipway/render/transaction/durable"
)

// Tx is one change of a set of files: Begin, Stage, Check, Commit, in this
// order; Abort at any time before Commit. It is used by one goroutine.
type Tx struct {
	fsys  durable.FS
	plan  *render.Plan
	opts  Options
	paths *resolver

	changes []*Change // every target, ordered by destination
	last    *manifest // of the last transaction
	notes   []string
	unlock  func() error
	durable bool // the runtime folder can be written: there is a journal
	fresh   bool // there is no manifest: nobody knows what earlier runs left
	done    bool
	redact  *render.Redactor
}

// Result is what a transaction did.
type Result struct {
	// Changes is every target with what was done to it.
	Changes []*Change
	// Notes are things that an operator should know and that are no errors.
	Notes []string
	// Generation counts the transactions that changed something.
	Generation int
	// Owed are the programs to tell about it, those of earlier transactions included.
	Owed []Effect
	// Kept says that Owed is in the manifest. Without a runtime folder it is only here.
	Kept bool
}

// Changed returns the destinations that are not as before.
func (r *Result) Changed() []string {
	var out []string
	for _, c := range r.Changes {
		if c.Action != Unchanged {
			out = append(out, c.Target.Dest)
		}
	}
	return out
}

// Begin takes the lock, finishes or undoes what an earlier transaction left,
// and compares the plan with the files. It changes no target. All owners that
// do not exist and all targets that cannot be read come in one error, of
// [*Problem] and [*WriteError].
func Begin(fsys durable.FS, plan *render.Plan, opts Options) (*Tx, error) {
	tx := &Tx{fsys: fsys, plan: plan, opts: opts, paths: newResolver(fsys, opts.Root), redact: render.NewRedactor(plan.Secrets)}
	if err := tx.openState(); err != nil {
		return nil, err
	}
	err := tx.checkRefused()
	if err == nil {
		err = tx.compareAll()
	}
	if err != nil {
		tx.release()
		return nil, err
	}
	tx.sweep()
	return tx, nil
}

// sweep removes what a killed run left beside the targets when its journal is
// lost, as with a runtime folder in memory. The render that follows makes every
// file right, so nothing is put back. It is best effort: a file that stays is met
// again when its target changes.
func (tx *Tx) sweep() {
	if !tx.fresh {
		return
	}
	there := map[string][]string{} // by directory: reading each once is cheaper than 4,000 failing calls
	for _, c := range tx.changes {
		dir := path.Dir(c.Path)
		names, known := there[dir]
		if !known {
			names, _ = tx.fsys.ReadDir(dir) // one that cannot be read has nothing that could be removed
			names = slices.DeleteFunc(names, func(n string) bool { return !strings.HasPrefix(n, ".") })
			there[dir] = names
		}
		for _, left := range []string{c.beside("new"), c.beside("old")} {
			if slices.Contains(names, path.Base(left)) {
				tx.fsys.Remove(left) //nolint:errcheck // it is met again
			}
		}
	}
}

// Compare is Begin for those who only want to look: it takes no lock, writes
// nothing and needs no runtime folder. Finish it by nothing.
func Compare(fsys durable.FS, plan *render.Plan, opts Options) (*Result, error) {
	tx := &Tx{fsys: fsys, plan: plan, opts: opts, paths: newResolver(fsys, opts.Root), last: &manifest{}, redact: render.NewRedactor(plan.Secrets)}
	if opts.Runtime != "" {
		if m, err := readManifest(fsys, opts); err == nil {
			tx.last = m
		}
	}
	if err := tx.compareAll(); err != nil {
		return nil, err
	}
	return &Result{Changes: tx.changes, Notes: tx.notes}, nil
}

// Apply is the whole transaction.
func Apply(ctx context.Context, fsys durable.FS, plan *render.Plan, opts Options) (*Result, error) {
	tx, err := Begin(fsys, plan, opts)
	if err != nil {
		return nil, err
	}
	err = tx.Stage()
	if err == nil {
		err = tx.Check(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, tx.Abort())
	}
	return tx.Commit()
}

func (tx *Tx) note(format string, args ...any) {
	tx.notes = append(tx.notes, fmt.Sprintf(format, args...))
}

// openState makes the runtime folder, locks it and reads the manifest.
func (tx *Tx) openState() error {
	tx.last, tx.fresh = &manifest{}, true
	if tx.opts.Runtime == "" {
		tx.lockRoot()
		return nil
	}
	if err := makeDirs(tx.fsys, tx.opts.Runtime, 0o755); err != nil {
		return tx.stateless(err)
	}
	if why := tx.opts.folderOfStranger(tx.fsys); why != "" {
		tx.note("the runtime folder %s is not used: %s. The change is not crash-safe, and nothing is owed; chown it to root", tx.opts.Runtime, why)
		tx.lockRoot()
		return nil
	}
	unlock, err := tx.lock(tx.opts.state("render.lock"))
	if err != nil {
		return tx.stateless(err)
	}
	tx.unlock = unlock
	tx.durable = true
	recovered, err := recoverJournal(tx.fsys, tx.opts)
	if err != nil {
		tx.release()
		return err
	}
	if recovered != "" {
		tx.note("%s", recovered)
	}
	tx.sweepState()
	m, err := readManifest(tx.fsys, tx.opts)
	if useless := (*UselessError)(nil); errors.As(err, &useless) {
		what, aside := setAside(tx.fsys, useless)
		if aside != nil {
			tx.release()
			return aside
		}
		tx.note("%s", what)
	} else if err != nil {
		tx.release()
		return explain(tx.opts.state(manifestFile), tx.opts.state(manifestFile), err)
	}
	tx.last, tx.fresh = m, err != nil || m.Generation == 0
	return nil
}

// stateless goes on without a runtime folder, where there can be none. One
// that has been used before must not be passed over: what is owed is in it.
func (tx *Tx) stateless(err error) error {
	_, used := tx.fsys.Lstat(tx.opts.state(manifestFile))
	if used != nil && (hopeless(err) || errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOSPC)) {
		tx.note("the runtime folder %s cannot be written (%v): the change is not crash-safe, and nothing is owed", tx.opts.Runtime, cause(err))
		tx.lockRoot()
		return nil
	}
	return explain(tx.opts.Runtime, tx.opts.state("render.lock"), err)
}

// silentWait is how long a lock is waited for without a word.
const silentWait = time.Second

// lock takes a lock, and says so if somebody else has it.
func (tx *Tx) lock(name string) (func() error, error) {
	if tx.opts.Say != nil {
		said := time.AfterFunc(silentWait, func() { tx.opts.Say("waiting for another render, which holds the lock on " + name) })
		defer said.Stop()
	}
	return tx.fsys.Lock(name)
}

// lockRoot keeps two renders apart that have no runtime folder: they stage under the
// same names, so each would take the other's files. It locks the root, or the nearest
// folder above one that is still to be made. Without a lock the render goes on: it is
// better than none.
func (tx *Tx) lockRoot() {
	dir := "/"
	if tx.opts.Root != "" {
		dir = path.Clean(tx.opts.Root)
	}
	unlock, err := tx.lock(dir)
	for errors.Is(err, fs.ErrNotExist) && dir != "/" && dir != "." {
		dir = path.Dir(dir)
		unlock, err = tx.lock(dir)
	}
	if err != nil {
		tx.note("cannot lock %s (%v): do not render twice at once", dir, cause(err))
		return
	}
	tx.unlock = unlock
}

func (tx *Tx) compareAll() error {
	var errs []error
	var problems render.Problems
	planned := make(map[string]bool, len(tx.plan.Targets))
	add := func(t *render.Target) {
		c, err := tx.compare(t)
		var p *render.Problem
		switch {
		case err == nil:
			tx.changes = append(tx.changes, c)
		case errors.As(err, &p):
			problems = append(problems, p)
		default:
			errs = append(errs, err)
		}
	}
	for i := range tx.plan.Targets {
		t := &tx.plan.Targets[i]
		planned[t.Dest] = true
		add(t)
	}
	for _, dest := range tx.last.dests() { // what no template makes any more
		if r := tx.last.Files[dest]; !planned[dest] && tx.plan.TakesBack == 0 {
			add(&render.Target{Dest: dest, Absent: true, Template: r.Template, Write: r.Write, Mode: render.Keep, Notify: r.Notify})
		}
	}
	sort.SliceStable(tx.changes, func(i, j int) bool { return tx.changes[i].Target.Dest < tx.changes[j].Target.Dest })
	if err := problems.Err(); err != nil {
		errs = append([]error{err}, errs...)
	}
	return errors.Join(errs...)
}

// Changes returns every target with what is to be done.
func (tx *Tx) Changes() []*Change { return tx.changes }

// pending returns the changes that are not Unchanged.
func (tx *Tx) pending() []*Change {
	var out []*Change
	for _, c := range tx.changes {
		if c.Action != Unchanged {
			out = append(out, c)
		}
	}
	return out
}

// Stage writes every changed file beside its target, with owner and mode set.
// All that cannot be written come in one error; Abort then takes away the rest.
func (tx *Tx) Stage() error {
	pending := tx.pending()
	if len(pending) == 0 {
		return nil
	}
	for _, c := range pending {
		c.staged = c.beside("new")
		c.backup = c.beside("old")
	}
	if err := tx.writeJournal(phaseStage, nil); err != nil {
		return err
	}
	var errs []error
	for i, c := range pending {
		if c.Action == Remove {
			continue
		}
		err := tx.stage(c, i)
		if err == nil { // now, for recovery may complete the change without us
			err = tx.keepOriginal(c)
		}
		if err != nil {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

func (tx *Tx) stage(c *Change, i int) error {
	if c.Target.Parents && c.Action == Create {
		if err := tx.makeParents(c); err != nil {
			return explain(c.Target.Dest, c.Path, err)
		}
	}
	err := tx.writeStaged(c, c.staged)
	if errors.Is(err, fs.ErrExist) { // what a crash without a journal left
		if err = tx.fsys.Remove(c.staged); err == nil {
			err = tx.writeStaged(c, c.staged)
		}
	}
	if err == nil {
		return nil
	}
	if !c.exists() || !hopeless(err) {
		return explain(c.Target.Dest, c.Path, err)
	}
	return tx.stageInPlace(c, i, err)
}

// stageInPlace is for a file that exists in a directory that takes no new
// ones, or whose owner we could not keep: it is written where it is.
func (tx *Tx) stageInPlace(c *Change, i int, why error) error {
	f, err := tx.fsys.Overwrite(c.Path)
	if err == nil {
		err = f.Close()
	}
	if err != nil {
		if op := (*fs.PathError)(nil); errors.As(why, &op) && op.Op == "chown" && !c.explicit {
			// The directory is ours, the file is not: it gets a new owner.
			c.uid, c.gid = -1, -1
			if err := tx.writeStaged(c, c.staged); err == nil {
				tx.note("%s belongs to uid %d and cannot be given back: it now belongs to uid %d", c.Target.Dest, c.info.UID, uid())
				return nil
			}
		}
		return explain(c.Target.Dest, c.Path, why)
	}
	c.inPlace = true
	if c.explicit && (c.uid != c.info.UID || c.gid != c.info.GID) && uid() != 0 {
		return explain(c.Target.Dest, c.Path, &fs.PathError{Op: "chown", Path: c.Path, Err: syscall.EPERM})
	}
	dir := tx.opts.state("stage")
	if !tx.durable {
		dir = path.Join(os.TempDir(), "slipway-stage-"+strconv.Itoa(os.Getpid()))
	}
	if err := makeDirs(tx.fsys, dir, 0o700); err != nil {
		return explain(c.Target.Dest, path.Join(dir, "x"), err)
	}
	c.staged = path.Join(dir, strconv.Itoa(i)+"-new-"+path.Base(c.Path))
	c.backup = path.Join(dir, strconv.Itoa(i)+"-old-"+path.Base(c.Path))
	own := *c
	own.uid, own.gid = -1, -1
	if err := tx.writeStaged(&own, c.staged); err != nil {
		return explain(c.Target.Dest, c.staged, err)
	}
	return nil
}

// writeStaged makes the file. Nobody else can read it before its owner and mode are right.
func (tx *Tx) writeStaged(c *Change, file string) (err error) {
	f, err := tx.fsys.Create(file, 0o600|c.perm&0o100) // executable from the start: see durable.OS.Create
	if err != nil {
		return err
	}
	defer func() {
		if e := f.Close(); err == nil {
			err = e
		}
		if err != nil {
			err = errors.Join(err, remove(tx.fsys, file))
		}
	}()
	if c.exists() {
		if err := f.CopyAttrs(c.Path); err != nil {
			return err
		}
	}
	if _, err := f.Write(c.New); err != nil {
		return err
	}
	if !c.needsChown() {
		return f.Chmod(c.perm)
	}
	// The group first, then the mode, then the owner: nobody else may read it in between, and
	// after the last step only CAP_FOWNER could set a mode.
	err = f.Chown(-1, c.gid)
	if err == nil {
		err = f.Chmod(c.perm)
	}
	if err == nil {
		err = f.Chown(c.uid, -1)
	}
	if err == nil && c.perm&setID != 0 { // which chown has cleared
		err = f.Chmod(c.perm)
	}
	return err
}

// setID are the bits of a mode that have an executable run as its owner or group.
const setID = 0o6000

func ignoreMissing(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// remove removes a file, unless it is not there. A read-only file system says so before it
// looks, and there would be two errors for one thing.
func remove(fsys durable.FS, file string) error {
	err := ignoreMissing(fsys.Remove(file))
	if err == nil {
		return nil
	}
	if _, look := fsys.Lstat(file); errors.Is(look, fs.ErrNotExist) {
		return nil
	}
	return err
}

// makeParents makes the missing directories above c and remembers them.
func (tx *Tx) makeParents(c *Change) error {
	var missing []string
	dir := path.Dir(c.Path)
	for ; ; dir = path.Dir(dir) {
		if _, err := tx.fsys.Lstat(dir); err == nil || dir == "/" {
			break
		} else if !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		missing = append(missing, dir)
	}
	for i := len(missing) - 1; i >= 0; i-- {
		if err := tx.fsys.Mkdir(missing[i], 0o755); err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
		c.dirs = append(c.dirs, missing[i])
	}
	return nil
}

func makeDirs(fsys durable.FS, dir string, perm uint32) error {
	if info, err := fsys.Stat(dir); err == nil {
		if !info.Mode.IsDir() {
			return &fs.PathError{Op: "mkdir", Path: dir, Err: syscall.ENOTDIR}
		}
		return nil
	}
	if parent := path.Dir(dir); parent != dir {
		if err := makeDirs(fsys, parent, 0o755); err != nil {
			return err
		}
	}
	if err := fsys.Mkdir(dir, perm); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return nil
}

// Abort takes away everything that was staged and ends the transaction. It is
// harmless after Commit.
func (tx *Tx) Abort() error {
	if tx.done {
		return nil
	}
	var errs []error
	for _, c := range tx.pending() {
		errs = append(errs, tx.discard(c))
	}
	errs = append(errs, tx.removeJournal(), tx.release())
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("cannot remove what was staged: %w", err)
	}
	return nil
}

// discard removes the staged file of c and the directories that were made for it.
func (tx *Tx) discard(c *Change) error {
	if c.staged == "" {
		return nil
	}
	err := remove(tx.fsys, c.staged)
	if c.original != "" {
		err = errors.Join(err, remove(tx.fsys, c.original))
	}
	for i := len(c.dirs) - 1; i >= 0; i-- {
		if e := tx.fsys.Remove(c.dirs[i]); e != nil && !errors.Is(e, syscall.ENOTEMPTY) && !errors.Is(e, fs.ErrNotExist) {
			err = errors.Join(err, e)
		}
	}
	return err
}

func (tx *Tx) release() error {
	tx.done = true
	if tx.unlock == nil {
		return nil
	}
	unlock := tx.unlock
	tx.unlock = nil
	return unlock()
}
