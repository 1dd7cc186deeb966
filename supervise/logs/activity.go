//go:build linux

package logs

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"slipway/supervise/logs/rotation"
	"slipway/supervise/logs/sink"
)

// Level is how important a line of the activity log is. The order is that of
// config.Loglevel.
type Level uint8

// The levels, most verbose first.
const (
	Blather Level = iota
	Trace
	Debug
	Info
	Warn
	Error
	Critical
)

// tag is the level as it is written.
func (l Level) tag() string {
	const tags = "BLATTRACDEBGINFOWARNERROCRIT"
	return tags[4*l : 4*l+4]
}

// ParseLevel returns the level of a word: critical, error, warn, info, debug, trace, blather.
func ParseLevel(word string) (l Level, ok bool) {
	words := []string{"blather", "trace", "debug", "info", "warn", "error", "critical"}
	i := slices.Index(words, word)
	return Level(max(i, 0)), i >= 0
}

// earlyLimit is how much is kept, in bytes, until the log is opened.
const earlyLimit = 64 << 10

// Activity is the supervisor's own log, in the format of Supervisor's:
//
//	2006-01-02 15:04:05,000 INFO message
//
// in local time. Until it is opened its lines are kept, as the place and the
// threshold come from the configuration that they may be about.
type Activity struct {
	level   Level
	now     func() time.Time
	sinks   []sink.Sink
	alarm   sink.Sink // gets what people must see, and nothing else; nil: they see everything
	opened  bool
	early   []line
	bytes   int // in early
	buf     []byte
	busy    bool // a sink is being written to, and reports
	pending []line
}

// line is one that waits.
type line struct {
	level  Level
	urgent bool   // goes to the alarm whatever the threshold is
	text   string // with its time
}

// NewActivity returns a log that keeps its lines until Open.
func NewActivity(now func() time.Time) *Activity { return &Activity{now: now} }

// ActivitySpec says where the activity log goes.
type ActivitySpec struct {
	Level Level
	// Logfile is a path, or "syslog". "" is none.
	Logfile  string
	Rotation sink.Rotation
	Old      *rotation.Rule // see sink.Destination
	// Stdout asks for a copy on standard output, as Supervisor makes in the
	// foreground unless silent. It is not made when the log is there anyway.
	Stdout bool
	// Alarm asks for a copy of the lines that people must see on standard error: warnings
	// and worse, and what Urgent writes. It is not made when all lines go to a standard
	// output anyway.
	Alarm bool
}

// Open gives the log its place and writes the lines kept so far that reach the
// threshold. Called again, after a reload, it moves the log.
func (a *Activity) Open(t *sink.Targets, spec ActivitySpec) {
	old := a.sinks
	if a.alarm != nil {
		old = append(old, a.alarm)
	}
	a.sinks, a.alarm, a.level = nil, nil, spec.Level
	if spec.Alarm && t.FD(spec.Logfile) == 0 {
		a.alarm = own(t, t.Stdio(2))
	}
	if spec.Stdout && t.FD(spec.Logfile) != 1 {
		a.sinks = append(a.sinks, own(t, t.Stdio(1)))
	}
	switch spec.Logfile {
	case "":
	case "syslog":
		a.sinks = append(a.sinks, t.Syslog(""))
	default:
		a.sinks = append(a.sinks, own(t, t.Rotated(spec.Logfile, spec.Rotation, spec.Old, false)))
	}
	for _, s := range old {
		s.Close()
	}
	a.opened = true
	early := a.early
	a.early, a.bytes = nil, 0
	for _, l := range early {
		a.emit([]byte(l.text), l.level, l.urgent)
	}
}

// Enabled reports whether a line of that level is written, for those that are
// dear to make.
func (a *Activity) Enabled(l Level) bool { return !a.opened || l >= a.level }

// Log writes one line, made of parts. A part may hold line ends; the lines after
// the first are written as they are.
func (a *Activity) Log(l Level, parts ...string) { a.log(l, false, parts) }

// Urgent writes an INFO line that people must see, wherever the log is.
func (a *Activity) Urgent(parts ...string) { a.log(Info, true, parts) }

func (a *Activity) log(l Level, urgent bool, parts []string) {
	switch {
	case !a.Enabled(l) && (!urgent || a.alarm == nil):
	case a.busy:
		a.pending = append(a.pending, line{l, urgent, string(a.format(nil, l, parts))})
	case !a.opened:
		a.keep(line{l, urgent, string(a.format(nil, l, parts))})
	default:
		a.buf = a.format(a.buf[:0], l, parts)
		a.emit(a.buf, l, urgent)
	}
}

// keep holds a line until Open, the oldest ones giving way.
func (a *Activity) keep(l line) {
	a.early = append(a.early, l)
	a.bytes += len(l.text)
	for a.bytes > earlyLimit {
		a.bytes -= len(a.early[0].text)
		a.early = a.early[1:]
	}
}

// format appends the line to b. A comma before fractions of a second is Python's
// way, and understood by time.
func (a *Activity) format(b []byte, l Level, parts []string) []byte {
	b = a.now().AppendFormat(b, "2006-01-02 15:04:05,000 ")
	b = append(b, l.tag()...)
	b = append(b, ' ')
	for _, p := range parts {
		b = append(b, p...)
	}
	return append(b, '\n')
}

// emit writes a line, then what the sinks had to report meanwhile.
func (a *Activity) emit(b []byte, l Level, urgent bool) {
	a.busy = true
	a.write(b, l, urgent)
	for len(a.pending) > 0 {
		next := a.pending[0]
		a.pending = a.pending[1:]
		a.write([]byte(next.text), next.level, next.urgent)
	}
	a.busy = false
}

// write writes a line to the sinks and the alarm, if it is for them.
func (a *Activity) write(b []byte, l Level, urgent bool) {
	enabled := l >= a.level
	if enabled {
		for _, s := range a.sinks {
			s.Write(b)
		}
	}
	if a.alarm != nil && (urgent || enabled && l >= Warn) {
		a.alarm.Write(b)
	}
}

// Critical writes a line of that level; so do the following.
func (a *Activity) Critical(parts ...string) { a.Log(Critical, parts...) }

// Error writes an ERRO line.
func (a *Activity) Error(parts ...string) { a.Log(Error, parts...) }

// Warn writes a WARN line.
func (a *Activity) Warn(parts ...string) { a.Log(Warn, parts...) }

// Info writes an INFO line.
func (a *Activity) Info(parts ...string) { a.Log(Info, parts...) }

// Debug writes a DEBG line.
func (a *Activity) Debug(parts ...string) { a.Log(Debug, parts...) }

// Output writes the debug line about what a program printed.
func (a *Activity) Output(process, channel string, p []byte) {
	if !a.Enabled(Debug) {
		return
	}
	text := string(p)
	if !utf8.Valid(p) {
		text = "Undecodable: " + pythonBytes(p)
	}
	a.Log(Debug, "'", process, "' ", channel, " output:\n", text)
}

// pythonBytes is how Python shows bytes.
func pythonBytes(p []byte) string {
	const hex = "0123456789abcdef"
	quote := byte('\'')
	if strings.IndexByte(string(p), '\'') >= 0 && strings.IndexByte(string(p), '"') < 0 {
		quote = '"'
	}
	b := append(make([]byte, 0, len(p)+len(p)/4+3), 'b', quote)
	for _, c := range p {
		switch {
		case c == '\n':
			b = append(b, '\\', 'n')
		case c == '\r':
			b = append(b, '\\', 'r')
		case c == '\t':
			b = append(b, '\\', 't')
		case c == '\\' || c == quote:
			b = append(b, '\\', c)
		case c < ' ' || c > '~':
			b = append(b, '\\', 'x', hex[c>>4], hex[c&15])
		default:
			b = append(b, c)
		}
	}
	return string(append(b, quote))
}

// Lines returns the lines that wait for Open, for a start that ends before it.
func (a *Activity) Lines() []string {
	var all []string
	for _, l := range a.early {
		all = append(all, strings.TrimSuffix(l.text, "\n"))
	}
	return all
}

// Reopen opens the file anew by its name.
func (a *Activity) Reopen() {
	for _, s := range a.sinks {
		s.Reopen()
	}
}

// Clear empties the file. It returns the first error.
func (a *Activity) Clear() error {
	var first error
	for _, s := range a.sinks {
		if err := s.Clear(); err != nil && first == nil {
			first = err
		}
	}
	return first
}

// Close releases the sinks. What is logged afterwards is kept, as before Open.
func (a *Activity) Close() {
	for _, s := range a.sinks {
		s.Close()
	}
	if a.alarm != nil {
		a.alarm.Close()
	}
	a.sinks, a.alarm, a.opened = nil, nil, false
}
