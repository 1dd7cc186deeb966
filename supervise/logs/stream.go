//go:build linux

package logs

import (
	"slipway/supervise/logs/format"
	"slipway/supervise/logs/sink"
)

// Spec says where one output channel of a process goes, and what is done to it on
// the way.
type Spec struct {
	sink.Destination
	CaptureMaxbytes int64 // 0: no capture mode
	StripANSI       bool
	Lines           *format.Spec // of what goes to the inherited outputs; nil: as it comes
	Keep            int          // how many bytes are kept for Tail; 0: format.KeepDefault, less: none
}

// Hooks are told what passes. The slices are valid during the call only. A nil
// hook costs nothing.
type Hooks struct {
	// Chunk gets the output as it comes, escapes stripped: PROCESS_LOG and the
	// debug lines of the activity log. Captured text is part of it, as in
	// Supervisor; the tokens are not.
	Chunk func(p []byte)
	// Captured gets the text between a begin and an end token:
	// PROCESS_COMMUNICATION.
	Captured func(text []byte)
}

// Stream is the way of the output of one channel of one incarnation of a process.
// Text passes: capture tokens, strip_ansi, hooks, then the capture buffer or the
// sinks. Without capture and strip_ansi the bytes that Feed was given are the ones
// that are written; nothing is copied and nothing withheld.
type Stream struct {
	hooks Hooks
	sinks []sink.Sink
	ansi  *ansiStripper // nil: not wanted
	cap   *capture      // nil: not wanted
	tail  ring
	lined []*lined // those of the sinks that write line by line
}

// Open opens the sinks of spec. It always succeeds: a file that cannot be opened now is
// tried again, its output counted as lost until then.
func Open(t *sink.Targets, spec Spec, hooks Hooks) *Stream {
	s := &Stream{hooks: hooks, sinks: t.Open(&spec.Destination), tail: ring{max: max(spec.Keep, 0)}}
	if spec.Keep == 0 {
		s.tail.max = format.KeepDefault
	}
	if spec.Lines != nil {
		s.form(t, spec.Lines)
	}
	if spec.StripANSI {
		s.ansi = &ansiStripper{}
	}
	if spec.CaptureMaxbytes > 0 {
		s.cap = newCapture(spec.CaptureMaxbytes)
	}
	return s
}

// Inherited returns the descriptor, 1 or 2, that a process can simply inherit for the
// output that spec describes; 0 if somebody must read it. watched says that there are
// hooks. A program that writes to the container's stdout itself costs the supervisor
// nothing and cannot be held up by it.
func Inherited(t *sink.Targets, spec Spec, watched bool) int {
	if watched || spec.StripANSI || spec.CaptureMaxbytes > 0 {
		return 0
	}
	return t.Inherited(&spec.Destination)
}

// Feed passes on what was read. p can be used again when it returns.
func (s *Stream) Feed(p []byte) {
	if s.cap != nil {
		s.cap.feed(s, p)
		return
	}
	s.text(p, false)
}

// text takes output without tokens.
func (s *Stream) text(p []byte, captured bool) {
	if s.ansi != nil {
		p = s.ansi.strip(p)
	}
	s.plain(p, captured)
}

func (s *Stream) plain(p []byte, captured bool) {
	if len(p) == 0 {
		return
	}
	if s.hooks.Chunk != nil {
		s.hooks.Chunk(p)
	}
	if captured {
		s.cap.kept.write(p)
		return
	}
	s.deliver(p)
}

func (s *Stream) deliver(p []byte) {
	s.tail.write(p)
	for _, to := range s.sinks {
		to.Write(p)
	}
}

// Drop counts p, which was read in the place of a Feed, as lost.
func (s *Stream) Drop(p []byte) {
	for _, to := range s.sinks {
		if d, ok := to.(sink.Dropper); ok {
			d.Drop(p)
		}
	}
}

// Full reports whether a sink wants no more for now; see Sink.
func (s *Stream) Full() bool {
	full := false
	for _, to := range s.sinks {
		full = to.Full() || full // each must know that it is waited for
	}
	return full
}

// Flush delivers what is withheld, at the end of the output: the beginning of
// what might have become a token or an escape sequence. Captured text without its
// end token goes to the sinks, so that nothing of a program that died is lost.
func (s *Stream) Flush() {
	if s.cap != nil {
		s.cap.flush(s)
	}
	s.flushEscape(false)
	for _, l := range s.lined {
		l.lines.End()
	}
}

func (s *Stream) flushEscape(captured bool) {
	if s.ansi != nil {
		s.plain(s.ansi.flush(), captured)
	}
}

// Close flushes the stream and releases its sinks.
func (s *Stream) Close() {
	s.Flush()
	for _, to := range s.sinks {
		to.Close()
	}
	s.sinks = nil
}

// Reopen opens the files anew by their names.
func (s *Stream) Reopen() {
	for _, to := range s.sinks {
		to.Reopen()
	}
}

// Clear empties the log files. It returns the first error.
func (s *Stream) Clear() error {
	var first error
	for _, to := range s.sinks {
		if err := to.Clear(); err != nil && first == nil {
			first = err
		}
	}
	return first
}
