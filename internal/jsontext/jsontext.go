// Package jsontext reads JSON so that nothing of it is changed in silence. The standard
// decoder takes the last of two equal keys, puts U+FFFD in the place of what is no character,
// and rounds numbers: 9007199254740993 is ...992 then.
package jsontext

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// Whole reports whether a number is a whole one by the way it is written. One that no
// integer of 64 bits can have stays a text: a float would have other digits, in silence.
func Whole(number string) bool {
	digits := strings.TrimLeft(number, "+-")
	return digits != "" && strings.Trim(digits, "0123456789") == ""
}

// Error is what is wrong with a text, at an offset of it that may be its end.
type Error struct {
	Offset int
	Text   string
	Syntax bool // it is no JSON at all; Text is in the words of Go's decoder
}

// Error says what, not where.
func (e *Error) Error() string { return e.Text }

// Read reads a text token by token. number makes the value of a number. Every other error
// is an [*Error], as only the check of the whole text, which is first, knows where one is.
func Read(data []byte, number func(json.Number) (any, error)) (any, error) {
	bom := len(data)
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	bom -= len(data)
	at := func(offset int, text string) error { return &Error{Offset: bom + offset, Text: text} }
	for rest := data; len(rest) > 0; {
		r, size := utf8.DecodeRune(rest)
		if r == utf8.RuneError && size == 1 {
			return nil, at(len(data)-len(rest), "expected UTF-8")
		}
		rest = rest[size:]
	}
	var raw json.RawMessage
	var syntax *json.SyntaxError
	switch err := json.Unmarshal(data, &raw); {
	case errors.As(err, &syntax) && syntax.Error() == "unexpected end of JSON input":
		return nil, &Error{bom + len(data), syntax.Error(), true}
	case errors.As(err, &syntax):
		return nil, &Error{bom + max(int(syntax.Offset)-1, 0), syntax.Error(), true}
	case err != nil:
		return nil, at(0, err.Error())
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	r := reader{Decoder: d, number: number, replaced: bytes.ContainsRune(data, utf8.RuneError) || bytes.Contains(bytes.ToLower(data), []byte(`\ufffd`))}
	v, err := r.value()
	if err != nil {
		return nil, at(int(d.InputOffset()), err.Error())
	}
	return v, nil
}

type reader struct {
	*json.Decoder
	number   func(json.Number) (any, error)
	replaced bool // U+FFFD occurs in the text: then it need not stand for something else
}

func (r *reader) value() (any, error) {
	t, err := r.Token()
	if err != nil {
		return nil, err
	}
	switch t := t.(type) {
	case json.Delim:
		if t == '{' {
			return r.object()
		}
		return r.array()
	case json.Number:
		v, err := r.number(t)
		if err != nil {
			return nil, errors.New("a number is too large")
		}
		return v, nil
	case string:
		return t, r.text(t)
	default:
		return t, nil
	}
}

// text refuses half of a surrogate pair (\ud800), which is no character.
func (r *reader) text(s string) error {
	if !r.replaced && strings.ContainsRune(s, utf8.RuneError) {
		return errors.New("a text has half of a pair of \\u escapes, which is no character")
	}
	return nil
}

func (r *reader) object() (any, error) {
	m := map[string]any{}
	for r.More() {
		t, err := r.Token()
		if err != nil {
			return nil, err
		}
		key, _ := t.(string)
		if err := r.text(key); err != nil {
			return nil, err
		}
		if _, twice := m[key]; twice {
			return nil, fmt.Errorf("key %q occurs twice", key)
		}
		if m[key], err = r.value(); err != nil {
			return nil, err
		}
	}
	_, err := r.Token()
	return m, err
}

func (r *reader) array() (any, error) {
	a := []any{}
	for r.More() {
		v, err := r.value()
		if err != nil {
			return nil, err
		}
		a = append(a, v)
	}
	_, err := r.Token()
	return a, err
}
