//go:build linux

package logs

import (
	"slipway/supervise/logs/format"
	"slipway/supervise/logs/sink"
)

// lined is an inherited output that gets the lines of a program in a form.
type lined struct {
	*sink.Source
	lines *format.Lines
}

var (
	_ sink.Sink    = (*lined)(nil)
	_ sink.Dropper = (*lined)(nil)
	_ sink.Sink    = (*ownLined)(nil)
)

// Write implements sink.Sink.
func (l *lined) Write(p []byte) { l.lines.Feed(p) }

// Full implements sink.Sink.
func (l *lined) Full() bool { return l.lines.Full() }

// Close implements sink.Sink.
func (l *lined) Close() {
	l.lines.End()
	l.Source.Close()
}

// form gives the inherited outputs among the sinks of a stream its form.
func (s *Stream) form(t *sink.Targets, spec *format.Spec) {
	for i, to := range s.sinks {
		if source, ok := to.(*sink.Source); ok {
			l := &lined{source, t.Lines(spec, source)}
			s.sinks[i], s.lined = l, append(s.lined, l)
		}
	}
}

// Began tells the pid of the program; 0: it has none.
func (s *Stream) Began(pid int) {
	for _, l := range s.lined {
		l.lines.Began(pid)
	}
}

// Withholds returns a number of the line or record that is held back because it is not
// finished; 0: there is none.
func (s *Stream) Withholds() uint64 {
	for _, l := range s.lined {
		if n := l.lines.Withholds(); n > 0 {
			return n
		}
	}
	return 0
}

// Torn reports whether it is a line that is not finished, and not a record alone.
func (s *Stream) Torn() bool { return len(s.lined) > 0 && s.lined[0].lines.Torn() }

// Release gives out what Withholds reports, unfinished as it is.
func (s *Stream) Release() {
	for _, l := range s.lined {
		l.lines.Release()
	}
}

// ownLined is an inherited output that gets lines of the activity log in a form.
type ownLined struct {
	*sink.Source
	lines *format.Lines
}

// Write implements sink.Sink.
func (l *ownLined) Write(p []byte) { l.lines.Own(p) }

// own gives s the form of the supervisor's own lines, if it is an inherited output and they
// have one.
func own(t *sink.Targets, s sink.Sink) sink.Sink {
	if source, ok := s.(*sink.Source); ok {
		if l := t.Own(source); l != nil {
			return &ownLined{source, l}
		}
	}
	return s
}
