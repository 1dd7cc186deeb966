package transaction

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"slipway/render/transaction/durable"
)

// resolver finds the file behind a destination. A symbolic link is followed,
// as every editor follows it, but only inside of the root, and only where no
// stranger can have put it: a link of somebody else's in a directory that others may
// write is refused, unless it leads to where its owner may write himself. What is
// returned has no link in it.
type resolver struct {
	fsys durable.FS
	root string
	dirs map[string]string // directories that have been resolved
}

const maxLinks = 40 // as the kernel

func newResolver(fsys durable.FS, root string) *resolver {
	root = path.Clean("/" + root)
	return &resolver{fsys: fsys, root: root, dirs: map[string]string{"/": root}}
}

func (r *resolver) resolve(dest string) (string, error) {
	links := 0
	dir, err := r.dir(path.Dir(dest), &links)
	if err != nil {
		return "", err
	}
	return r.step(dir, path.Base(dest), &links)
}

// dir resolves the directory dest, which starts with a slash.
func (r *resolver) dir(dest string, links *int) (string, error) {
	if d, ok := r.dirs[dest]; ok {
		return d, nil
	}
	parent, err := r.dir(path.Dir(dest), links)
	if err != nil {
		return "", err
	}
	d, err := r.step(parent, path.Base(dest), links)
	if err == nil {
		r.dirs[dest] = d
	}
	return d, err
}

// step resolves one name in a resolved directory.
func (r *resolver) step(dir, name string, links *int) (string, error) {
	file := path.Join(dir, name)
	info, err := r.fsys.Lstat(file)
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return file, nil
		}
		return "", err
	}
	if info.Mode&fs.ModeSymlink == 0 {
		return file, nil
	}
	if *links++; *links > maxLinks {
		return "", fmt.Errorf("more than %d symbolic links", maxLinks)
	}
	holder, err := r.fsys.Lstat(dir)
	if err != nil {
		return "", err
	}
	to, err := r.fsys.Readlink(file)
	if err != nil {
		return "", err
	}
	if !path.IsAbs(to) {
		to = path.Join(dir, to)
	} else if r.root != "/" {
		to = path.Join(r.root, to) // as in a chroot
	}
	inside, ok := r.inside(path.Clean(to))
	if !ok {
		return "", fmt.Errorf("the symbolic link %s leads to %s, outside of %s", file, to, r.root)
	}
	behind := r.root
	if inside != "/" {
		target, err := r.dir(path.Dir(inside), links)
		if err != nil {
			return "", err
		}
		if behind, err = r.step(target, path.Base(inside), links); err != nil {
			return "", err
		}
	}
	return behind, r.trusted(file, info, holder, behind)
}

// trusted refuses a link that a stranger may have put where it is, to have something
// written for him.
func (r *resolver) trusted(link string, info, holder durable.Info, behind string) error {
	stranger := func(owner int) bool { return owner != 0 && owner != uid() }
	who := ""
	switch {
	case !stranger(info.UID):
		return nil
	case holder.Mode.Perm()&0o002 != 0:
		who = "everybody"
	case stranger(holder.UID):
		who = fmt.Sprintf("uid %d", holder.UID)
	default:
		return nil
	}
	to, err := r.fsys.Lstat(behind)
	if err != nil || !to.Mode.IsDir() {
		to, err = r.fsys.Lstat(path.Dir(behind))
	}
	if err == nil && to.UID == info.UID {
		return nil
	}
	return fmt.Errorf("the symbolic link %s belongs to uid %d and lies in a directory that %s may write", link, info.UID, who)
}

// inside returns the path of file seen from the root.
func (r *resolver) inside(file string) (string, bool) {
	if r.root == "/" {
		return file, true
	}
	if file == r.root {
		return "/", true
	}
	rest, ok := strings.CutPrefix(file, r.root+"/")
	return "/" + rest, ok
}
