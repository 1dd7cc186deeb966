package envfile

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/go-envparse"

	"slipway/sources"
)

// maxLine is the length of a line, without its end, from which the parser's
// scanner gives up (bufio.MaxScanTokenSize).
const maxLine = 64 * 1024

// Error is what is wrong with one line of an env file.
type Error struct {
	File      string
	Line, Col int    // count from 1, Col in bytes
	Key       string // "" when the line has none that can be told
	Text      string
	Err       error // go-envparse's own, or nil
	hint      string
}

// Error says what is wrong and where, without the value.
func (e *Error) Error() string {
	key := ""
	if e.Key != "" {
		key = e.Key + ": "
	}
	return fmt.Sprintf("cannot parse %s:%d:%d: %s%s", e.File, e.Line, e.Col, key, e.Text)
}

// Hint says what to do, or is empty.
func (e *Error) Hint() string { return e.hint }

// Unwrap returns go-envparse's error.
func (e *Error) Unwrap() error { return e.Err }

// Parse reads the text of an env file; file is its name for origins and
// messages. The error joins an *Error for every bad line, in order; the layer
// has the good lines even then.
func Parse(file string, data []byte) (sources.Layer, []sources.Note, error) {
	p := parser{file: file, lines: map[string]int{}, layer: sources.Layer{Source: Source}}
	if rest, ok := bytes.CutPrefix(data, []byte("\xef\xbb\xbf")); ok {
		data = rest
		p.fail(&Error{Line: 1, Col: 1, Text: "the file starts with a byte order mark", hint: "save it as UTF-8 without one"})
	}
	for n := 1; len(data) > 0; n++ {
		line, rest, _ := bytes.Cut(data, []byte("\n"))
		data = rest
		p.line(n, line)
	}
	return p.layer, p.notes, errors.Join(p.errs...)
}

type parser struct {
	file  string
	lines map[string]int // where a key was set last
	layer sources.Layer
	notes []sources.Note
	errs  []error
}

func (p *parser) fail(e *Error) {
	e.File = p.file
	p.errs = append(p.errs, e)
}

func (p *parser) line(n int, raw []byte) {
	l := split(string(raw))
	if len(raw) >= maxLine {
		p.fail(&Error{
			Line: n, Col: 1, Key: l.plainKey(),
			Text: fmt.Sprintf("the line has %d bytes, more than an env file can hold (%d)", len(raw), maxLine-1),
			hint: "put the value into a file of its own and name that in a variable",
		})
		return
	}
	// One line at a time: the parser stops at its first error.
	vars, err := envparse.Parse(bytes.NewReader(raw))
	if err != nil {
		e := explain(l, err)
		e.Line = n
		p.fail(e)
		return
	}
	for key, text := range vars { // none or one
		p.set(n, l, key, text)
	}
}

func (p *parser) set(n int, l line, key, text string) {
	origin := sources.Origin{Source: Source, File: p.file, Line: n, Col: l.keyCol}
	if strings.IndexByte(text, 0) >= 0 {
		p.fail(&Error{Line: n, Col: l.valueCol, Key: key, Text: "the value contains a NUL character, which no environment can carry"})
		return
	}
	if at := scan(l.value); at.kind == cut && !at.afterBlank {
		o := origin
		o.Col = l.valueCol + at.offset
		p.notes = append(p.notes, sources.Note{
			Origin: o, Name: key,
			Text: "the value ends before the #",
			Hint: "put the value into quotes if the # belongs to it, else a blank before the #",
		})
	}
	if before, again := p.lines[key]; again {
		p.notes = append(p.notes, sources.Note{
			Origin: origin, Name: key,
			Text: fmt.Sprintf("set again, line %d has no effect", before),
		})
	}
	p.lines[key] = n
	p.layer.Vars = append(p.layer.Vars, sources.Var{Name: key, Value: sources.Value{Text: text, Origin: origin}})
}
