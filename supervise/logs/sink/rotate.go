//go:build linux

package sink

import (
	"bytes"

	"golang.org/x/sys/unix"

	"slipway/supervise/logs/fault"
	"slipway/supervise/logs/rotation"
)

// Rotation comes after a write that leaves the position at or beyond the limit, in the order of
// [rotation.Shift]. Without backups the file is truncated. A write is never split, so that a
// file can exceed the limit by one write.

// maybeRotate rotates if the file has reached its limit. It asks for the position
// instead of counting, as the file may be shared, or truncated by logrotate.
func (f *File) maybeRotate(limit int64) {
	if pos, err := f.t.sys.Position(f.fd); err == nil && pos >= limit {
		f.putAway()
	}
}

// putAway rotates, unless that has failed a moment ago.
func (f *File) putAway() {
	if !f.norot.IsZero() && f.t.sys.Now().Before(f.norot) {
		return
	}
	f.norot = f.t.sys.Now()
	if err := f.rotate(); err != nil {
		// Nothing is thrown away because a directory is read-only: the
		// file grows, and the next try is in a while.
		f.norot = f.norot.Add(fault.ReportEvery)
		f.t.opts.Report((&PathError{"rotate", f.path, err}).Error())
	}
}

// rotate replaces the file. On an error the present one stays open.
func (f *File) rotate() error {
	flags := openFlags
	shift := func() error { return rotation.Shift(f.t.sys, f.path, f.rotation.Backups) }
	switch {
	case f.rotation.Backups <= 0:
		flags |= unix.O_TRUNC
		shift = func() error { return nil }
	case f.old != nil:
		shift = f.old.Shift
	}
	if err := shift(); err != nil {
		return err
	}
	fd, err := f.t.sys.OpenFile(f.path, flags, f.mode())
	if err != nil {
		return err
	}
	f.shut()
	f.adopt(fd)
	f.tidy()
	return nil
}

// lineMost is how far a file with a rule may exceed its limit, in bytes, until the end of a line
// comes.
const lineMost = 64 << 10

// follow gives the file a rule for its old files; nil: none.
func (f *File) follow(rule *rotation.Rule) {
	switch {
	case rule == nil:
		f.old = nil
		return
	case f.old == nil:
		if f.old = f.t.oldOf(f.path); f.old == nil {
			f.old = rotation.NewOld(f.t.sys, f.path)
		}
		f.old.Set(*rule, f.rotation.Backups, f.mode())
		if f.regular {
			f.opened()
		}
	default:
		f.old.Set(*rule, f.rotation.Backups, f.mode())
	}
	f.tidy()
}

// opened tells the rule what the file holds.
func (f *File) opened() {
	if info, err := f.t.sys.StatOpen(f.fd); err == nil {
		f.old.Opened(info, f.t.wall())
	}
	f.mid = false
}

// tidy removes what has no room any more, and has the rest compressed.
func (f *File) tidy() {
	if f.old == nil {
		return
	}
	if err := f.old.Prune(f.old.Limit(f.rotation.Maxbytes)); err != nil {
		f.t.opts.Report((&PathError{"remove an old", f.path, err}).Error())
	}
	if !f.old.IsDue() {
		return
	}
	if f.t.oldOf(f.path) == nil {
		f.t.due = append(f.t.due, f.old)
	}
	if f.t.opts.Compress != nil {
		f.t.opts.Compress()
	}
}

// writeLines writes p to a file with a rule, which is put away between two lines.
func (f *File) writeLines(p []byte) {
	now := f.t.wall()
	defer f.old.Written(now)
	if f.old.Passed(now) {
		head := 0
		if f.mid {
			head = bytes.IndexByte(p, '\n') + 1
		}
		if f.put(p[:head]); !f.mid || head > 0 {
			f.putAway()
			p = p[head:]
		}
	}
	limit := f.old.Limit(f.rotation.Maxbytes)
	end := bytes.LastIndexByte(p, '\n') + 1
	if f.put(p[:end]); limit > 0 && end > 0 && f.fd >= 0 {
		f.maybeRotate(limit)
	}
	if p = p[end:]; len(p) > 0 {
		f.mid = true
		if f.put(p); limit > 0 && f.fd >= 0 {
			f.maybeRotate(limit + lineMost)
		}
	} else if end > 0 {
		f.mid = false
	}
}
