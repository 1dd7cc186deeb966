package format

import (
	"bytes"
	"time"
	"unicode/utf8"
)

// The limits, in bytes.
const (
	// objectLimit is how long a JSON object is at most, with its line end: where a container
	// runtime cuts lines.
	objectLimit = 16 << 10
	// lineLimit is how much of an unfinished line is held back in the style prefix.
	lineLimit = 32 << 10
	// batch is how much is handed on at once, about.
	batch = 60 << 10
	// spill is how much one read makes at most, about, before the reader has its turn.
	spill = 256 << 10
)

// Out is where lines go.
type Out interface {
	// Write takes whole lines.
	Write(p []byte)
	// Continue takes p, which goes on with a line that is not finished, or begins one. Head
	// goes before it unless nothing came between.
	Continue(head, p []byte)
	// Full reports whether there is no room at present.
	Full() bool
}

// Scratch is what all Lines of one owner build their batches in. The zero value is ready.
type Scratch struct{ buf []byte }

// Lines writes the lines of one output in its style.
type Lines struct {
	spec    *Spec
	out     Out
	scratch *Scratch
	now     func() time.Time
	pid     int
	early   bool // the pid is not known yet

	b    []byte // the batch; of scratch, during a call
	made int    // bytes, by this call
	head []byte // what is before each line

	part   []byte // the record that is not finished, and behind it the line that is not
	record int    // how much of part is whole lines, with their line ends
	cut    bool   // the beginning of the line that is not finished is out
	torn   bool   // the last object was not the end of its line or record
	count  uint64 // lines and records so far
	rest   []byte // what there was no room for
}

// New returns the Lines of an output. Scratch is shared by those of one goroutine.
func New(spec *Spec, out Out, scratch *Scratch, now func() time.Time) *Lines {
	return &Lines{spec: spec, out: out, scratch: scratch, now: now, pid: spec.PID, early: spec.Style == JSON && spec.PID == 0}
}

// Began tells the pid, without which there are no objects; 0: there is none.
func (l *Lines) Began(pid int) { l.pid, l.early = pid, false }

// limit is how much of what is not finished is held.
func (l *Lines) limit() int {
	if l.spec.Style == JSON {
		return objectLimit
	}
	return lineLimit
}

// Feed takes output. It keeps nothing of p.
func (l *Lines) Feed(p []byte) {
	if len(l.rest) > 0 || l.early {
		l.rest = append(l.rest, p...)
		return
	}
	if left := l.feed(p, spill); len(left) > 0 {
		l.rest = append([]byte(nil), left...)
	}
}

// Full reports whether there is no room at present. What has waited for room goes first.
func (l *Lines) Full() bool {
	if l.early {
		return true
	}
	for len(l.rest) > 0 {
		if l.out.Full() {
			return true
		}
		l.rest = l.feed(l.rest, spill)
	}
	l.rest = nil
	return l.out.Full()
}

// Withholds returns a number of the unfinished line or record; 0: there is none.
func (l *Lines) Withholds() uint64 {
	if len(l.part) == 0 {
		return 0
	}
	return l.count + 1
}

// Torn reports whether a line is unfinished, not a record alone.
func (l *Lines) Torn() bool { return len(l.part) > l.record }

// Release gives out what is withheld, as it may be long until it goes on.
func (l *Lines) Release() {
	if len(l.part) == 0 {
		return
	}
	l.begin()
	l.release(true)
	switch {
	case len(l.part) == 0:
	case l.spec.Style == JSON:
		l.emit(l.part, false)
		l.cut = true
	default:
		l.goOn(l.part)
		l.cut = true
	}
	l.part = l.part[:0]
	l.end()
}

// End gives out what is withheld, as there comes nothing more.
func (l *Lines) End() {
	l.early = false
	for len(l.rest) > 0 {
		l.rest = l.feed(l.rest, 1<<30)
	}
	l.rest = nil
	l.begin()
	if n := l.record; n > 0 && (n == len(l.part) || l.spec.Records.Match(l.part[n:])) {
		l.release(true)
	}
	if len(l.part) > 0 {
		l.emit(l.part, true)
	}
	l.part, l.record, l.cut = nil, 0, false
	l.end()
}

// begin begins a call.
func (l *Lines) begin() {
	l.b, l.made = l.scratch.buf[:0], 0
	l.head = l.spec.head(l.head[:0], l.now, l.pid)
}

// hand hands on what was built.
func (l *Lines) hand() {
	if len(l.b) > 0 {
		l.out.Write(l.b)
	}
	l.made += len(l.b)
	l.b = l.b[:0]
}

// end ends a call.
func (l *Lines) end() {
	l.hand()
	l.scratch.buf, l.b = l.b, nil
	if cap(l.scratch.buf) > 4*batch {
		l.scratch.buf = nil // a record was far longer than others are
	}
	if len(l.part) == 0 && cap(l.part) > 4<<10 {
		l.part = nil
	}
}

// feed takes output until about room bytes are made, and returns what is left of it.
func (l *Lines) feed(p []byte, room int) (left []byte) {
	l.begin()
	for len(p) > 0 && l.made < room {
		if l.spec.Records == nil && !l.cut && !l.torn && len(l.part) == 0 {
			if p = l.whole(p); len(l.b) >= batch {
				l.hand()
				continue
			}
		}
		i := bytes.IndexByte(p, '\n')
		if i < 0 {
			l.hold(p)
			p = nil
			break
		}
		if l.spec.Records != nil && !l.cut {
			l.gather(p[:i+1])
		} else {
			l.line(p[:i])
		}
		p = p[i+1:]
		if len(l.b) >= batch {
			l.hand()
		}
	}
	l.end()
	return p
}

// whole takes a batch of those lines at the beginning of p that nothing has to be done for but
// to copy them, as most are, and returns the rest. Nothing is unfinished.
func (l *Lines) whole(p []byte) (rest []byte) {
	b, head, lines := l.b, l.head, uint64(0)
	if l.spec.Style == JSON {
		for room := l.room(); len(b) < batch; lines++ {
			n := plain(p)
			if n == len(p) || p[n] != '\n' || n > room || p[0] == '{' || blank(p[0]) {
				break
			}
			b = append(b, head...)
			b = append(b, message...)
			b = append(b, p[:n]...)
			b = append(b, '"', '}', '\n')
			p = p[n+1:]
		}
	} else {
		for ; len(b) < batch; lines++ {
			n := bytes.IndexByte(p, '\n')
			if n < 0 {
				break
			}
			b = append(b, head...)
			b = append(b, p[:n+1]...)
			p = p[n+1:]
		}
	}
	l.b = b
	l.count += lines
	return p
}

// line takes the end of a line.
func (l *Lines) line(p []byte) {
	switch {
	case l.cut && l.spec.Style != JSON:
		l.goOn(p)
		l.goOn(lineEnd)
	case len(l.part) == 0:
		l.emit(p, true)
	default:
		if l.hold(p); l.cut && l.spec.Style != JSON {
			l.goOn(lineEnd)
		} else {
			l.emit(l.part, true)
		}
		l.part = l.part[:0]
	}
	l.cut = false
}

var lineEnd = []byte{'\n'}

// gather takes the end of a line, with its line end, where lines are kept together.
func (l *Lines) gather(p []byte) {
	l.part = append(l.part, p...)
	if n := l.record; n > 0 {
		if first := l.spec.Records.Match(l.part[n : len(l.part)-1]); first || len(l.part) > l.limit() {
			l.release(first)
		}
	}
	if l.record = len(l.part); l.record > l.limit() {
		l.release(true)
	}
}

// release gives out the whole lines that are held; final says that the record ends there.
func (l *Lines) release(final bool) {
	if l.record > 0 {
		l.emit(l.part[:l.record-1], final)
		l.part = l.part[:copy(l.part, l.part[l.record:])]
		l.record = 0
	}
}

// hold keeps the beginning of a line. What is too long for that goes out.
func (l *Lines) hold(p []byte) {
	limit := l.limit()
	if len(l.part)+len(p) > limit {
		l.release(false)
	}
	if l.spec.Style == JSON {
		for len(l.part)+len(p) > limit {
			n := limit - len(l.part)
			l.part = append(l.part, p[:n]...)
			p = p[n:]
			n = l.object(l.part[:fullRunes(l.part)], false)
			l.part = l.part[:copy(l.part, l.part[n:])]
			l.cut = true
		}
	} else if l.cut || len(l.part)+len(p) > limit {
		if len(l.part) > 0 {
			l.goOn(l.part)
		}
		l.goOn(p)
		l.part, l.cut = l.part[:0], true
		return
	}
	l.part = append(l.part, p...)
}

// goOn writes what goes on with a line.
func (l *Lines) goOn(p []byte) {
	if len(p) == 0 {
		return
	}
	l.count++
	l.hand()
	l.out.Continue(l.head, p)
	l.made += len(p)
}

// emit builds a line or a record, which has no line end; final says that it ends there.
func (l *Lines) emit(p []byte, final bool) {
	l.count++
	if l.spec.Style == JSON {
		for {
			n := l.object(p, final)
			if p = p[n:]; len(p) == 0 {
				return
			}
		}
	}
	for {
		l.b = append(l.b, l.head...)
		i := -1
		if l.spec.Records != nil || l.spec.Levels {
			i = bytes.IndexByte(p, '\n')
		}
		if i < 0 {
			l.b = append(l.b, p...)
			l.b = append(l.b, '\n')
			return
		}
		l.b = append(l.b, p[:i+1]...)
		p = p[i+1:]
	}
}

// What is around the text of a line, and behind that of a part of one.
const (
	message = `"message":"`
	partial = `","partial":true}` + "\n"
)

// room is how long the text of an object is at most.
func (l *Lines) room() int {
	return max(objectLimit-len(l.head)-len(message+partial), objectLimit/4)
}

// object builds an object of the beginning of p, and returns how much of it that is; final
// says that a line or a record ends with p.
func (l *Lines) object(p []byte, final bool) (n int) {
	l.b = append(l.b, l.head...)
	if final && !l.torn {
		if o := trimmed(p); len(o) <= objectLimit-len(l.head)-len(`"record":`+"}\n") && isObject(o) {
			l.b = append(l.b, `"record":`...)
			from := len(l.b)
			l.b = append(l.b, o...)
			if l.spec.Records != nil {
				for i, c := range l.b[from:] {
					if c == '\n' {
						l.b[from+i] = ' '
					}
				}
			}
			l.b = append(l.b, '}', '\n')
			return len(p)
		}
	}
	l.b = append(l.b, message...)
	l.b, n = text(l.b, p, l.room())
	if l.torn = n < len(p) || !final; l.torn {
		l.b = append(l.b, partial...)
	} else {
		l.b = append(l.b, '"', '}', '\n')
	}
	return n
}

// fullRunes is how much of p ends with a whole character.
func fullRunes(p []byte) int {
	for i := 1; i <= min(utf8.UTFMax-1, len(p)); i++ {
		if at := len(p) - i; utf8.RuneStart(p[at]) {
			if at > 0 && !utf8.FullRune(p[at:]) {
				return at
			}
			break
		}
	}
	return len(p)
}
