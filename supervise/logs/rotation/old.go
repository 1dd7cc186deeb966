//go:build linux

package rotation

import (
	"syscall"
	"time"

	"slipway/supervise/kernel"
)

// System is what Old asks of the operating system.
type System interface {
	Names
	OpenFile(path string, flags int, mode uint32) (fd int, err error)
	StatOpen(fd int) (kernel.FileInfo, error)
	Close(fd int) error
}

// Old are the old files of one log that has a Rule.
type Old struct {
	Rule
	Path    string
	Backups int    // of them; 0: the log is truncated instead
	Mode    uint32 // of what is made

	sys     System
	content int64 // number of the time of what the log holds
	empty   bool  // it holds nothing
	due     bool  // there may be a file to compress
	job     job
}

// job is the compression of one file.
type job struct {
	number int // the file's present one; 0: there is none any more
	inode  uint64
}

// NewOld returns the old files of the log at path.
func NewOld(sys System, path string) *Old { return &Old{Path: path, sys: sys, empty: true} }

// Set gives the rule, how many files there are, and their mode.
func (o *Old) Set(rule Rule, backups int, mode uint32) {
	o.Rule, o.Backups, o.Mode = rule, backups, mode
	o.due = o.due || o.Compress
}

// Opened notes what the log holds that was opened.
func (o *Old) Opened(log kernel.FileInfo, now time.Time) {
	if o.empty = log.Size == 0; o.empty || o.Every == (Every{}) {
		return
	}
	o.content = o.Every.number(log.Modified.In(now.Location()))
}

// Passed reports whether the log holds lines of a time that is over. A clock that was set back
// is in the time that the log is of until it has caught up; after one that was far ahead the
// log is as of now.
func (o *Old) Passed(now time.Time) bool {
	if o.empty || o.Every == (Every{}) {
		return false
	}
	n := o.Every.number(now)
	if o.content-n > 1 {
		o.content = n
	}
	return o.content < n // until Opened
}

// Written notes that something was written to the log.
func (o *Old) Written(now time.Time) {
	if o.empty && o.Every != (Every{}) {
		o.empty, o.content = false, o.Every.number(now)
	}
}

// Shift moves the old files and the log itself by one. It goes as package-level [Shift], with
// each of the two forms of a file; the one that is replaced goes in both.
func (o *Old) Shift() error {
	for i := o.Backups; i > 0; i-- {
		from := o.Path
		if i > 1 {
			from = name(o.Path, i-1)
		}
		to := name(o.Path, i)
		plain, err := move(o.sys, from, to)
		if err != nil {
			return err
		}
		if plain {
			switch {
			case o.job.number == i: // it was the oldest, and is replaced
				o.job.number = 0
			case i > 1 && o.job.number == i-1:
				o.job.number = i
			}
		}
		if from == o.Path {
			if err := remove(o.sys, to+packed); plain && err != nil {
				return err
			}
			break
		}
		zip, err := move(o.sys, from+packed, to+packed)
		switch {
		case err != nil:
		case zip && !plain:
			if o.job.number == i {
				o.job.number = 0
			}
			err = remove(o.sys, to)
		case plain && !zip:
			err = remove(o.sys, to+packed)
		}
		if err != nil {
			return err
		}
	}
	o.due = o.Compress
	return nil
}

// Prune removes the oldest files that have no room beside a log of limit bytes.
func (o *Old) Prune(limit int64) (first error) {
	if o.Total == 0 {
		return nil
	}
	room := o.Total - limit
	for i := 1; i <= o.Backups; i++ {
		for _, path := range [...]string{name(o.Path, i), name(o.Path, i) + packed} {
			info, err := o.sys.Stat(path)
			if err != nil {
				continue
			}
			if room -= info.Size; room >= 0 {
				continue
			}
			if err := remove(o.sys, path); err != nil && first == nil {
				first = err
			}
			if path == name(o.Path, o.job.number) {
				o.job.number = 0
			}
		}
	}
	return first
}

// IsDue reports whether there may be a file to compress.
func (o *Old) IsDue() bool { return o.due && o.Compress && o.Backups > 0 }

// Begin opens the oldest file that is to be compressed, and a new one for the result, which has
// the mode. With ok false there is none. The descriptors are the caller's; End follows.
func (o *Old) Begin() (from, to int, ok bool, err error) {
	for i := o.Backups; i > 0; i-- {
		// Others may write to the folder: what they have put there is not followed.
		from, err = o.sys.OpenFile(name(o.Path, i), syscall.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_NONBLOCK|syscall.O_NOCTTY|syscall.O_CLOEXEC, 0)
		if err == syscall.ENOENT || err == syscall.ELOOP {
			continue
		}
		if err != nil {
			return -1, -1, false, err
		}
		info, err := o.sys.StatOpen(from)
		if err != nil || !info.IsRegular() {
			o.sys.Close(from)
			continue
		}
		if err = remove(o.sys, o.Path+begun); err == nil {
			to, err = o.sys.OpenFile(o.Path+begun, syscall.O_WRONLY|syscall.O_CREAT|syscall.O_EXCL|syscall.O_CLOEXEC, o.Mode)
		}
		if err != nil {
			o.sys.Close(from)
			return -1, -1, false, err
		}
		o.job = job{i, info.Inode}
		return from, to, true, nil
	}
	o.due = false
	return -1, -1, false, nil
}

// Rest leaves the files as they are until there is one more.
func (o *Old) Rest() { o.due = false }

// End takes the result of what Begin has begun: the compressed file comes into the place of its
// original. With ok false, or if the original is gone, it is thrown away.
func (o *Old) End(ok bool) error {
	number, inode := o.job.number, o.job.inode
	o.job = job{}
	plain := name(o.Path, number)
	info, err := o.sys.Stat(plain)
	if !ok || number == 0 || err != nil || info.Inode != inode {
		return remove(o.sys, o.Path+begun)
	}
	if err := o.sys.Rename(o.Path+begun, plain+packed); err != nil {
		return err
	}
	return remove(o.sys, plain)
}
