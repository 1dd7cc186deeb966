package render

import (
	"fmt"
	"strings"

	"slipway/internal/place"
)

// Pos is a place in a template or a configuration file.
type Pos = place.Pos

// Kind says what sort of mistake a [Problem] is.
type Kind string

// The kinds of problems.
const (
	KindSource   Kind = "source"   // the template itself cannot be read
	KindSyntax   Kind = "syntax"   // it is not a template, or calls what does not exist
	KindMissing  Kind = "missing"  // a value that it needs is not there
	KindValue    Kind = "value"    // a value is there and is of no use
	KindExecute  Kind = "execute"  // it failed for another reason
	KindSettings Kind = "settings" // its section is wrong
)

// Problem is one thing wrong with one template. Its texts hold no secret.
type Problem struct {
	Kind Kind   `json:"kind"`
	Dest string `json:"dest"` // the file that the template was to make
	Pos  Pos    `json:"pos"`
	// Chain is where the template at Pos was included from, innermost first.
	Chain []Pos `json:"chain,omitempty"`
	// Line is the source line at Pos, as written.
	Line string `json:"line,omitempty"`
	Text string `json:"text"`
	Hint string `json:"hint,omitempty"`
	// Name is the variable, function or key that Text speaks of.
	Name string `json:"name,omitempty"`
	// Key is the key that the store does not have, "" for anything else: the caller may
	// know where else to look, which rendering itself, being pure, does not.
	Key string `json:"-"`
	// Err is what has failed outside, such as reading a file or finding a peer; nil for a mistake
	// of the template or of a value.
	Err error `json:"-"`
}

// Unwrap returns Err.
func (p *Problem) Unwrap() error { return p.Err }

// Error is the problem in one line.
func (p *Problem) Error() string {
	var b strings.Builder
	b.WriteString("cannot render ")
	b.WriteString(p.Dest)
	b.WriteString(": ")
	if p.Pos.File != "" {
		b.WriteString(p.Pos.String())
		b.WriteString(": ")
	}
	b.WriteString(p.Text)
	return b.String()
}

// Detail is what follows the line of [Problem.Error] on a terminal: the source
// line with a mark under the place, the include chain and the hint. It is ""
// or ends with a newline.
func (p *Problem) Detail() string {
	var b strings.Builder
	if p.Line != "" {
		fmt.Fprintf(&b, "  %5d | %s\n", p.Pos.Line, strings.ReplaceAll(p.Line, "\t", " "))
		if p.Pos.Col > 0 && p.Pos.Col <= len(p.Line)+1 {
			fmt.Fprintf(&b, "        | %s^\n", strings.Repeat(" ", runes(p.Line[:p.Pos.Col-1])))
		}
	}
	for _, at := range p.Chain {
		fmt.Fprintf(&b, "  included from %s\n", at)
	}
	if p.Hint != "" {
		fmt.Fprintf(&b, "  hint: %s\n", p.Hint)
	}
	return b.String()
}

func runes(s string) int { return len([]rune(s)) }

// Problems is every problem of a set of templates, ordered by destination and place.
type Problems []*Problem

// Error lists all of them, one per line.
func (ps Problems) Error() string {
	var b strings.Builder
	for i, p := range ps {
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(p.Error())
	}
	return b.String()
}

// Unwrap lets errors.As find a single [*Problem].
func (ps Problems) Unwrap() []error {
	out := make([]error, len(ps))
	for i, p := range ps {
		out[i] = p
	}
	return out
}

// Err returns ps as an error, nil when there is none.
func (ps Problems) Err() error {
	if len(ps) == 0 {
		return nil
	}
	return ps
}

// LineAt returns the line of text that holds the byte offset, and its place.
func LineAt(text string, offset int) (line, col int, source string) {
	if offset > len(text) {
		offset = len(text)
	}
	start := strings.LastIndexByte(text[:offset], '\n') + 1
	end := strings.IndexByte(text[offset:], '\n')
	if end < 0 {
		end = len(text)
	} else {
		end += offset
	}
	return strings.Count(text[:start], "\n") + 1, offset - start + 1, strings.TrimSuffix(text[start:end], "\r")
}
