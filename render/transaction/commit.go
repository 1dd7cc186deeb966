package transaction

import (
	"bytes"
	"errors"
	"io/fs"
	"path"
	"syscall"

	"slipway/render"
)

// Commit puts every staged file in its place and records it. When that fails
// midway everything is put back, and the error is a [*WriteError]; if even that fails
// it is a [*RollbackError].
func (tx *Tx) Commit() (*Result, error) {
	pending := tx.pending()
	next := tx.nextManifest(pending)
	result := &Result{Changes: tx.changes, Generation: next.Generation}
	if len(pending) > 0 {
		if err := tx.swapAll(pending, next); err != nil {
			return nil, err
		}
		tx.keepGeneration(pending, next)
		tx.cleanUp(pending)
	} else if err := tx.recordUnchanged(next); err != nil {
		return nil, errors.Join(err, tx.release())
	}
	result.Notes = tx.notes
	result.Owed, result.Kept = next.effects(), tx.durable
	return result, tx.release()
}

// swapAll is the part that must happen as a whole.
func (tx *Tx) swapAll(pending []*Change, next *manifest) error {
	err := tx.writeJournal(phaseSwap, next)
	if err == nil {
		err = tx.sync(pending)
	}
	for _, c := range pending {
		if err == nil {
			err = tx.keepOld(c)
		}
	}
	for _, c := range pending {
		if err == nil {
			err = tx.swap(c)
		}
	}
	if err == nil {
		err = tx.sync(pending)
	}
	if err == nil {
		err = tx.writeManifest(next)
	}
	if err == nil {
		return nil
	}
	return tx.rollBack(pending, err)
}

// sync flushes every file system that holds a target, once.
func (tx *Tx) sync(pending []*Change) error {
	if !tx.opts.Sync {
		return nil
	}
	seen := map[uint64]bool{}
	dirs := map[string]bool{}
	for _, c := range pending {
		dir := path.Dir(c.Path)
		if dirs[dir] {
			continue
		}
		dirs[dir] = true
		info, err := tx.fsys.Stat(dir)
		if err != nil {
			return explain(c.Target.Dest, c.Path, err)
		}
		if seen[info.Dev] {
			continue
		}
		seen[info.Dev] = true
		if err := tx.fsys.SyncFS(dir); err != nil {
			return explain(c.Target.Dest, c.Path, err)
		}
	}
	return nil
}

// keepOld makes the old file available under another name. A second link costs
// no space, so that a full disk does not prevent the way back; where links are
// impossible, or the file is to be written in place, it is a copy.
func (tx *Tx) keepOld(c *Change) error {
	if !c.exists() || c.Action == Remove {
		return nil // nothing to keep, or kept by the rename that removes it
	}
	if !c.inPlace {
		err := tx.fsys.Link(c.Path, c.backup)
		if errors.Is(err, fs.ErrExist) { // what a crash without a journal left
			if err = tx.fsys.Remove(c.backup); err == nil {
				err = tx.fsys.Link(c.Path, c.backup)
			}
		}
		if err == nil {
			c.linked = true
			return nil
		}
	}
	return tx.copyOld(c)
}

func (tx *Tx) copyOld(c *Change) error {
	c.linked = false
	old := &Change{Target: c.Target, Action: Create, New: c.Old, perm: c.info.Perm(), uid: c.info.UID, gid: c.info.GID}
	if c.inPlace { // its owner and mode are not touched, so the copy needs none
		old.perm, old.uid, old.gid = 0o600, -1, -1
	}
	err := tx.writeStaged(old, c.backup)
	if errors.Is(err, fs.ErrExist) {
		if err = tx.fsys.Remove(c.backup); err == nil {
			err = tx.writeStaged(old, c.backup)
		}
	}
	if hopeless(err) { // no place at all: this process remembers it
		c.backup, c.memory = "", c.Old
		return nil
	}
	if err != nil {
		return explain(c.Target.Dest, c.backup, err)
	}
	return nil
}

// swap puts c in its place. Whether that can be a rename is decided by the
// kernel's answer to it, never by guessing what is mounted.
func (tx *Tx) swap(c *Change) error {
	if c.Action == Remove {
		if err := tx.fsys.Rename(c.Path, c.backup); err != nil {
			return explain(c.Target.Dest, c.Path, err)
		}
		c.swapped = true
		return nil
	}
	if !c.inPlace {
		err := tx.fsys.Rename(c.staged, c.Path)
		if err == nil {
			c.swapped = true
			return nil
		}
		if !mounted(err) {
			return explain(c.Target.Dest, c.Path, err)
		}
		if c.linked { // a second link would be overwritten with the file
			if err := tx.fsys.Remove(c.backup); err != nil {
				return explain(c.Target.Dest, c.backup, err)
			}
		}
		c.inPlace = true
		if c.linked || c.backup == "" {
			if err := tx.copyOld(c); err != nil {
				return err
			}
		}
	}
	if err := tx.writeInPlace(c, c.New); err != nil {
		return explain(c.Target.Dest, c.Path, err)
	}
	return nil
}

// writeInPlace overwrites the file that is there and reads it back: a full
// disk or a lying file system shows only then.
func (tx *Tx) writeInPlace(c *Change, content []byte) (err error) {
	f, err := tx.fsys.Overwrite(c.Path)
	if err != nil {
		return err
	}
	c.swapped = true // from here on the file may be half written, and must be put back
	defer func() {
		if e := f.Close(); err == nil {
			err = e
		}
		if err != nil {
			return
		}
		var got []byte
		if got, err = tx.fsys.ReadFile(c.Path); err == nil && !bytes.Equal(got, content) {
			err = &fs.PathError{Op: "verify", Path: c.Path, Err: syscall.EIO}
		}
	}()
	if _, err := f.Write(content); err != nil {
		return err
	}
	if err := f.Truncate(int64(len(content))); err != nil {
		return err
	}
	if c.uid >= 0 && (c.uid != c.info.UID || c.gid != c.info.GID) {
		if err := f.Chown(c.uid, c.gid); err != nil {
			return err
		}
	}
	if c.perm != c.info.Perm() {
		if err := f.Chmod(c.perm); err != nil {
			if c.Target.Mode != render.Keep {
				return err
			}
			tx.note("%s holds a secret and its mode stays %04o: uid %d may not change it", c.Target.Dest, c.info.Perm(), uid())
		}
	}
	if tx.opts.Sync {
		return f.Sync()
	}
	return nil
}

// rollBack puts every swapped file back, last first, and ends the transaction.
func (tx *Tx) rollBack(pending []*Change, cause error) error {
	var stuck []string
	errs := []error{cause}
	for i := len(pending) - 1; i >= 0; i-- {
		c := pending[i]
		if err := tx.putBack(c); err != nil {
			stuck = append(stuck, c.Target.Dest)
			errs = append(errs, err)
			continue
		}
		if c.Action != Remove {
			errs = append(errs, tx.discard(c))
		}
	}
	if stuck != nil {
		return &RollbackError{Dests: stuck, Err: errors.Join(append(errs, tx.release())...)}
	}
	return errors.Join(append(errs, tx.removeJournal(), tx.release())...)
}

func (tx *Tx) putBack(c *Change) error {
	switch {
	case !c.swapped:
		if c.backup != "" && c.Action != Remove {
			return remove(tx.fsys, c.backup)
		}
		return nil
	case c.Action == Create:
		return remove(tx.fsys, c.Path)
	case c.inPlace:
		back := *c
		back.uid, back.gid, back.perm = -1, -1, c.info.Perm()
		if err := tx.writeInPlace(&back, c.Old); err != nil {
			return err
		}
		if c.backup != "" {
			return remove(tx.fsys, c.backup)
		}
		return nil
	}
	return tx.fsys.Rename(c.backup, c.Path)
}

// cleanUp takes away backups and the journal. The change has happened: what
// goes wrong here is said, and done again at the next start.
func (tx *Tx) cleanUp(pending []*Change) {
	var errs []error
	for _, c := range pending {
		if c.exists() && c.backup != "" {
			errs = append(errs, remove(tx.fsys, c.backup))
		}
		if c.inPlace {
			errs = append(errs, remove(tx.fsys, c.staged))
		}
	}
	if err := errors.Join(errs...); err != nil {
		tx.note("cannot remove what the change left, it is tried again at the next one: %v", err)
		return // the journal stays, so that it is
	}
	if err := tx.removeJournal(); err != nil {
		tx.note("cannot remove the journal, it is tried again at the next change: %v", err)
	}
}
