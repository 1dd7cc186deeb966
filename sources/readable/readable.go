// Package readable reads the files that templates name, below folders that the configuration
// allows. A value may be part of such a name, so no name leads out of these folders: not by
// .., and not by a symbolic link.
package readable

import (
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"

	"slipway/sources/internal/smallfile"
)

// Folders are those whose files may be read.
type Folders struct {
	Open   []string
	Secret []string // what is below them is secret
}

// RefusedError is a file that may not be read.
type RefusedError struct {
	Reason  string
	folders []string
}

func (e *RefusedError) Error() string { return e.Reason }

// Hint says what may be read.
func (e *RefusedError) Hint() string {
	if len(e.folders) == 0 {
		return "name its folder in readable of [slipway]"
	}
	return "files are read below " + strings.Join(e.folders, ", ") + "; name another folder in readable of [slipway]"
}

// Read returns the content of a file, and whether it is secret. The error is a
// [*RefusedError], a [*fs.PathError] with [fs.ErrNotExist], or the cause of another failure.
func (f Folders) Read(file string) (text []byte, secret bool, err error) {
	refused := func(format string, args ...any) error {
		return &RefusedError{fmt.Sprintf(format, args...), append(append([]string{}, f.Open...), f.Secret...)}
	}
	if strings.IndexByte(file, 0) >= 0 {
		return nil, false, refused("no path has a NUL byte in it")
	}
	if !filepath.IsAbs(file) {
		return nil, false, refused("it is not an absolute path")
	}
	file = filepath.Clean(file)
	secret = below(file, f.Secret)
	if !secret && !below(file, f.Open) {
		return nil, false, refused("it is below no folder that templates may read")
	}
	real, err := filepath.EvalSymlinks(file)
	if err != nil {
		return nil, secret, &fs.PathError{Op: "open", Path: file, Err: smallfile.Cause(err)}
	}
	switch {
	case below(real, resolved(f.Secret)):
		secret = true
	case !below(real, resolved(f.Open)):
		return nil, false, refused("it is a link to %s, which is below no folder that templates may read", real)
	}
	content, err := smallfile.Read(real)
	if err != nil {
		return nil, secret, &fs.PathError{Op: "open", Path: file, Err: err}
	}
	if content.Bytes == nil && content.Unfit != nil {
		return nil, secret, content.Unfit
	}
	return content.Bytes, secret, nil
}

// below reports whether a file lies in or below one of the folders.
func below(file string, folders []string) bool {
	for _, dir := range folders {
		if rel, err := filepath.Rel(dir, file); err == nil && rel != "." && rel != ".." && !strings.HasPrefix(rel, "../") {
			return true
		}
	}
	return false
}

// resolved are the folders with links followed; those that are not there are left out.
func resolved(folders []string) []string {
	var out []string
	for _, dir := range folders {
		if real, err := filepath.EvalSymlinks(dir); err == nil {
			out = append(out, real)
		}
	}
	return out
}
