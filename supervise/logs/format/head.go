package format

import (
	"strconv"
	"time"
	"unicode/utf8"
)

// timeLayout is RFC 3339 with nine digits of a second: of one width, so that lines are
// aligned, and sorted as words they are sorted by time.
const timeLayout = "2006-01-02T15:04:05.000000000Z"

// head appends what is before each line.
func (s *Spec) head(b []byte, now func() time.Time, pid int) []byte {
	switch s.Style {
	case Prefix:
		if s.Timed {
			b = now().UTC().AppendFormat(b, timeLayout)
			b = append(b, ' ')
		}
		return s.name(b)
	case JSON:
		b = append(b, '{')
		if s.Timed {
			b = append(b, `"time":"`...)
			b = now().UTC().AppendFormat(b, timeLayout)
			b = append(b, `",`...)
		}
		b = append(b, `"program":`...)
		b = quoted(b, s.Program)
		b = append(b, `,"stream":"`...)
		b = append(b, s.Stream...)
		b = append(b, `",`...)
		if pid != 0 {
			b = append(b, `"pid":`...)
			b = strconv.AppendInt(b, int64(pid), 10)
			b = append(b, ',')
		}
	}
	return b
}

// name appends the name of the program, aligned and in its colour.
func (s *Spec) name(b []byte) []byte {
	if s.Colour {
		sum := uint(0)
		for i := range len(s.Program) {
			sum = 31*sum + uint(s.Program[i])
		}
		b = append(b, "\x1b["...)
		b = strconv.AppendInt(b, int64(32+sum%5), 10) // green to cyan: red is for errors
		b = append(b, 'm')
	}
	b = append(b, s.Program...)
	for n := utf8.RuneCountInString(s.Program); n < s.Width; n++ {
		b = append(b, ' ')
	}
	b = append(b, " |"...)
	if s.Colour {
		b = append(b, "\x1b[0m"...)
	}
	return append(b, ' ')
}

// stampLen is how long the time of a line of the activity log is, and tagLen its level, each
// with the blank behind it.
const (
	stampLen = len("2006-01-02 15:04:05,000 ")
	tagLen   = len("INFO ")
)

// Own takes a line of the activity log, which may go on over several lines.
func (l *Lines) Own(p []byte) {
	l.begin()
	if len(p) > 0 && p[len(p)-1] == '\n' {
		p = p[:len(p)-1]
	}
	if len(p) >= stampLen+tagLen {
		p = p[stampLen:]
		if l.spec.Style == JSON {
			l.head = append(l.head, `"level":"`...)
			l.head = append(l.head, level(p)...)
			l.head = append(l.head, `",`...)
			p = p[tagLen:]
		}
	}
	l.emit(p, true)
	l.end()
}

// level is the word of the level that a line begins with.
func level(p []byte) string {
	switch string(p[:tagLen-1]) {
	case "CRIT":
		return "critical"
	case "ERRO":
		return "error"
	case "WARN":
		return "warn"
	case "DEBG":
		return "debug"
	case "TRAC":
		return "trace"
	case "BLAT":
		return "blather"
	}
	return "info"
}

// Lost appends what is said in the place of output that was dropped.
func (s *Spec) Lost(b []byte, now func() time.Time, bytes, lines int64) []byte {
	b = s.head(b, now, s.PID)
	if s.Style == JSON {
		b = append(b, `"level":"warn","message":"`...)
	}
	b = append(b, "output lost here: "...)
	b = strconv.AppendInt(b, bytes, 10)
	b = append(b, " bytes in "...)
	b = strconv.AppendInt(b, lines, 10)
	b = append(b, " lines"...)
	if s.Style == JSON {
		b = append(b, `","lost_bytes":`...)
		b = strconv.AppendInt(b, bytes, 10)
		b = append(b, `,"lost_lines":`...)
		b = strconv.AppendInt(b, lines, 10)
		b = append(b, '}')
	}
	return append(b, '\n')
}
