//go:build linux

package sink

import (
	"slices"
	"strconv"
	"time"

	"golang.org/x/sys/unix"

	"slipway/supervise/kernel"
	"slipway/supervise/logs/fault"
	"slipway/supervise/logs/rotation"
)

// File is the sink of one log file. It opens, rotates and loses as the package
// comment says; see rotate.go for the order of a rotation.
type File struct {
	t        *Targets
	path     string // as the configuration names it
	key      string
	rotation Rotation
	private  bool
	refs     int

	fd      int     // -1: not open
	regular bool    // only such files are rotated and cleared
	null    bool    // /dev/null: nothing needs to be written
	queue   *Source // of a Writer that owns fd: FIFO, terminal, socket
	fault   fault.Fault
	norot   time.Time // a rotation failed: none before this time

	old *rotation.Old // nil: no rule says more than the rotation
	mid bool          // with a rule: the last line has not ended
}

func newFile(t *Targets, path, key string) *File {
	return &File{t: t, path: path, key: key, fd: -1}
}

const openFlags = unix.O_WRONLY | unix.O_APPEND | unix.O_CREAT | unix.O_CLOEXEC | unix.O_NOCTTY | unix.O_NONBLOCK

func (f *File) mode() uint32 {
	if f.private {
		return 0o600
	}
	return 0o666
}

// Lost returns how many bytes were not written.
func (f *File) Lost() int64 {
	n := f.fault.Lost
	if f.queue != nil {
		n += f.queue.w.Lost()
	}
	return n
}

// tryOpen opens the file unless it is open, or failed a moment ago.
func (f *File) tryOpen(now time.Time) bool {
	if f.fd >= 0 {
		return true
	}
	if f.fault.Resting(now) {
		return false
	}
	fd, err := f.t.sys.OpenFile(f.path, openFlags, f.mode())
	if err != nil {
		f.fault.Failed(err, now)
		return false
	}
	f.adopt(fd)
	return true
}

// adopt makes fd the file's descriptor and looks at what it is.
func (f *File) adopt(fd int) {
	info, err := f.t.sys.StatOpen(fd)
	if err != nil {
		info.Mode = unix.S_IFREG
	}
	f.fd, f.regular, f.null = fd, info.IsRegular(), info.IsNull()
	if f.path == kernel.DevNull { // or what stands for it
		f.regular, f.null = false, true
	}
	if f.old != nil && f.regular {
		f.opened()
	}
	if !f.regular && !f.null {
		w := newWriter(fd, f.path, inTurn{f.t.sys, &f.t.turn}, f.t.opts.Wake)
		w.policy = f.t.policy
		f.queue = w.Source()
		f.t.queues = append(f.t.queues, w)
	}
}

// Write appends p to the file.
func (f *File) Write(p []byte) {
	if f.null || len(p) == 0 {
		return
	}
	if f.queue != nil {
		f.enqueue(p)
		return
	}
	if f.fd < 0 && !f.tryOpen(f.t.sys.Now()) {
		f.lose(len(p))
		return
	}
	if !f.regular {
		f.Write(p) // opened just now, and it is something else
		return
	}
	if f.old != nil {
		f.writeLines(p)
		return
	}
	if f.put(p) && f.rotation.Maxbytes > 0 {
		f.maybeRotate(f.rotation.Maxbytes)
	}
}

// put writes p, and reports whether all of it is written. The rest counts as lost.
func (f *File) put(p []byte) bool {
	if f.fd < 0 && len(p) > 0 { // it has failed a moment ago
		f.lose(len(p))
		return false
	}
	done := 0
	for done < len(p) {
		n, err := f.t.sys.Write(f.fd, p[done:])
		done += n
		if err != nil {
			f.shut()
			f.fault.Failed(err, f.t.sys.Now())
			f.lose(len(p) - done)
			return false
		}
	}
	if f.fault.Err != nil && len(p) > 0 {
		f.recovered()
	}
	return true
}

// enqueue writes to what may stall. A FIFO without a reader is tried again: unlike
// stdout, it can get a new one.
func (f *File) enqueue(p []byte) {
	err := f.queue.w.Err()
	if err == nil {
		f.queue.Write(p)
		if f.fault.Err != nil {
			f.recovered()
		}
		return
	}
	f.shut()
	f.fault.Failed(err, f.t.sys.Now())
	f.lose(len(p))
}

// Drop counts p as lost.
func (f *File) Drop(p []byte) {
	if f.queue != nil {
		f.queue.Drop(p)
		return
	}
	f.fault.Lost += int64(len(p))
}

// lose counts n bytes and says so, once a minute.
func (f *File) lose(n int) {
	f.fault.Lose(n, f.t.sys.Now(), f.title(), f.t.opts.Report)
}

// recovered says that a fault is over.
func (f *File) recovered() { f.fault.Recovered(f.title(), f.t.opts.Report) }

func (f *File) title() string { return "log file " + strconv.Quote(f.path) }

// shut closes the descriptor. A Writer that still waits for its reader keeps it.
func (f *File) shut() {
	if f.fd < 0 {
		return
	}
	if f.queue != nil {
		w := f.queue.w
		lost := w.Lost()
		f.fault.Lost += lost
		f.queue.Close()
		f.t.leave(leaving{w, w.abandon(), lost})
		f.t.queues = slices.DeleteFunc(f.t.queues, func(other *Writer) bool { return other == w })
		f.queue = nil
	} else {
		f.t.sys.Close(f.fd)
	}
	f.fd, f.regular, f.null = -1, false, false
}

// Full reports whether a FIFO or terminal is behind. A regular file never is.
func (f *File) Full() bool { return f.queue != nil && f.queue.Full() }

// Reopen opens the file anew by its name. If that fails, the old one is written
// on, wherever it was moved to: nothing is lost for a mistake in a script.
func (f *File) Reopen() {
	fd, err := f.t.sys.OpenFile(f.path, openFlags, f.mode())
	if err != nil {
		f.t.opts.Report((&PathError{"reopen", f.path, err}).Error())
		return
	}
	if f.queue != nil && f.queue.w.Err() == nil && f.isOpen(fd) {
		f.t.sys.Close(fd) // and what its reader has not taken yet waits on in one place
		return
	}
	f.shut()
	f.adopt(fd)
	f.norot = time.Time{}
}

// isOpen reports whether a descriptor is of the file that is open.
func (f *File) isOpen(fd int) bool {
	there, err := f.t.sys.StatOpen(f.fd)
	if err != nil {
		return false
	}
	again, err := f.t.sys.StatOpen(fd)
	return err == nil && again.Device == there.Device && again.Inode == there.Inode
}

// Clear replaces a regular file by an empty one, as Supervisor does, or truncates
// it where the directory does not let it be replaced.
func (f *File) Clear() error {
	if f.fd < 0 {
		return clearPath(f.t.sys, f.path)
	}
	if !f.regular {
		return nil
	}
	if err := f.t.sys.Remove(f.path); err != nil && err != unix.ENOENT {
		if err := f.t.sys.Truncate(f.fd); err != nil {
			return &PathError{"clear", f.path, err}
		}
		return nil
	}
	// The old file is closed after the new one is there: its inode number,
	// by which readers see the change, is then not given out again.
	fd, err := f.t.sys.OpenFile(f.path, openFlags, f.mode())
	f.shut()
	if err != nil {
		f.fault.Failed(err, f.t.sys.Now())
		return &PathError{"clear", f.path, err}
	}
	f.adopt(fd)
	return nil
}

// Close gives up one use of the file; the last one closes it.
func (f *File) Close() {
	f.refs--
	if f.refs > 0 {
		return
	}
	f.release()
	f.t.gone += f.Lost()
	delete(f.t.files, f.key)
}

func (f *File) release() {
	f.fault.Last(f.title(), f.t.opts.Report)
	f.shut()
}
