//go:build linux

package sink

import (
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"slipway/supervise/kernel"
	"slipway/supervise/logs/direct"
	"slipway/supervise/logs/format"
	"slipway/supervise/logs/rotation"
	"slipway/supervise/logs/syslog"

	"golang.org/x/sys/unix"
)

// Options are what Targets needs from its owner.
type Options struct {
	// System is the operating system; nil is Linux.
	System System
	// Report is told, on the loop, what people should know about a target:
	// one finished sentence. It may write to an Activity that itself writes
	// to the target.
	Report func(text string)
	// Wake is called, from another goroutine, when a target that was Full is
	// not any more or when there is something to report. The loop then calls
	// Poll and looks at Full again. It must not wait.
	Wake func()
	// Look makes Writable return where it waits for what takes something by now. Close
	// calls it, after the loop has ended, which has done that; nil: nobody needs it.
	Look func()
	// Watcher is the loop, which watches the inherited outputs while they take nothing; nil:
	// goroutines wait for them.
	Watcher direct.Watcher
	// Syslog is where lines for syslog go; the zero value is the machine's daemon.
	Syslog syslog.Server
	// Ident is what syslog shows as the sender; "" means supervisord.
	Ident string
	// Compress is called when an old file of a log may have to be compressed: see NextOld. nil:
	// nobody does it.
	Compress func()
}

// Targets owns every destination of output.
type Targets struct {
	opts    Options
	sys     System
	stdio   [3]*Writer       // by descriptor; nil: not used yet
	files   map[string]*File // by resolved path
	queues  []*Writer        // of those files that have one
	leaving []leaving        // of those that are closed, and not written yet
	syslog  *syslog.Conn     // nil: not used yet
	due     []*rotation.Old  // with files that are to be compressed
	policy  Policy
	turn    sync.Mutex // of writers to what was opened here
	printed *Source    // of Print; nil: not used yet
	gone    int64      // lost by files that are closed
	form    format.Form
}

// NewTargets returns an empty set. It opens nothing.
func NewTargets(opts Options) *Targets {
	if opts.System == nil {
		opts.System = &kernel.Linux{}
	}
	if opts.Report == nil {
		opts.Report = func(string) {}
	}
	if opts.Wake == nil {
		opts.Wake = func() {}
	}
	if opts.Look == nil {
		opts.Look = func() {}
	}
	return &Targets{opts: opts, sys: opts.System, files: map[string]*File{}}
}

// System is the operating system that they are asked of.
func (t *Targets) System() System { return t.sys }

// Stdio returns a new source of the inherited descriptor fd, 1 or 2.
func (t *Targets) Stdio(fd int) *Source {
	if other := t.stdio[3-fd]; t.stdio[fd] == nil && other != nil && t.areOne() {
		return other.Source()
	}
	if t.stdio[fd] == nil {
		name := "standard output"
		if fd == 2 {
			name = "standard error"
		}
		t.stdio[fd] = newWriter(fd, name, t.sys, t.opts.Wake)
		if x, ok := t.sys.(direct.Tries); ok && t.opts.Watcher != nil && !t.stdio[fd].live {
			t.stdio[fd].way = direct.To(fd, x, t.opts.Watcher)
		}
		t.stdio[fd].policy, t.stdio[fd].drops.form = t.policy, &t.form
	}
	return t.stdio[fd].Source()
}

// Print writes p to the inherited standard output.
func (t *Targets) Print(p []byte) {
	if t.printed == nil {
		t.printed = t.Stdio(1)
	}
	if l := t.Own(t.printed); l != nil {
		l.Feed(p)
		return
	}
	t.printed.Write(p)
}

// Rotation says when and how a log file is replaced.
type Rotation struct {
	Maxbytes int64 // 0: never
	Backups  int   // 0: the file is truncated
}

// File returns the sink of the log file at path. Those who name the same file
// share it, and the Rotation given last holds. A path that means stdout or stderr,
// or links to them, gives the inherited descriptor. With private the file is
// created for its owner only; otherwise the umask decides.
func (t *Targets) File(path string, r Rotation, private bool) Sink {
	if fd := t.FD(path); fd != 0 {
		return t.Stdio(fd)
	}
	key := resolve(path)
	f := t.files[key]
	if f == nil {
		f = newFile(t, path, key)
		t.files[key] = f
	}
	f.rotation, f.private = r, private
	f.refs++
	if !f.tryOpen(t.sys.Now()) {
		f.lose(0) // says why
	}
	return f
}

// logfile opens the log file of a destination.
func (t *Targets) logfile(d *Destination) Sink {
	return kept(t.Rotated(d.Logfile, d.Rotation, d.Old, d.Private))
}

// Rotated is File with a rule for the old files; nil: none. The one given last holds.
func (t *Targets) Rotated(path string, r Rotation, old *rotation.Rule, private bool) Sink {
	s := t.File(path, r, private)
	if f, ok := s.(*File); ok && (old != nil || f.old != nil) {
		f.follow(old)
	}
	return s
}

// kept marks a sink as that of a program.
func kept(s Sink) Sink {
	if source, ok := s.(*Source); ok {
		source.keep = true
	}
	return s
}

// resolve gives all names of a directory one spelling. The last element stays, as
// rotation renames it even if it is a link.
func resolve(path string) string {
	abs, err := filepath.Abs(path)
	if err != nil {
		return path
	}
	dir, base := filepath.Split(abs)
	if real, err := filepath.EvalSymlinks(dir); err == nil {
		return filepath.Join(real, base)
	}
	return abs
}

// Reopen opens every file anew by its name: SIGUSR2.
func (t *Targets) Reopen() {
	for _, f := range t.files {
		f.Reopen()
	}
}

// Clear empties the log file at path, whether it is open or not. What is not a
// regular file has nothing to clear.
func (t *Targets) Clear(path string) error {
	if t.FD(path) != 0 {
		return nil
	}
	if f := t.files[resolve(path)]; f != nil {
		return f.Clear()
	}
	return clearPath(t.sys, path)
}

// SetPolicy changes what happens at targets whose reader is too slow: in a
// shutdown nobody should wait for them. The caller looks at Full again.
func (t *Targets) SetPolicy(p Policy) {
	t.policy = p
	t.writers(func(w *Writer) { w.SetPolicy(p) })
}

// writers calls do for every Writer in use.
func (t *Targets) writers(do func(*Writer)) {
	for _, w := range t.stdio {
		if w != nil {
			do(w)
		}
	}
	for _, w := range t.queues {
		do(w)
	}
}

// Poll reports what went wrong in the background, and watches what waits. The loop calls it
// in every pass; Wake makes sure that there is one.
func (t *Targets) Poll() {
	t.writers(func(w *Writer) {
		if text := w.look(); text != "" {
			t.opts.Report(text)
		}
	})
	t.lookAfter()
}

// lookAfter tells what was lost by Writers whose files are closed.
func (t *Targets) lookAfter() {
	list := t.leaving
	t.leaving = nil
	for _, l := range list {
		t.leave(l)
	}
}

// leaving is a Writer whose file is closed.
type leaving struct {
	*Writer
	written <-chan struct{} // closed when nothing waits any more; nil: nothing does
	lost    int64           // of its bytes, as the file has counted them
}

// leave tells what a Writer has lost at last, as soon as that is known: nobody asks it again.
func (t *Targets) leave(l leaving) {
	select {
	case <-l.written:
	default:
		if l.written != nil {
			t.leaving = append(t.leaving, l)
			return
		}
	}
	t.gone += l.Lost() - l.lost
	if text := l.lastWords(); text != "" {
		t.opts.Report(text)
	}
}

// Busy reports whether output waits for its readers. Options.Wake is called when a target has
// nothing that waits any more.
func (t *Targets) Busy() bool {
	busy := false
	t.writers(func(w *Writer) {
		w.flush()
		busy = w.busy() || busy
	})
	return busy
}

// Reads reports whether one of the readers that output waits for has taken something since
// Reads was called last.
func (t *Targets) Reads() bool {
	reads := false
	t.writers(func(w *Writer) { reads = w.reads() || reads })
	return reads
}

// Report tells people what they should know about a target: one finished sentence.
func (t *Targets) Report(text string) { t.opts.Report(text) }

// GiveUp drops what waits for readers that take nothing, and reports what that is.
func (t *Targets) GiveUp() {
	t.writers(func(w *Writer) {
		if n := w.giveUp(); n > 0 {
			t.opts.Report(strconv.FormatInt(n, 10) + " bytes for " + w.name + " are lost: its reader takes nothing")
		}
	})
}

// Loss is what one target could not deliver.
type Loss struct {
	Target string // "standard output", the path of a file, "syslog"
	Bytes  int64
	Err    error // why it does not work at present; nil if it does
}

// Losses lists the targets that lost something or do not work.
func (t *Targets) Losses() []Loss {
	var all []Loss
	add := func(name string, n int64, err error) {
		if n > 0 || err != nil {
			all = append(all, Loss{name, n, err})
		}
	}
	for _, w := range t.stdio {
		if w != nil {
			add(w.name, w.Lost(), w.Err())
		}
	}
	for _, f := range t.files {
		add(f.path, f.Lost(), f.fault.Err)
	}
	if t.syslog != nil {
		n, err := t.syslog.Loss()
		add("syslog", n, err)
	}
	add("closed files", t.gone, nil)
	return all
}

// lookEvery is how often Close calls Look.
const lookEvery = 5 * time.Millisecond

// Close writes what is queued, waiting until deadline at most, and closes the
// files. It reports whether everything was written: a goroutine that still waits
// for its reader is left behind, and ends with the process.
func (t *Targets) Close(deadline time.Time) bool {
	var waits []<-chan struct{}
	t.writers(func(w *Writer) {
		w.leave()
		if c := w.flush(); c != nil {
			waits = append(waits, c)
		}
	})
	timer := time.NewTimer(deadline.Sub(t.sys.Now()))
	defer timer.Stop()
	look := time.NewTicker(lookEvery)
	defer look.Stop()
	done := true
	for i := 0; i < len(waits); {
		select {
		case <-waits[i]:
			i++
		case <-look.C:
			t.opts.Look()
		case <-timer.C:
			timer.Reset(0) // the others get one look as well
			done = false
			i++
		}
	}
	for key, f := range t.files {
		f.release()
		delete(t.files, key)
	}
	if t.syslog != nil {
		t.syslog.Close()
	}
	return done
}

// clearPath empties a file that nobody here has open.
func clearPath(sys System, path string) error {
	switch info, err := sys.Stat(path); {
	case err == unix.ENOENT:
		return nil
	case err != nil:
		return &PathError{"clear", path, err}
	case !info.IsRegular():
		return nil
	}
	fd, err := sys.OpenFile(path, unix.O_WRONLY|unix.O_CLOEXEC|unix.O_TRUNC|unix.O_NONBLOCK, 0)
	if err != nil {
		return &PathError{"clear", path, err}
	}
	return sys.Close(fd)
}

// PathError says which file could not be opened, written, rotated or cleared.
type PathError struct {
	Op   string // "clear"
	Path string
	Err  error
}

func (e *PathError) Error() string {
	return "cannot " + e.Op + " log file " + strconv.Quote(e.Path) + ": " + e.Err.Error()
}

// Unwrap returns the cause.
func (e *PathError) Unwrap() error { return e.Err }
