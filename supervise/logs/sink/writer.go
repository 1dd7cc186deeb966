//go:build linux

package sink

import (
	"bytes"
	"errors"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"slipway/supervise/logs/direct"
	"slipway/supervise/logs/fault"
	"slipway/supervise/logs/format"
	"slipway/supervise/panics"
)

// The limits of a Writer, in bytes.
const (
	// softLimit is where a Writer is full: as much as a pipe holds.
	softLimit = 256 << 10
	// hardLimit is what a Writer holds at most beside the batch in flight, but for
	// what programs print: who asks Full before each read stays far below it.
	// Its distance from softLimit is room for the read that was under way,
	// and for the supervisor's own lines.
	hardLimit = 512 << 10
	// pieceLimit is how much is written at once, so that one sees that a slow reader reads:
	// a write on a pipe returns when all of it was taken.
	pieceLimit = 64 << 10
	// holdLimit is how much of an unfinished line a Source holds back: a
	// container runtime splits lines there as well.
	holdLimit = 16 << 10
)

// Grace is how long a Writer that the loop writes to is full as soon as anything waits, as what
// is not read yet needs no copy. A reader that takes longer is waited for with a queue.
const Grace = 20 * time.Millisecond

// holdTime is how long an unfinished line waits for its end while several
// sources share a Writer.
const holdTime = 250 * time.Millisecond

// holdBehind is that while the reader is behind: then the end of the line may be there, and
// only not be read yet.
const holdBehind = 20 * holdTime

// atomicWrite is the most that a program writes to a pipe at once or not at all. Where more
// came, it may have been stopped in the middle of a line, so the end is waited for like that
// of one that is behind.
const atomicWrite = 4 << 10

// Policy says what a Writer does when its reader is too slow.
type Policy uint8

// The policies of a Writer.
const (
	// Block makes the Writer Full, so that the loop stops reading and the
	// program waits in its own write, as it would on a pipe of its own. The
	// supervisor's own lines wait for nobody: they are lost when hardLimit is
	// reached.
	Block Policy = iota
	// DropOldest never holds anyone up: whole lines are lost, oldest first.
	DropOldest
)

// Writer writes to a descriptor that may stall, without stalling its caller. Where there is a
// way for that, the caller itself writes, and only what is not taken at once is queued, for the
// loop to go on with. Else there is a goroutine, which starts with the first byte of a burst
// and ends when the queue is empty. Several sources may share a Writer; lines of one are then
// not cut by lines of another.
type Writer struct {
	fd   int
	name string // for people: "standard output"
	sys  System
	live bool   // writes never stall: there is no goroutine
	wake func() // from any goroutine; never nil

	way direct.Way // good: there is no goroutine

	mu      sync.Mutex
	policy  Policy
	queue   []byte
	spare   []byte        // the other half of the double buffer
	running bool          // the goroutine lives, or what is queued waits for the way
	waiting bool          // somebody was told Full or busy, and wants to be woken
	drained chan struct{} // closed when the goroutine ends; nil: nobody waits
	reading reading
	trouble trouble
	drops   drops
	sources int
	held    held
	last    *Source // wrote last
	mid     bool    // and has not ended its line
}

// reading is how far the reader has come.
type reading struct {
	flight int       // bytes that are being written
	taken  int64     // bytes that were written
	seen   int64     // of those, when somebody last looked
	given  bool      // up: nobody waits for it any more
	at     time.Time // it has last left something, or begun to
}

// held are unfinished lines, and how long they wait.
type held struct {
	sources []*Source
	bytes   int
	timer   *time.Timer // look which have waited long enough
}

// trouble is what goes wrong with the writing.
type trouble struct {
	err   error     // final: nothing is written any more
	fault error     // the last one that was not final
	news  bool      // err or fault has not been reported
	said  time.Time // last report of a fault
	wakes bool      // the loop has to be woken for the news
}

// drops are what a Writer has dropped.
type drops struct {
	bytes  int64        // in all
	unsaid loss         // not yet mentioned in the output
	form   *format.Form // in which it is; nil: in plain words
	cut    bool         // what is written has not ended its line; of who writes
}

// loss is what was dropped.
type loss struct{ bytes, lines int64 }

func newWriter(fd int, name string, sys System, wake func()) *Writer {
	x, ok := sys.(NeverStalls)
	return &Writer{fd: fd, name: name, sys: sys, wake: wake, live: ok && x.NeverStalls(fd)}
}

// Source is one of those who write to a Writer. It belongs to one stream.
type Source struct {
	w    *Writer
	part []byte    // unfinished line that is held back; guarded by w.mu
	held time.Time // since when
	slow bool      // for the rest of the line may be on its way, see atomicWrite
	open bool
	keep bool // of a program: Block loses nothing of it
}

// Source adds one.
func (w *Writer) Source() *Source {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.sources++
	return &Source{w: w, open: true}
}

// Write queues p. As long as a Writer has one Source only, every byte goes out as
// it came. With several, an unfinished line waits for its end for holdTime.
func (s *Source) Write(p []byte) {
	if len(p) == 0 {
		return
	}
	w := s.w
	w.mu.Lock()
	defer w.unlock()
	if w.live || w.sources < 2 && len(s.part) == 0 {
		w.enqueue(s, p)
		return
	}
	big := len(p) > atomicWrite
	end := bytes.LastIndexByte(p, '\n') + 1
	if end > 0 {
		w.release(s)
		w.enqueue(s, p[:end])
		p = p[end:]
	}
	if len(p) == 0 {
		return
	}
	if w.mid && w.last == s || len(s.part)+len(p) > holdLimit {
		// The beginning of the line is out already, or it is too long.
		w.release(s)
		w.enqueue(s, p)
		return
	}
	w.hold(s, p, big)
}

// Continue queues p, which goes on with a line of s or begins one. Head goes before it where
// no line of s is unfinished, or that of another came between.
func (s *Source) Continue(head, p []byte) {
	w := s.w
	w.mu.Lock()
	defer w.unlock()
	if !w.mid || w.last != s {
		w.enqueue(s, head)
	}
	w.enqueue(s, p)
}

// FD is the descriptor that it writes to.
func (s *Source) FD() int { return s.w.fd }

// hold keeps an unfinished line back. w.mu is held.
func (w *Writer) hold(s *Source, p []byte, big bool) {
	if len(s.part) == 0 {
		w.held.sources = append(w.held.sources, s)
		s.held, s.slow = time.Now(), big
	}
	s.part = append(s.part, p...)
	w.held.bytes += len(p)
	if w.held.timer == nil {
		w.held.timer = time.AfterFunc(holdTime, w.expire) // Close stops it
	}
}

// expire lets unfinished lines go that have waited long enough: they may be prompts. The loop
// has to look after what the way does not take.
func (w *Writer) expire() {
	w.mu.Lock()
	defer func() {
		w.trouble.wakes = w.trouble.wakes || w.way.Good() && (w.running || w.waiting)
		w.awaken()
	}()
	w.held.timer = nil
	next := holdTime
	for _, s := range slices.Clone(w.held.sources) {
		limit := holdTime
		if w.running || w.waiting || s.slow {
			limit = holdBehind
		}
		if left := limit - time.Since(s.held); left <= 0 {
			w.release(s)
		} else {
			next = min(next, left)
		}
	}
	if len(w.held.sources) > 0 {
		w.held.timer = time.AfterFunc(next, w.expire)
	}
}

// release queues what s holds back. w.mu is held.
func (w *Writer) release(s *Source) {
	if len(s.part) == 0 {
		return
	}
	for i, h := range w.held.sources {
		if h == s {
			w.held.sources = append(w.held.sources[:i], w.held.sources[i+1:]...)
			break
		}
	}
	part := s.part
	s.part = nil
	w.held.bytes -= len(part)
	w.enqueue(s, part)
}

// enqueue appends p to the queue, whatever it has to drop for that. w.mu is held.
func (w *Writer) enqueue(s *Source, p []byte) {
	if len(p) == 0 {
		return
	}
	if w.trouble.err != nil {
		w.drops.bytes += int64(len(p))
		return
	}
	if over := len(w.queue) + len(p) + 1 - hardLimit; over > 0 {
		switch {
		case w.policy == DropOldest:
			p = w.dropOldest(p, over)
		case !s.keep:
			w.drop(p)
			return
		}
	}
	if w.mid && w.last != s {
		// The line of a program that has ended, or a prompt: the next line
		// is not glued to it.
		p = append([]byte{'\n'}, p...)
	}
	w.last, w.mid = s, p[len(p)-1] != '\n'
	if w.way.Good() {
		w.pass(p)
		return
	}
	w.queue = append(w.queue, p...)
	if !w.running {
		w.running = true
		if w.live {
			w.mu.Unlock() // there is nobody else
			w.drain()
			w.mu.Lock()
			return
		}
		go w.drain() // ends with the queue; Close waits for it
	}
}

// dropOldest makes room for p, and returns what of it has room.
func (w *Writer) dropOldest(p []byte, over int) []byte {
	if len(p) > hardLimit {
		w.drop(w.queue)
		w.queue = w.queue[:0]
		w.drop(p[:len(p)-hardLimit])
		return p[len(p)-hardLimit:]
	}
	// A quarter at once: moving the rest costs too much to do it by lines.
	n := min(max(over, hardLimit/4), len(w.queue))
	if end := bytes.IndexByte(w.queue[n:], '\n'); end >= 0 {
		n += end + 1
	}
	w.drop(w.queue[:n])
	w.queue = append(w.queue[:0], w.queue[n:]...)
	return p
}

func (w *Writer) drop(p []byte) {
	w.drops.bytes += int64(len(p))
	w.drops.unsaid.bytes += int64(len(p))
	w.drops.unsaid.lines += int64(bytes.Count(p, []byte{'\n'}))
}

// drain is the goroutine: it writes batches until the queue is empty.
func (w *Writer) drain() {
	var head []byte // built for a loss only
	for {
		w.mu.Lock()
		if len(w.queue) == 0 || w.trouble.err != nil {
			w.running, w.reading.flight = false, 0
			wake := w.waiting
			w.waiting = false
			if w.drained != nil {
				close(w.drained)
				w.drained = nil
			}
			w.mu.Unlock()
			if wake {
				w.wake()
			}
			return
		}
		batch := w.queue
		w.queue, w.spare = w.spare[:0], batch
		w.reading.flight = len(batch)
		head = w.sayLost(head[:0])
		w.drops.unsaid = loss{}
		wake := w.waiting
		w.waiting = false
		w.mu.Unlock()
		if wake {
			w.wake()
		}
		if rest, err := w.give(head, batch); err != nil {
			w.failed(err, rest)
		}
	}
}

// give writes a batch behind the summary of a loss, and returns what of it is not written.
func (w *Writer) give(head, batch []byte) (rest []byte, err error) {
	rest = batch
	// A panic here would end the supervisor: nobody else is on the goroutine's stack.
	defer func() {
		if v := recover(); v != nil {
			err = errors.New("panic: " + panics.Text(v) + " (a defect of slipway: please report it)\n" + panics.Stack())
		}
	}()
	if _, err := w.writeAll(head); err != nil {
		return rest, err
	}
	n, err := w.writeAll(batch)
	if n > 0 {
		w.drops.cut = batch[n-1] != '\n'
	}
	return batch[n:], err
}

// sayLost appends what is said of the last loss to b; nothing for no loss. w.mu is held.
func (w *Writer) sayLost(b []byte) []byte {
	l := w.drops.unsaid
	if l.bytes == 0 {
		return b
	}
	if w.drops.cut {
		b = append(b, '\n')
	}
	return w.drops.form.Lost(b, w.fd, w.sys.Now, l.bytes, l.lines)
}

// writeAll writes p and waits as long as that takes. It returns how much of p was
// written.
func (w *Writer) writeAll(p []byte) (int, error) {
	done := 0
	for done < len(p) {
		n, err := w.sys.Write(w.fd, p[done:min(len(p), done+pieceLimit)])
		done += n
		w.progress(n)
		if err == unix.EAGAIN {
			// A program made the shared description non-blocking.
			err = w.sys.Writable(w.fd)
		}
		if err != nil {
			return done, err
		}
	}
	return done, nil
}

// progress notes that n bytes more are written.
func (w *Writer) progress(n int) {
	w.mu.Lock()
	w.reading.taken += int64(n)
	w.mu.Unlock()
}

// failed counts rest as lost. Without a reader the descriptor cannot recover, so
// that nothing is tried again; a full disk behind it can.
func (w *Writer) failed(err error, rest []byte) {
	w.mu.Lock()
	w.lose(err, rest)
	w.mu.Unlock()
	w.wake()
}

// lose notes an error, for which rest is not written. w.mu is held.
func (w *Writer) lose(err error, rest []byte) {
	w.drop(rest)
	w.reading.flight = 0
	switch err {
	case unix.ENOSPC, unix.EDQUOT, unix.EFBIG:
		w.trouble.fault, w.trouble.news = err, true
	default:
		w.trouble.err, w.trouble.news = err, true
		w.drops.bytes += int64(len(w.queue))
		w.queue, w.spare = nil, nil
	}
}

// Full reports whether the source should not be fed now. Options.Wake is called
// when that has changed.
func (s *Source) Full() bool {
	w := s.w
	w.mu.Lock()
	defer w.mu.Unlock()
	most := softLimit
	if w.way.Good() && w.running && w.sys.Now().Sub(w.reading.at) < Grace {
		most = 0
	}
	full := w.policy == Block && w.trouble.err == nil && len(w.queue)+w.held.bytes >= most
	if full {
		w.waiting = true
	}
	return full
}

// Drop counts p as lost in place of a Write.
func (s *Source) Drop(p []byte) {
	s.w.mu.Lock()
	s.w.drop(p)
	s.w.mu.Unlock()
}

// busy reports whether something waits for the reader. Options.Wake is called when nothing
// waits any more.
func (w *Writer) busy() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.waiting = w.waiting || w.running
	return w.running
}

// reads reports whether something waits for the reader, and it has taken something since the
// last look.
func (w *Writer) reads() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	r := &w.reading
	more := r.taken != r.seen
	r.seen = r.taken
	return w.running && more
}

// giveUp drops what waits for a reader that takes nothing, and returns how many bytes are
// lost that the output does not tell of. The part of the batch in flight that the reader has
// taken counts as well: nobody can know it.
func (w *Writer) giveUp() (lost int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.running {
		return 0
	}
	w.drop(w.queue)
	w.queue, w.reading.given = w.queue[:0], true
	return w.drops.unsaid.bytes + int64(w.reading.flight)
}

// SetPolicy changes the policy from now on.
func (w *Writer) SetPolicy(p Policy) {
	w.mu.Lock()
	w.policy = p
	w.mu.Unlock()
}

// Lost returns how many bytes were not delivered.
func (w *Writer) Lost() int64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.drops.bytes
}

// Err returns why the Writer has given up; nil while it works.
func (w *Writer) Err() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.trouble.err
}

// look has the loop watch the descriptor if it has to, and returns what nobody was told yet
// about an error; "" if there is nothing, or if there was something a moment ago.
func (w *Writer) look() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.watch()
	return w.news(false)
}

// lastWords is look for a Writer that is given up: nobody will ask again.
func (w *Writer) lastWords() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.news(true)
}

// news is what nobody was told yet about an error. What is said every minute is said now if it
// is the last time. w.mu is held.
func (w *Writer) news(last bool) string {
	if !w.trouble.news {
		return ""
	}
	if w.trouble.err != nil {
		w.trouble.news = false
		cause, stack, _ := strings.Cut(w.trouble.err.Error(), "\n")
		text := "cannot write " + w.name + ": " + cause + "; what goes there is dropped from now on"
		if stack != "" {
			text += "\n" + stack
		}
		return text
	}
	now := w.sys.Now()
	if !last && !w.trouble.said.IsZero() && now.Sub(w.trouble.said) < fault.ReportEvery {
		return ""
	}
	w.trouble.news, w.trouble.said = false, now
	return "cannot write " + w.name + ": " + w.trouble.fault.Error() + "; " + strconv.FormatInt(w.drops.bytes, 10) + " bytes lost so far"
}

// Reopen does nothing: an inherited descriptor has no name.
func (s *Source) Reopen() {}

// Clear does nothing: what was written to a pipe or terminal is gone.
func (s *Source) Clear() error { return nil }

// Close queues what the source holds back.
func (s *Source) Close() {
	if !s.open {
		return
	}
	s.open = false
	s.w.mu.Lock()
	defer s.w.unlock()
	s.w.release(s)
	s.w.sources--
}

// flush releases every unfinished line and returns a channel that is closed when
// the queue is written; nil if it is.
func (w *Writer) flush() <-chan struct{} {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.held.timer != nil {
		w.held.timer.Stop()
		w.held.timer = nil
	}
	for len(w.held.sources) > 0 {
		w.release(w.held.sources[0])
	}
	if !w.running || w.reading.given {
		return nil
	}
	if w.drained == nil {
		w.drained = make(chan struct{})
	}
	return w.drained
}

// abandon lets the Writer go: its descriptor is closed when the queue is written.
// Nobody waits for that.
func (w *Writer) abandon() (written <-chan struct{}) {
	c := w.flush()
	if c != nil {
		// Ended by the Writer's goroutine, which ends when its reader
		// takes the rest or goes away.
		go func() {
			<-c
			w.sys.Close(w.fd)
		}()
		return c
	}
	w.sys.Close(w.fd)
	return nil
}
