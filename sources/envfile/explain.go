package envfile

import (
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/go-envparse"
)

// line is a line cut as the parser cuts it, with columns.
type line struct {
	text             string // trimmed
	textCol          int
	eq               bool
	key, value       string // trimmed; key without export and one blank
	keyCol, valueCol int
	tooBlank         bool // export is followed by more or other than one blank
}

const exportPrefix = "export "

func split(raw string) line {
	l := line{text: strings.TrimSpace(raw)}
	l.textCol = 1 + strings.Index(raw, l.text)
	key, value, ok := strings.Cut(l.text, "=")
	l.eq = ok
	l.valueCol = l.textCol + len(key) + 1 + leading(value)
	l.value = strings.TrimSpace(value)
	l.key, l.keyCol = strings.TrimSpace(key), l.textCol
	if len(l.key) > len(exportPrefix) && strings.HasPrefix(l.key, exportPrefix) {
		l.key = l.key[len(exportPrefix):]
		l.keyCol += len(exportPrefix)
		l.tooBlank = leading(l.key) > 0
	} else if rest, ok := strings.CutPrefix(l.key, "export\t"); ok && rest != "" {
		l.tooBlank = true
	}
	return l
}

// leading is the length of the blanks that s begins with.
func leading(s string) int { return len(s) - len(strings.TrimLeft(s, " \t\v\f\r\u0085\u00a0")) }

// plainKey is the key if it is one that may be shown: without = the whole line
// counts as key, and that may be anything.
func (l line) plainKey() string {
	if !l.eq || badKeyByte(l.key) >= 0 {
		return ""
	}
	return l.key
}

// badKeyByte is the offset of the first byte that the parser refuses in a key,
// or -1.
func badKeyByte(key string) int {
	for i := range len(key) {
		c := key[i]
		letter := c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c == '_'
		if !letter && (i == 0 || c != '.' && c != '/' && (c < '0' || c > '9')) {
			return i
		}
	}
	return -1
}

// explain turns the parser's error about a line into ours. The parser decided
// that the line is wrong; here is only found out where, and said why.
func explain(l line, err error) *Error {
	e := &Error{Col: l.textCol, Key: l.plainKey(), Err: err}
	var pe *envparse.ParseError
	if errors.As(err, &pe) {
		e.Err = pe.Err // its line number is 1 for every line that we give it
	}
	e.Text = e.Err.Error()
	switch bad := badKeyByte(l.key); {
	case !l.eq:
		e.Text = "expected NAME=value, got a line without ="
		e.hint = "for an empty value write NAME=; this is not a shell script, and nothing is taken from the host as docker's --env-file does"
	case l.key == "":
		e.Text = "expected a name before ="
	case l.tooBlank:
		e.Col = l.keyCol
		e.Text = "expected exactly one blank after export"
	case bad >= 0:
		e.Col = l.keyCol + bad
		e.Text = "a name is letters, digits, _ . and /, and starts with a letter or _; got " + quoteByte(l.key, bad)
		if strings.Contains(l.key, ":") {
			e.hint = "write NAME=value, not NAME: value"
		}
	default:
		explainValue(e, l)
	}
	return e
}

func quoteByte(s string, i int) string {
	for _, r := range s[i:] {
		return fmt.Sprintf("%q", r)
	}
	return `""`
}

func explainValue(e *Error, l line) {
	at := scan(l.value)
	e.Col = l.valueCol + at.offset
	switch at.kind {
	case control:
		e.Text = fmt.Sprintf("a value cannot contain the control character 0x%02x", l.value[at.offset])
		if l.value[at.offset] == '\t' {
			e.Text = "a value cannot contain a tab"
			e.hint = `write \t between double quotes`
		}
	case openSingle:
		e.Text = "a single quote is not closed"
		e.hint = `a value with ' needs double quotes: "it's"`
	case openDouble:
		e.Text = "a double quote is not closed"
		e.hint = `a value ends with its line; write \n between double quotes for a line break`
	case badEscape:
		e.Text = `not an escape between double quotes: only \" \\ \/ \b \f \n \r \t and \uXXXX are`
		e.hint = `$ and back-ticks need no backslash, nothing is expanded; a backslash is written \\`
	case openEscape:
		e.Text = "the line ends within an escape"
		e.hint = `a line cannot be continued; a backslash is written \\`
	case badUnicode:
		e.Text = `\u needs four hexadecimal digits, and beyond U+FFFF two of them in a row`
	}
}

// kind is where a scan of a value stopped.
type kind uint8

const (
	whole      kind = iota // at the end
	cut                    // at a # that starts a comment
	control                // at a control character
	openSingle             // at the end, within 'text that began at the offset
	openDouble             // at the end, within "text that began at the offset
	badEscape              // at a backslash
	openEscape             // at a backslash that ends the value
	badUnicode             // at the backslash of a \u
)

type stop struct {
	kind       kind
	offset     int
	afterBlank bool // cut: a blank or nothing bare stands before the #
}

// scan walks over a value as the parser does, to find the place that its error
// is about, or the # that ended it early.
func scan(v string) stop {
	const none = 0
	quote, opened := byte(none), 0
	for i := 0; i < len(v); i++ {
		c := v[i]
		switch {
		case c < 32:
			return stop{kind: control, offset: i}
		case quote == none && c == '#':
			return stop{kind: cut, offset: i, afterBlank: i > 0 && v[i-1] == ' '}
		case quote == none && (c == '"' || c == '\''):
			quote, opened = c, i
		case quote != none && c == quote:
			quote = none
		case quote == '"' && c == '\\':
			n, k := escape(v[i:])
			if k != whole {
				return stop{kind: k, offset: i}
			}
			i += n - 1
		}
	}
	switch quote {
	case '\'':
		return stop{kind: openSingle, offset: opened}
	case '"':
		return stop{kind: openDouble, offset: opened}
	}
	return stop{kind: whole, offset: len(v)}
}

// escape returns the length of the escape that s begins with.
func escape(s string) (int, kind) {
	switch {
	case len(s) < 2:
		return 0, openEscape
	case strings.IndexByte(`"\/bfnrt`, s[1]) >= 0:
		return 2, whole
	case s[1] != 'u':
		return 0, badEscape
	}
	first, ok := hex4(s[2:])
	if !ok {
		return 0, badUnicode
	}
	if first < 0xd800 || first > 0xdfff {
		return 6, whole
	}
	if !strings.HasPrefix(s[6:], `\u`) {
		return 0, badUnicode
	}
	if _, ok := hex4(s[8:]); !ok {
		return 0, badUnicode
	}
	return 12, whole
}

func hex4(s string) (v int, ok bool) {
	if len(s) < 4 {
		return 0, false
	}
	for i := range 4 {
		d := strings.IndexByte("0123456789abcdef", s[i]|0x20)
		if d < 0 || s[i] < '0' {
			return 0, false
		}
		v = v<<4 | d
	}
	return v, true
}
