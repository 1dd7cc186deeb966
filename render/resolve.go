package render

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"slipway/internal/durable"
)

// resolver finds the file behind a destination. A symbolic link is followed,
// as every editor follows it, but only inside of the root, and only where no
// stranger can have put it: a link in a directory that others may write is
// refused. What is returned has no link in it.
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
	if holder.Mode.Perm()&0o002 != 0 && info.UID != 0 && info.UID != uid() {
		return "", fmt.Errorf("the symbolic link %s belongs to uid %d and lies in a directory that everybody may write", file, info.UID)
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
	if inside == "/" {
		return r.root, nil
	}
	target, err := r.dir(path.Dir(inside), links)
	if err != nil {
		return "", err
	}
	return r.step(target, path.Base(inside), links)
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
