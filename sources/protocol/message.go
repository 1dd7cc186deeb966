package protocol

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// Version is the version of the protocol that this package speaks.
const Version = 1

// MaxLine is the length of the longest line, in bytes. etcd's largest value is
// 1.5 MiB, which an escape of every byte makes four times as long.
const MaxLine = 8 << 20

// Verb is the first word of a line.
type Verb string

// The verbs of both directions.
const (
	Hello Verb = "slipway-source" // VERSION; the first line of either side

	// From slipway.
	Set   Verb = "set"   // NAME TEXT; may be secret
	Get   Verb = "get"   // one snapshot, then the program ends
	Watch Verb = "watch" // a snapshot, then changes until standard input ends
	Write Verb = "write" // REVISION; what follows, up to end, is to be written
	Hold  Verb = "hold"  // NUMBER; one of so many slots, until standard input ends
	Join  Verb = "join"  // REVISION; the rollout of what is there at it

	// In a rollout, from either side.
	Refused Verb = "refused" // TEXT; the change is refused

	// From the program.
	Snapshot Verb = "snapshot" // REVISION; what follows replaces everything
	Change   Verb = "change"   // REVISION; what follows changes single names
	Store    Verb = "store"    // NAME; in a snapshot: the store that it is of
	Var      Verb = "var"      // NAME TEXT; a variable; may be secret
	Key      Verb = "key"      // KEY TEXT; a key of a tree; may be secret
	Unset    Verb = "unset"    // NAME; in a change: the variable is gone
	Delete   Verb = "delete"   // KEY; in a change: the key is gone
	End      Verb = "end"      // REVISION; of the snapshot or change that it ends
	Progress Verb = "progress" // REVISION; nothing changed up to here
	Stale    Verb = "stale"    // TEXT; contact is lost, for this reason
	Fresh    Verb = "fresh"    // contact is back
	Expires  Verb = "expires"  // TIME TEXT; what contact depends on is about to end
	Note     Verb = "note"     // TEXT; for the operator
	Error    Verb = "error"    // CODE TEXT; the request failed
)

// shape is what follows a verb.
type shape uint8

const (
	nothing shape = iota
	number
	word     // a word
	text     // text to the end of the line
	wordText // a word, a blank, text to the end of the line
)

// rule is the grammar: for a verb what follows it and whether it may be
// secret.
func rule(v Verb) (s shape, maySecret, ok bool) {
	switch v {
	case Hello, Write, Hold, Join, Snapshot, Change, End, Progress:
		return number, false, true
	case Set, Var, Key:
		return wordText, true, true
	case Error, Expires:
		return wordText, false, true
	case Unset, Delete, Store:
		return word, false, true
	case Stale, Note, Refused:
		return text, false, true
	case Get, Watch, Fresh:
		return nothing, false, true
	}
	return nothing, false, false
}

// Message is one line.
type Message struct {
	Verb   Verb
	Secret bool
	Number int64  // Hello, Write, Hold, Join, Snapshot, Change, End, Progress
	Name   string // of Set, Var, Key, Unset, Delete, Store; the code of Error; the time of Expires
	Text   string
}

// String names the message without its text.
func (m Message) String() string { return string(m.Verb) + " " + m.Name }

// Format prints String under every verb.
func (m Message) Format(f fmt.State, _ rune) { io.WriteString(f, m.String()) }

// append writes the message as a line.
func (m Message) append(dst []byte) []byte {
	if m.Secret {
		dst = append(dst, "secret "...)
	}
	dst = append(dst, m.Verb...)
	switch s, _, _ := rule(m.Verb); s {
	case number:
		dst = append(dst, ' ')
		dst = strconv.AppendInt(dst, m.Number, 10)
	case word, wordText:
		dst = append(dst, ' ')
		dst = escape(dst, m.Name, true)
		if s == wordText {
			dst = append(dst, ' ')
			dst = escape(dst, m.Text, false)
		}
	case text:
		dst = append(dst, ' ')
		dst = escape(dst, m.Text, false)
	}
	return append(dst, '\n')
}

// parse reads a line without its end.
func parse(line string) (Message, error) {
	var m Message
	first, rest, more := strings.Cut(line, " ")
	if first == "secret" {
		m.Secret = true
		first, rest, more = strings.Cut(rest, " ")
	}
	m.Verb = Verb(first)
	s, maySecret, ok := rule(m.Verb)
	switch {
	case !ok:
		return m, errors.New("unknown first word")
	case m.Secret && !maySecret:
		return m, fmt.Errorf("%s cannot be secret", m.Verb)
	case s == nothing && more:
		return m, fmt.Errorf("nothing may follow %s", m.Verb)
	}
	var err error
	switch s {
	case number:
		if m.Number, err = strconv.ParseInt(rest, 10, 64); err != nil || m.Number < 0 {
			return m, fmt.Errorf("%s must be followed by a number", m.Verb)
		}
	case word, wordText:
		name, tail, hasTail := strings.Cut(rest, " ")
		if name == "" || s == wordText && !hasTail && (m.Verb == Error || m.Verb == Expires) {
			return m, errEmpty
		}
		if s == word && hasTail {
			return m, fmt.Errorf("%s is followed by one word", m.Verb)
		}
		if m.Name, err = unescape(name); err == nil {
			m.Text, err = unescape(tail)
		}
	case text:
		m.Text, err = unescape(rest)
	}
	return m, err
}

// Reader reads messages.
type Reader struct {
	r     *bufio.Reader
	line  int
	limit int64
	left  int64
}

// lineCost is what a line costs beside its bytes: what is kept of a short one is larger.
const lineCost = 100

// NewReader reads at most limit bytes from r, each line counted as 100 more; an [Answer],
// so many for each update.
func NewReader(r io.Reader, limit int64) *Reader {
	return &Reader{r: bufio.NewReaderSize(r, 64<<10), limit: limit, left: limit}
}

// LineError is what is wrong with a line.
type LineError struct {
	Line int
	Err  error
}

// Error names the line by its number.
func (e *LineError) Error() string { return "line " + strconv.Itoa(e.Line) + ": " + e.Err.Error() }

// Unwrap returns the reason.
func (e *LineError) Unwrap() error { return e.Err }

// Errors of a Reader, in a *LineError.
var (
	ErrTooLong = fmt.Errorf("it is longer than %d bytes", MaxLine)
	ErrTooMuch = errors.New("the program writes more at once than is read from it")
	ErrFlood   = errors.New("the program writes without end, and is not read any more")
	ErrCut     = errors.New("it has no end")
)

// Next returns the next message. The error is io.EOF after the last line, a
// *LineError for a bad one. Empty lines do not count.
func (r *Reader) Next() (Message, error) {
	for {
		line, err := r.readLine()
		if err != nil {
			return Message{}, err
		}
		if line == "" {
			continue
		}
		m, err := parse(line)
		if err != nil {
			return Message{}, &LineError{r.line, err}
		}
		return m, nil
	}
}

func (r *Reader) readLine() (string, error) {
	var long []byte
	r.line++
	for {
		part, err := r.r.ReadSlice('\n')
		r.left -= int64(len(part))
		if err == nil {
			r.left -= lineCost
		}
		if r.left < 0 {
			return "", &LineError{r.line, ErrTooMuch}
		}
		if len(long)+len(part) > MaxLine {
			return "", &LineError{r.line, ErrTooLong}
		}
		switch {
		case err == nil && long == nil:
			return string(trimEnd(part)), nil
		case err == nil:
			return string(trimEnd(append(long, part...))), nil
		case errors.Is(err, bufio.ErrBufferFull):
			long = append(long, part...)
		case errors.Is(err, io.EOF) && len(long)+len(part) > 0:
			return "", &LineError{r.line, ErrCut}
		default:
			return "", err
		}
	}
}

func trimEnd(line []byte) []byte {
	line = line[:len(line)-1]
	if n := len(line); n > 0 && line[n-1] == '\r' {
		line = line[:n-1]
	}
	return line
}

// Writer writes messages. Its first error sticks and is returned by Flush.
type Writer struct {
	w   *bufio.Writer
	buf []byte
	err error
}

// NewWriter writes to w, whole lines at a time once Flush is called.
func NewWriter(w io.Writer) *Writer { return &Writer{w: bufio.NewWriterSize(w, 64<<10)} }

// Write writes one message.
func (w *Writer) Write(m Message) {
	if w.err != nil {
		return
	}
	w.buf = m.append(w.buf[:0])
	_, w.err = w.w.Write(w.buf)
}

// Flush hands all that was written to the other side.
func (w *Writer) Flush() error {
	if w.err == nil {
		w.err = w.w.Flush()
	}
	return w.err
}

// WriteUpdate writes an update as the lines that make it.
func (w *Writer) WriteUpdate(u Update) {
	start := Snapshot
	switch u.Kind {
	case Whole:
	case Partial:
		start = Change
	case UpTo:
		w.Write(Message{Verb: Progress, Number: u.Revision})
		return
	case Lost:
		w.Write(Message{Verb: Stale, Text: u.Text})
		return
	case Regained:
		w.Write(Message{Verb: Fresh})
		return
	case Annotated:
		w.Write(Message{Verb: Note, Text: u.Text})
		return
	case Expiring:
		w.Write(Message{Verb: Expires, Name: timeWord(u.Until), Text: u.Text})
		return
	}
	w.Write(Message{Verb: start, Number: u.Revision})
	if u.Store != "" && u.Kind == Whole {
		w.Write(Message{Verb: Store, Name: u.Store})
	}
	for _, n := range u.Unset {
		w.Write(Message{Verb: Unset, Name: n})
	}
	for _, k := range u.Deleted {
		w.Write(Message{Verb: Delete, Name: k})
	}
	for _, v := range u.Vars {
		w.Write(Message{Verb: Var, Name: v.Name, Text: v.Value.Text, Secret: v.Value.Secret})
	}
	for _, p := range u.Keys {
		w.Write(Message{Verb: Key, Name: p.Key, Text: p.Value.Text, Secret: p.Value.Secret})
	}
	w.Write(Message{Verb: End, Number: u.Revision})
}
