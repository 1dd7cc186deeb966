package transaction

import (
	"errors"
	"io/fs"
	"path"
	"syscall"

	"slipway/render"
	"slipway/render/transaction/durable"
)

// The file of the distribution is kept beside the target the first time that a
// template which reads it replaces it: there it is in the same layer of the
// container as the target, and comes and goes with it. Where the directory takes no
// new files it is kept in the runtime folder.

// OriginalFile returns the function for [Data.Original].
func OriginalFile(fsys durable.FS, opts Options) func(dest string) (text []byte, ok bool, err error) {
	paths := newResolver(fsys, opts.Root)
	return func(dest string) ([]byte, bool, error) {
		file, err := paths.resolve(dest)
		if err != nil {
			return nil, false, err
		}
		candidates := []string{(&Change{Path: file}).beside("orig"), originalInState(opts, dest)}
		if m, err := readManifest(fsys, opts); opts.Runtime == "" || err != nil || !m.Files[dest].Made {
			candidates = append(candidates, file)
		}
		for _, c := range candidates {
			text, info, err := fsys.ReadState(c)
			if err == nil {
				// Whoever may write beside the target could plant what becomes part of root's file.
				if !info.Mode.IsRegular() || c != file && stranger(info.UID) && !sameOwner(fsys, file, info.UID) {
					return nil, false, &UselessError{File: c, Why: "it is no file of root's, of ours, or of the owner of " + dest}
				}
				return text, true, nil
			}
			if errors.Is(err, syscall.ELOOP) {
				return nil, false, &UselessError{File: c, Why: "it is a symbolic link, or one that others can change leads to it"}
			}
			if !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, fs.ErrPermission) {
				return nil, false, err
			}
		}
		return nil, false, nil
	}
}

func sameOwner(fsys durable.FS, file string, owner int) bool {
	info, err := fsys.Lstat(file)
	return err == nil && info.UID == owner
}

func originalInState(opts Options, dest string) string {
	if opts.Runtime == "" {
		return "/no runtime folder"
	}
	return opts.state("original-" + render.Digest([]byte(dest))[:16] + "-" + path.Base(dest))
}

// keepOriginal keeps the file of the distribution if this change would lose it.
func (tx *Tx) keepOriginal(c *Change) error {
	if !c.Target.Original || c.Action != Modify || tx.last.Files[c.Target.Dest].Made {
		return nil
	}
	for _, file := range []string{c.beside("orig"), originalInState(tx.opts, c.Target.Dest)} {
		if _, err := tx.fsys.Lstat(file); err == nil {
			return nil
		}
	}
	file := c.beside("orig")
	err := tx.copyOriginal(c, c.backup, file, c.info.Perm())
	if hopeless(err) && tx.durable {
		file = originalInState(tx.opts, c.Target.Dest)
		err = tx.copyOriginal(c, tx.opts.state("original.new"), file, 0o600)
	}
	if err != nil {
		return explain(c.Target.Dest, file, err)
	}
	c.original = file
	return nil
}

// copyOriginal copies: a link would change with a file that is written in place.
// A half copy must never be taken for the original, so it gets its name when it is whole.
func (tx *Tx) copyOriginal(c *Change, temp, file string, perm uint32) error {
	old := &Change{Target: c.Target, Action: Create, New: c.Old, perm: perm, uid: c.info.UID, gid: c.info.GID}
	if perm != c.info.Perm() {
		old.uid, old.gid = -1, -1
	}
	err := tx.writeStaged(old, temp)
	if errors.Is(err, fs.ErrExist) {
		if err = tx.fsys.Remove(temp); err == nil {
			err = tx.writeStaged(old, temp)
		}
	}
	if err != nil {
		return err
	}
	if err := tx.fsys.Rename(temp, file); err != nil {
		return errors.Join(err, remove(tx.fsys, temp))
	}
	return nil
}
