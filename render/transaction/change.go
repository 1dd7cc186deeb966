package transaction

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"

	"slipway/render"
	"slipway/render/transaction/durable"
)

// Action is what a transaction does with a target.
type Action string

// The actions.
const (
	Unchanged Action = "unchanged"
	Create    Action = "create"
	Modify    Action = "modify"
	Attrs     Action = "attributes" // the content is right, owner or mode are not
	Remove    Action = "remove"
)

// Change is one target compared with the file that is there.
type Change struct {
	Target *render.Target
	Action Action
	// Path is the file behind the destination: root in front, links resolved.
	Path string
	// Old and New are whole files: a block is already in its place. Old is nil
	// for Create, New for Remove.
	Old, New []byte

	info     durable.Info     // of the old file
	private  bool             // the old file may hold a secret: nobody knows which of its lines
	redact   *render.Redactor // of the secrets that are known now
	perm     uint32           // wanted
	uid, gid int              // wanted; -1 when any owner will do
	explicit bool             // the owner was asked for, not just kept

	staged  string // path of the staged file, "" before
	backup  string // path of the old file while the swap may fail
	inPlace bool   // cannot be replaced by rename
	memory  []byte // the old content where there is no place for a backup
	dirs    []string
	swapped bool
	linked  bool // backup is another name of the old file, not a copy

	original string // the kept file of the distribution, if this change made it
}

func (c *Change) exists() bool { return c.Action != Create }

// compare finds out what is to be done for t.
func (tx *Tx) compare(t *render.Target) (*Change, error) {
	file, err := tx.paths.resolve(t.Dest)
	if err != nil {
		var pe *fs.PathError
		if errors.As(err, &pe) {
			return nil, explain(t.Dest, path.Join(tx.opts.Root, t.Dest), err)
		}
		return nil, &WriteError{Dest: t.Dest, What: err.Error(), Err: err}
	}
	c := &Change{Target: t, Path: file, Action: Create, uid: -1, gid: -1, redact: tx.redact}
	c.info, err = tx.fsys.Lstat(file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return nil, explain(t.Dest, file, err)
	case c.info.Mode.IsDir():
		return nil, &WriteError{Dest: t.Dest, What: "there is a directory in its place"}
	case !c.info.Mode.IsRegular():
		return nil, &WriteError{Dest: t.Dest, What: fmt.Sprintf("in its place is no regular file (%s)", c.info.Mode.Type())}
	default:
		c.Action = Modify
		if c.Old, err = tx.fsys.ReadFile(file); err != nil {
			return nil, &WriteError{Dest: t.Dest, What: unreadable(uid()), Err: err}
		}
		if c.Old == nil {
			c.Old = []byte{}
		}
		// What we made with a secret in it, and what only its owner can read.
		c.private = tx.last.Files[t.Dest].Secret || c.info.Perm()&0o077 == 0
	}
	if t.Absent {
		return tx.compareAbsent(c)
	}
	if err := c.wantContent(); err != nil {
		return nil, &WriteError{Dest: t.Dest, What: err.Error(), Err: err}
	}
	if err := c.wantAttrs(tx.opts); err != nil {
		return nil, &render.Problem{
			Kind: render.KindSettings, Dest: t.Dest, Pos: t.Pos, Text: "owner = " + t.Owner + ": " + err.Error(),
			Hint: "add the account to the image, or give the number",
		}
	}
	if c.Action == Modify {
		switch {
		case t.Write == render.WriteOnce && !t.Whole:
			c.Action = Unchanged
		case !bytes.Equal(c.Old, c.New):
		case c.attrsDiffer():
			c.Action = Attrs
		default:
			c.Action = Unchanged
		}
	}
	return c, nil
}

func (c *Change) wantContent() error {
	c.New = c.Target.Content
	if c.Target.Write != render.WriteBlock || c.Target.Whole {
		return nil
	}
	var err error
	c.New, err = withBlock(c.Old, c.Target.Content, c.Target)
	return err
}

func (c *Change) wantAttrs(opts Options) error {
	t := c.Target
	switch {
	case t.Mode != render.Keep:
		c.perm = uint32(t.Mode)
	case c.Action == Create:
		c.perm = t.NewMode
	case t.Secret:
		c.perm = c.info.Perm() &^ 0o077
	default:
		c.perm = c.info.Perm()
	}
	if c.Action != Create {
		c.uid, c.gid = c.info.UID, c.info.GID
	}
	if t.Owner == "" || opts.KeepOwner {
		return nil
	}
	u, g, err := parseOwner(t.Owner, opts.Accounts)
	if err != nil {
		return err
	}
	c.explicit = true
	if u >= 0 {
		c.uid = u
	}
	if g >= 0 {
		c.gid = g
	}
	return nil
}

func (c *Change) attrsDiffer() bool {
	return c.perm != c.info.Perm() || c.uid != c.info.UID || c.gid != c.info.GID
}

// needsChown says whether a file that this process makes has to be given away.
func (c *Change) needsChown() bool {
	return c.uid >= 0 && c.uid != uid() || c.gid >= 0 && c.gid != os.Getegid()
}

// compareAbsent decides about a target that is not wanted: what we made is
// removed, what others made stays.
func (tx *Tx) compareAbsent(c *Change) (*Change, error) {
	record, ours := tx.last.Files[c.Target.Dest]
	switch {
	case c.Target.Whole && c.Action == Modify: // a rollback knows what it does
		c.Action = Remove
	case c.Action == Create || !ours:
		c.Action = Unchanged
	case record.Write == render.WriteBlock:
		return tx.compareBlockless(c)
	case !record.Made:
		tx.note("%s is no longer wanted, but was there before the first render: it stays as it is", c.Target.Dest)
		c.Action = Unchanged
	case record.Digest != render.Digest(c.Old):
		tx.note("%s is no longer wanted, but was changed by somebody else since: it stays as it is", c.Target.Dest)
		c.Action = Unchanged
	default:
		c.Action = Remove
	}
	return c, nil
}

// compareBlockless takes our block out of a file.
func (tx *Tx) compareBlockless(c *Change) (*Change, error) {
	t := *c.Target
	t.Write, t.Comment = render.WriteBlock, tx.last.Files[t.Dest].Comment
	var err error
	if c.New, err = withBlock(c.Old, nil, &t); err != nil {
		return nil, &WriteError{Dest: t.Dest, What: err.Error(), Err: err}
	}
	c.perm, c.uid, c.gid = c.info.Perm(), c.info.UID, c.info.GID
	switch {
	case bytes.Equal(c.Old, c.New):
		c.Action = Unchanged
	case tx.last.Files[t.Dest].Made && len(c.New) == 0:
		c.Action = Remove
	}
	return c, nil
}

// beside names a file next to the target: hidden, so that no pattern of a
// conf.d folder takes it for configuration, and always the same, so that what
// a crash leaves behind is found.
func (c *Change) beside(what string) string {
	dir, base := path.Split(c.Path)
	if len(base) > 200 { // NAME_MAX is 255
		base = base[:180] + render.Digest([]byte(base))[:16]
	}
	return dir + "." + base + ".slipway-" + what
}
