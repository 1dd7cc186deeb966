package protocol

import (
	"errors"
	"fmt"
	"io"
	"slices"
)

// Setting is one setting of a source, as its section in the configuration has
// it. A setting may occur more than once.
type Setting struct {
	Name   string
	Text   string
	Secret bool
}

// Format prints the name of the setting, and its text unless it is secret.
func (s Setting) Format(f fmt.State, _ rune) {
	text := s.Text
	if s.Secret {
		text = "«redacted»"
	}
	fmt.Fprintf(f, "%s=%s", s.Name, text)
}

// Request is what slipway asks of a program.
type Request struct {
	Settings []Setting
	Watch    bool // go on with changes after the snapshot
	// Writes says that it is the head of a request for writing, which Base is the revision
	// of: [ReadWriting] reads the rest.
	Writes bool
	Base   int64
	// Slots, if it is not 0, makes it a request for one of so many slots, which is held until
	// standard input ends. The answer is [Holding].
	Slots int
	// Join, if it is not 0, makes it a request to join the rollout of what is there at that
	// revision. The answer is [Holding], too; slipway says on standard input what becomes of
	// it, by Fresh or Refused.
	Join int64
}

// Write sends the request.
func (q Request) Write(w io.Writer) error {
	out := NewWriter(w)
	out.Write(Message{Verb: Hello, Number: Version})
	for _, s := range q.Settings {
		out.Write(Message{Verb: Set, Name: s.Name, Text: s.Text, Secret: s.Secret})
	}
	last := Message{Verb: Get}
	switch {
	case q.Watch:
		last.Verb = Watch
	case q.Slots > 0:
		last = Message{Verb: Hold, Number: int64(q.Slots)}
	case q.Join > 0:
		last = Message{Verb: Join, Number: q.Join}
	}
	out.Write(last)
	return out.Flush()
}

// ErrVersion is the error of a side that speaks another version.
var ErrVersion = errors.New("cannot speak this version of the source protocol")

// hello reads the first line.
func (r *Reader) hello() error {
	m, err := r.Next()
	switch {
	case errors.Is(err, io.EOF):
		return io.ErrUnexpectedEOF
	case err != nil || m.Verb != Hello:
		return &LineError{1, fmt.Errorf("expected %q as the first line", fmt.Sprintf("%s %d", Hello, Version))}
	case m.Number != Version:
		return fmt.Errorf("%w: got %d, want %d", ErrVersion, m.Number, Version)
	}
	return nil
}

// ReadRequest reads a request, as a program does. It leaves r open: while it is,
// slipway wants the changes.
func ReadRequest(r *Reader) (Request, error) {
	var q Request
	if err := r.hello(); err != nil {
		return q, fmt.Errorf("cannot read the request: %w", err)
	}
	for {
		m, err := r.Next()
		switch {
		case errors.Is(err, io.EOF):
			return q, fmt.Errorf("cannot read the request: %w before get or watch", io.ErrUnexpectedEOF)
		case err != nil:
			return q, fmt.Errorf("cannot read the request: %w", err)
		case m.Verb == Set:
			q.Settings = append(q.Settings, Setting{m.Name, m.Text, m.Secret})
		case m.Verb == Get, m.Verb == Watch:
			q.Watch = m.Verb == Watch
			return q, nil
		case m.Verb == Hold && m.Number > 0 && m.Number <= MaxSlots:
			q.Slots = int(m.Number)
			return q, nil
		case m.Verb == Join && m.Number > 0:
			q.Join = m.Number
			return q, nil
		case m.Verb == Write:
			q.Writes, q.Base = true, m.Number
			return q, nil
		default:
			return q, fmt.Errorf("cannot read the request: %w", &LineError{r.line, fmt.Errorf("%s is not part of a request", m.Verb)})
		}
	}
}

// Values returns the texts of a setting, in order.
func (q Request) Values(name string) []string {
	var out []string
	for _, s := range q.Settings {
		if s.Name == name {
			out = append(out, s.Text)
		}
	}
	return out
}

// Unknown returns the names of settings that are not among known, sorted.
func (q Request) Unknown(known []string) []string {
	var out []string
	for _, s := range q.Settings {
		if !slices.Contains(known, s.Name) && !slices.Contains(out, s.Name) {
			out = append(out, s.Name)
		}
	}
	slices.Sort(out)
	return out
}
