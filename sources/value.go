package sources

import (
	"fmt"
	"io"
	"strconv"

	"slipway/internal/redact"
)

// Redacted is what a secret prints as.
const Redacted = redact.Mark

// Value is the text of a variable and what is known about it.
//
// fmt, encoding/json and log/slog print Redacted in place of a secret's text.
// fmt cannot do that for a Value in an unexported field of some other type, so
// such a type needs a String method of its own.
type Value struct {
	Text   string
	Secret bool
	Origin Origin
}

// String returns the text, or Redacted.
func (v Value) String() string {
	if v.Secret {
		return Redacted
	}
	return v.Text
}

// GoString describes the value without the text of a secret.
func (v Value) GoString() string {
	return fmt.Sprintf("sources.Value{Text:%q, Secret:%t, Origin:%#v}", v.String(), v.Secret, v.Origin)
}

// Format prints what String returns under every verb, so that no %d or %x of a
// wrong format string shows a secret.
func (v Value) Format(f fmt.State, verb rune) {
	switch {
	case verb == 'v' && f.Flag('#'):
		io.WriteString(f, v.GoString())
	case verb == 'v' && f.Flag('+'):
		fmt.Fprintf(f, "%s (%s)", v.String(), v.Origin)
	default:
		fmt.Fprintf(f, fmt.FormatString(f, verb), v.String())
	}
}

// MarshalText returns what String returns; encoding/json uses it too. There is
// no way back: a redacted text must not become a value.
func (v Value) MarshalText() ([]byte, error) { return []byte(v.String()), nil }

// Origin says where a value came from.
type Origin struct {
	// Source is the name of the source as [slipway] sources has it:
	// "environment", "env.d", "etcd" …
	Source string
	// File is the file, or the key of a store; "" when there is none.
	File string
	// Line and Col count from 1, Col in bytes; 0 when unknown.
	Line, Col int
	// Revision is the store's revision at which the value was read; 0 when the
	// source has no revisions.
	Revision int64
}

// String names the place as briefly as it can be found again: file:line:col
// when there is a line, else the source and what it has.
func (o Origin) String() string {
	switch {
	case o.File != "" && o.Line > 0:
		s := o.File + ":" + strconv.Itoa(o.Line)
		if o.Col > 0 {
			s += ":" + strconv.Itoa(o.Col)
		}
		return s
	case o.File != "" && o.Revision > 0:
		return o.Source + " " + o.File + " at revision " + strconv.FormatInt(o.Revision, 10)
	case o.File != "" && o.Source != "":
		return o.Source + " " + o.File
	case o.File != "":
		return o.File
	case o.Source != "":
		return o.Source
	default:
		return "unknown"
	}
}
