//go:build linux

package sink

import (
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

// Rotation, in the order of Supervisor's RotatingFileHandler: after a write that
// leaves the position at or beyond the limit,
//
//  1. for i from backups-1 down to 1: where .i exists it becomes .i+1, replacing it;
//  2. the file becomes .1;
//  3. a new file is opened.
//
// Without backups the file is truncated. A write is never split, so that a file
// can exceed the limit by one write. Each rename replaces its target at once: the
// oldest backup is gone before anything new is opened, which is what helps on a
// full disk. A name that somebody else has removed is passed over.

// maybeRotate rotates if the file has reached its limit. It asks for the position
// instead of counting, as the file may be shared, or truncated by logrotate.
func (f *File) maybeRotate() {
	pos, err := f.t.sys.Position(f.fd)
	if err != nil || pos < f.rotation.Maxbytes {
		return
	}
	if !f.norot.IsZero() && f.t.sys.Now().Before(f.norot) {
		return
	}
	f.norot = time.Time{}
	if err := f.rotate(); err != nil {
		// Nothing is thrown away because a directory is read-only: the
		// file grows, and the next try is in a while.
		f.norot = f.t.sys.Now().Add(reportEvery)
		f.t.opts.Report((&PathError{"rotate", f.path, err}).Error())
	}
}

// rotate replaces the file. On an error the present one stays open.
func (f *File) rotate() error {
	flags := openFlags
	if f.rotation.Backups > 0 {
		if err := f.shift(); err != nil {
			return err
		}
	} else {
		flags |= unix.O_TRUNC
	}
	fd, err := f.t.sys.OpenFile(f.path, flags, f.mode())
	if err != nil {
		return err
	}
	f.shut()
	f.adopt(fd)
	return nil
}

// shift moves the backups and the file by one.
func (f *File) shift() error {
	name := func(i int) string { return f.path + "." + strconv.Itoa(i) }
	for i := f.rotation.Backups - 1; i > 0; i-- {
		if err := f.t.sys.Rename(name(i), name(i+1)); err != nil && err != unix.ENOENT {
			return err
		}
	}
	if err := f.t.sys.Rename(f.path, name(1)); err != nil && err != unix.ENOENT {
		return err
	}
	return nil
}
