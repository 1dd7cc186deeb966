package transaction

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"syscall"

	"slipway/internal/way"
	"slipway/render"
)

// WriteError says that a file cannot be written. Nothing was changed, or all of it was put back;
// [RollbackError] says otherwise.
type WriteError struct {
	Dest string // the target, or a file of the runtime folder
	What string // what could not be done
	Hint string
	Err  error
}

func (e *WriteError) Error() string {
	return fmt.Sprintf("cannot write %s: %s", e.Dest, e.What)
}

// Unwrap returns the cause.
func (e *WriteError) Unwrap() error { return e.Err }

// CheckError says that a check command refused the staged files, or did not come to its end.
// Nothing was changed.
type CheckError struct {
	Name   string // the target, or the name of the [check:NAME] section
	Pos    render.Pos
	Status string // "exit status 1", "killed after 30s", …
	Output string // what it printed, without secrets; the last 16 KiB
	Judged bool   // it came to its end and said no, with a status below 126
}

func (e *CheckError) Error() string {
	return fmt.Sprintf("cannot commit: check for %s failed: %s", e.Name, e.Status)
}

// Detail is what the check printed, indented, or "".
func (e *CheckError) Detail() string {
	if e.Output == "" {
		return ""
	}
	return "  | " + strings.ReplaceAll(strings.TrimRight(e.Output, "\n"), "\n", "\n  | ") + "\n"
}

// RollbackError says that a failed change could not be undone: Dests hold the
// new content. The journal, if there is one, is kept, and the next run completes the change.
type RollbackError struct {
	Dests []string
	Err   error // why, and what failed first
}

func (e *RollbackError) Error() string {
	return fmt.Sprintf("cannot put back %s: %v", strings.Join(e.Dests, ", "), e.Err)
}

// Unwrap returns the causes.
func (e *RollbackError) Unwrap() error { return e.Err }

// explain makes a WriteError of what a file operation returned, in words that
// name the reason: who is not allowed to do what, and where.
func explain(dest, file string, err error) *WriteError {
	w := &WriteError{Dest: dest, Err: err}
	dir := path.Dir(file)
	errno := syscall.Errno(0)
	errors.As(err, &errno)
	op := "write it"
	var pe *fs.PathError
	if errors.As(err, &pe) {
		op = pe.Op
	}
	itself := pe != nil && pe.Path == file // not its directory
	switch {
	case errno == syscall.ELOOP:
		w.What = "a symbolic link that others can change is on the way to it, or in its place"
		if l := (*way.LinkError)(nil); errors.As(err, &l) {
			w.What = l.Error()
		}
		w.Hint = "let the link and its folder belong to root, or name the place that it leads to"
	case itself && errno == syscall.EROFS:
		w.What = "it is mounted read-only"
		w.Hint = "mount it writable, or leave out the template"
	case itself && op == "open" && errno == syscall.EACCES:
		w.What, w.Hint = closedTo(uid(), "it", file)
	case op == "chown" && (errno == syscall.EPERM || errno == syscall.EINVAL):
		w.What = fmt.Sprintf("uid %d may not give it to another owner", uid())
		w.Hint = "run as root, or leave owner out"
		if uid() == 0 {
			w.What += " (CAP_CHOWN is missing)"
			w.Hint = "docker run --cap-add CHOWN, or leave owner out"
		}
	case op == "chmod" && errno == syscall.EPERM:
		w.What = fmt.Sprintf("uid %d may not set the mode of a file of another user (CAP_FOWNER is missing)", uid())
		w.Hint = "docker run --cap-add FOWNER, or give it the mode that it has"
	case (op == "sync" || op == "fsync" || op == "syncfs") && errno == syscall.EPERM:
		w.What = "the kernel refuses " + op + "(2), without which it may not outlive a crash"
		w.Hint = "a seccomp profile does that: let it allow fsync, fdatasync and syncfs"
	case errno == syscall.EACCES, errno == syscall.EPERM:
		w.What, w.Hint = closedTo(uid(), "directory "+dir, dir)
		if errno == syscall.EPERM || uid() != 0 {
			w.Hint += "; a file marked immutable (chattr +i) says the same"
		}
	case errno == syscall.EROFS:
		w.What = fmt.Sprintf("%s is on a read-only file system", dir)
		w.Hint = "mount a volume or a tmpfs there"
	case errno == syscall.ENOENT:
		w.What = fmt.Sprintf("directory %s does not exist", dir)
		w.Hint = "make it in the image, or say parents = true in the template's section"
	case errno == syscall.ENOTDIR:
		w.What = fmt.Sprintf("a part of %s is not a directory", dir)
	case errno == syscall.EISDIR:
		w.What = "there is a directory in its place"
	case errno == syscall.ENOSPC, errno == syscall.EDQUOT:
		w.What = fmt.Sprintf("no space is left where %s is", dir)
	case errno == syscall.ETXTBSY:
		w.What = "it is mounted by itself and is being executed"
	default:
		w.What = err.Error()
	}
	return w
}

// closedTo says that a file or folder, called name, may not be written, and what to do. Root may
// write all, unless it lacks the capability to.
func closedTo(uid int, name, path string) (what, hint string) {
	what = fmt.Sprintf("%s is not writable by uid %d", name, uid)
	if uid == 0 {
		return what + " (CAP_DAC_OVERRIDE is missing)", "let it belong to root in the image, or docker run --cap-add DAC_OVERRIDE"
	}
	return what, fmt.Sprintf("in the image: chgrp 0 %s && chmod g+w %s", path, path)
}

// unreadable says that what is there cannot be compared.
func unreadable(uid int) string {
	what := fmt.Sprintf("its present content is not readable by uid %d", uid)
	if uid == 0 {
		what += " (CAP_DAC_OVERRIDE is missing)"
	}
	return what
}

// hopeless says whether a directory takes no new files, whatever their names.
func hopeless(err error) bool {
	return errors.Is(err, syscall.EACCES) || errors.Is(err, syscall.EPERM) || errors.Is(err, syscall.EROFS)
}

// cause strips the operation and the path from an error of the file system,
// which the message already names.
func cause(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

// mounted says whether a rename failed because the target is a mount point, or
// on another file system than its directory: the file can only be written in place.
func mounted(err error) bool {
	return errors.Is(err, syscall.EBUSY) || errors.Is(err, syscall.EXDEV)
}
