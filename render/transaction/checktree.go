package transaction

import (
	"bytes"
	"crypto/rand"
	"errors"
	"io/fs"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"

	"slipway/render/pattern"
	"slipway/render/transaction/durable"
)

// A check of a set sees the files as they will be. {staged:/etc/nginx/nginx.conf} is a
// file in a copy of /etc/nginx, in which the changed files are new, vanished ones are not,
// and all others are links to what is there. Files that name /etc/nginx, as by an
// include, name the copy instead: without that, nginx -t would look at the old
// includes. The right to mount something over the folder for the check alone is one
// that no container has.

// maxMirrored bounds the entries of a copy; folders beyond are links as a whole.
const maxMirrored = 4096

// maxRewritten is the size up to which a file is looked into.
const maxRewritten = 1 << 20

// checkTree is the copy of some folders for one check.
type checkTree struct {
	tx      *Tx
	base    string             // where the copies are
	roots   []string           // the folders, by destination
	changes map[string]*Change // pending ones, by destination
	paths   map[string]*Change // and by the file behind that
	needed  map[string]bool    // folders that must be real, for a changed file is below
	rewrite *regexp.Regexp     // what names one of the folders
	entries int
}

var stagedRef = pattern.Lazy(`\{staged:([^}]*)\}`)

// checkFolder is the folder of which a check that names dest sees a copy.
func (tx *Tx) checkFolder(dest string) string {
	clean := path.Clean("/" + dest)
	if info, err := tx.fsys.Stat(path.Join(tx.opts.Root, clean)); strings.HasSuffix(dest, "/") || err == nil && info.Mode.IsDir() {
		return clean
	}
	return path.Dir(clean)
}

// below says whether file is dir or in it.
func below(file, dir string) bool {
	return file == dir || dir == "/" || strings.HasPrefix(file, dir+"/")
}

// outermost drops the folders that are in others.
func outermost(dirs []string) (out []string) {
	slices.Sort(dirs) // a folder comes before what is in it
	for _, dir := range dirs {
		if !slices.ContainsFunc(out, func(outer string) bool { return below(dir, outer) }) {
			out = append(out, dir)
		}
	}
	return out
}

// newCheckTree makes the copies that the command of a check names. It is nil if no file
// in them changes.
func (tx *Tx) newCheckTree(command string) (*checkTree, error) {
	t := &checkTree{tx: tx, changes: map[string]*Change{}, paths: map[string]*Change{}, needed: map[string]bool{}}
	for _, ref := range stagedRef.FindAllStringSubmatch(command, -1) {
		t.roots = append(t.roots, tx.checkFolder(ref[1]))
	}
	t.roots = outermost(t.roots)
	for _, c := range tx.pending() {
		for _, root := range t.roots {
			if dest := c.Target.Dest; below(dest, root) {
				t.changes[dest], t.paths[c.Path] = c, c
				for dir := path.Dir(dest); below(dir, root) && !t.needed[dir]; dir = path.Dir(dir) {
					t.needed[dir] = true
				}
			}
		}
	}
	if len(t.changes) == 0 {
		return nil, nil
	}
	t.base = tx.checkBase()
	t.rewrite = namesOf(t.roots)
	if err := tx.makeCheckBase(t.base); err != nil {
		return nil, explain(t.base, t.base, err)
	}
	for _, root := range t.roots {
		err := makeDirs(tx.fsys, t.base+root, 0o700)
		if err == nil {
			err = t.mirror(root, root)
		}
		if err != nil {
			return nil, errors.Join(explain(root, t.base+root, err), t.remove())
		}
	}
	return t, nil
}

// namesOf matches the names of folders in a text. Whole ones only: /srv/etc/nginx and
// /etc/nginx2 are other folders than /etc/nginx. The root has no name that one could
// tell from a slash.
func namesOf(folders []string) *regexp.Regexp {
	quoted := []string{`\z.`} // never matches
	for _, f := range folders {
		if f != "/" {
			quoted = append(quoted, regexp.QuoteMeta(f))
		}
	}
	return regexp.MustCompile(`(?m)(^|[^\w./-])((?:` + strings.Join(quoted, "|") + `)(?:/|[^\w./-]|$))`)
}

// checkBase is where copies are made.
func (tx *Tx) checkBase() string {
	if tx.durable {
		return tx.opts.state("check")
	}
	return path.Join(os.TempDir(), "slipway-check-"+rand.Text())
}

// makeCheckBase makes the folder for copies. In the folder of state, which is ours, what
// a killed run has left is removed first. Elsewhere anybody can make names: there it has
// to be new, and is ours then.
func (tx *Tx) makeCheckBase(base string) error {
	if !tx.durable {
		return tx.fsys.Mkdir(base, 0o700)
	}
	if err := removeTree(tx.fsys, base); err != nil {
		return err
	}
	return makeDirs(tx.fsys, base, 0o700)
}

func (t *checkTree) remove() error { return removeTree(t.tx.fsys, t.base) }

// mirror copies the folder dir, of which the real folder is there, or missing.
func (t *checkTree) mirror(dir, root string) error {
	names, err := t.tx.fsys.ReadDir(path.Join(t.tx.opts.Root, dir))
	if err != nil && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, fs.ErrPermission) {
		return err
	}
	there := map[string]bool{}
	for _, name := range names {
		dest := path.Join(dir, name)
		there[dest] = true
		if strings.HasPrefix(name, ".") && strings.Contains(name, ".slipway-") {
			continue // ours
		}
		if err := t.entry(dest, root); err != nil {
			return err
		}
	}
	for dest, c := range t.changes { // what is new here
		if path.Dir(dest) == dir && !there[dest] {
			if err := t.put(dest, c.New, c.perm); err != nil {
				return err
			}
		}
	}
	for need := range t.needed {
		if path.Dir(need) == dir && need != dir && !there[need] {
			if err := t.folder(need, root); err != nil {
				return err
			}
		}
	}
	return nil
}

func (t *checkTree) folder(dir, root string) error {
	if err := t.tx.fsys.Mkdir(t.base+dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return t.mirror(dir, root)
}

// entry copies one thing that is there.
func (t *checkTree) entry(dest, root string) error {
	t.entries++
	file := path.Join(t.tx.opts.Root, dest)
	c := t.changes[dest]
	if c == nil { // it may be a link to one
		if behind, err := t.tx.paths.resolve(dest); err == nil {
			c = t.paths[behind]
		}
	}
	if c != nil {
		if c.Action == Remove {
			return nil
		}
		return t.put(dest, c.New, c.perm)
	}
	info, err := t.tx.fsys.Stat(file)
	whole := strings.Count(root, "/") > 1 // a folder such as /etc is not copied whole
	switch {
	case err != nil:
	case info.Mode.IsDir() && (t.needed[dest] || whole && t.entries < maxMirrored && !t.isLink(file)):
		return t.folder(dest, root)
	case info.Mode.IsRegular() && info.Size <= maxRewritten && t.entries < maxMirrored:
		if text, err := t.tx.fsys.ReadFile(file); err == nil && t.rewrite.Match(text) {
			return t.put(dest, text, info.Perm())
		}
	}
	return t.tx.fsys.Symlink(file, t.base+dest)
}

func (t *checkTree) isLink(file string) bool {
	info, err := t.tx.fsys.Lstat(file)
	return err == nil && info.Mode&fs.ModeSymlink != 0
}

// put writes a file of the copy.
func (t *checkTree) put(dest string, text []byte, perm uint32) error {
	if !bytes.ContainsRune(text, 0) {
		text = t.rewrite.ReplaceAll(text, []byte("${1}"+strings.ReplaceAll(t.base, "$", "$$")+"${2}"))
	}
	f, err := t.tx.fsys.Create(t.base+dest, 0o600|perm&0o100)
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	return errors.Join(err, f.Close())
}

// removeTree removes what is at a path of ours, and all that is in it; links are not
// followed.
func removeTree(fsys durable.FS, name string) error {
	info, err := fsys.Lstat(name)
	if err != nil {
		return ignoreMissing(err)
	}
	if info.Mode.IsDir() {
		names, err := fsys.ReadDir(name)
		if err != nil {
			return ignoreMissing(err)
		}
		for _, n := range names {
			if err := removeTree(fsys, path.Join(name, n)); err != nil {
				return err
			}
		}
	}
	return remove(fsys, name)
}
