package xmlrpc

import (
	"encoding/base64"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
)

// timeLayout is the only form of dateTime.iso8601 that Supervisor reads.
const timeLayout = "20060102T15:04:05"

// maxDepth bounds the nesting of elements: reading recurses.
const maxDepth = 100

// ErrNoMethod is returned for a call without a method name.
var ErrNoMethod = errors.New("cannot read call: it has no method name")

// ParseCall reads a method call. As in Supervisor the name of the root element
// does not matter, <params> may be missing, and elements that are not known are
// skipped.
func ParseCall(r io.Reader) (method string, args []any, err error) {
	p := newParser(r)
	if err := p.root(); err != nil {
		return "", nil, fmt.Errorf("cannot read call: %w", err)
	}
	err = p.children(func(name string) error {
		switch name {
		case "methodName":
			text, err := p.text()
			method = text
			return err
		case "params":
			args, err = p.params()
			return err
		}
		return p.skip()
	})
	switch {
	case err != nil:
		return "", nil, fmt.Errorf("cannot read call: %w", err)
	case method == "":
		return "", nil, ErrNoMethod
	}
	return method, args, nil
}

// ParseResponse reads the answer to a call; a fault comes back as a *Fault.
func ParseResponse(r io.Reader) (any, error) {
	p := newParser(r)
	if err := p.root(); err != nil {
		return nil, fmt.Errorf("cannot read answer: %w", err)
	}
	var result any
	var fault error
	seen := false
	err := p.children(func(name string) error {
		switch name {
		case "params":
			args, err := p.params()
			if len(args) == 1 {
				result, seen = args[0], true
			}
			return err
		case "fault":
			return p.children(func(string) error {
				v, err := p.value()
				s, _ := v.(Struct)
				fault, seen = &Fault{Code: s.Int("faultCode"), Text: s.String("faultString")}, true
				return err
			})
		}
		return p.skip()
	})
	switch {
	case err != nil:
		return nil, fmt.Errorf("cannot read answer: %w", err)
	case !seen:
		return nil, errors.New("cannot read answer: it has neither a value nor a fault")
	}
	return result, fault
}

// parser descends through a document; an element's function is called after its
// start tag was read, and consumes its end tag.
type parser struct {
	d     *xml.Decoder
	depth int
}

func newParser(r io.Reader) *parser {
	d := xml.NewDecoder(r)
	d.CharsetReader = func(name string, in io.Reader) (io.Reader, error) {
		switch strings.ToLower(name) {
		case "utf-8", "us-ascii", "ascii":
			return in, nil
		case "iso-8859-1", "latin-1", "latin1":
			return &latin1{in: in}, nil
		}
		return nil, fmt.Errorf("encoding %q is not supported", name)
	}
	return &parser{d: d}
}

// root reads up to the root element's start tag.
func (p *parser) root() error {
	for {
		t, err := p.d.Token()
		if err != nil {
			return err
		}
		if _, ok := t.(xml.StartElement); ok {
			return nil
		}
	}
}

// children calls do for every child element, up to the end tag.
func (p *parser) children(do func(name string) error) error {
	if p.depth++; p.depth > maxDepth {
		return errors.New("elements are nested too deeply")
	}
	defer func() { p.depth-- }()
	for {
		t, err := p.d.Token()
		if err != nil {
			return err
		}
		switch t := t.(type) {
		case xml.StartElement:
			if err := do(t.Name.Local); err != nil {
				return err
			}
		case xml.EndElement:
			return nil
		}
	}
}

func (p *parser) skip() error {
	return p.children(func(string) error { return p.skip() })
}

// text returns the character data of an element without children.
func (p *parser) text() (string, error) {
	var b strings.Builder
	for {
		t, err := p.d.Token()
		if err != nil {
			return "", err
		}
		switch t := t.(type) {
		case xml.CharData:
			b.Write(t)
		case xml.StartElement:
			return "", fmt.Errorf("element <%s> where text is expected", t.Name.Local)
		case xml.EndElement:
			return b.String(), nil
		}
	}
}

func (p *parser) params() (args []any, err error) {
	err = p.children(func(string) error {
		seen := false
		err := p.children(func(string) error {
			v, err := p.value()
			args, seen = append(args, v), true
			return err
		})
		if err == nil && !seen {
			err = errors.New("a <param> holds no value")
		}
		return err
	})
	return args, err
}

// value reads what is inside <value>: one typed element, or plain text, which is
// a string.
func (p *parser) value() (any, error) {
	var b strings.Builder
	var v any
	typed := false
	if p.depth++; p.depth > maxDepth {
		return nil, errors.New("values are nested too deeply")
	}
	defer func() { p.depth-- }()
	for {
		t, err := p.d.Token()
		if err != nil {
			return nil, err
		}
		switch t := t.(type) {
		case xml.CharData:
			b.Write(t)
		case xml.StartElement:
			if typed {
				return nil, errors.New("a <value> holds two values")
			}
			typed = true
			if v, err = p.typed(t.Name.Local); err != nil {
				return nil, err
			}
		case xml.EndElement:
			if !typed {
				return b.String(), nil
			}
			return v, nil
		}
	}
}

// typed reads the content of a type element and its end tag.
func (p *parser) typed(kind string) (any, error) {
	switch kind {
	case "array":
		return p.array()
	case "struct":
		return p.structure()
	case "nil":
		return nil, p.skip()
	}
	text, err := p.text()
	if err != nil {
		return nil, err
	}
	trimmed := strings.TrimSpace(text)
	switch kind {
	case "string":
		return text, nil
	case "int", "i4", "i8":
		n, err := strconv.ParseInt(trimmed, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("%q is no integer", text)
		}
		return n, nil
	case "boolean":
		return text == "1", nil
	case "double":
		f, err := strconv.ParseFloat(trimmed, 64)
		if err != nil {
			return nil, fmt.Errorf("%q is no number", text)
		}
		return f, nil
	case "dateTime.iso8601":
		t, err := time.Parse(timeLayout, text)
		if err != nil {
			return nil, fmt.Errorf("%q is no time", text)
		}
		return t, nil
	case "base64":
		raw, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(text), ""))
		if err != nil {
			return nil, errors.New("a <base64> value is malformed")
		}
		return string(raw), nil
	}
	return nil, fmt.Errorf("unknown type <%s>", kind)
}

func (p *parser) array() ([]any, error) {
	list := []any{}
	err := p.children(func(name string) error {
		if name != "data" {
			return fmt.Errorf("element <%s> in an array", name)
		}
		return p.children(func(string) error {
			v, err := p.value()
			list = append(list, v)
			return err
		})
	})
	return list, err
}

func (p *parser) structure() (Struct, error) {
	s := Struct{}
	err := p.children(func(string) error {
		var m Member
		err := p.children(func(name string) (err error) {
			switch name {
			case "name":
				m.Name, err = p.text()
			case "value":
				m.Value, err = p.value()
			default:
				err = fmt.Errorf("element <%s> in a struct member", name)
			}
			return err
		})
		s = append(s, m)
		return err
	})
	return s, err
}

// latin1 turns ISO 8859-1 into UTF-8.
type latin1 struct {
	in   io.Reader
	rest []byte
}

func (l *latin1) Read(p []byte) (int, error) {
	if len(l.rest) == 0 {
		var raw [512]byte
		n, err := l.in.Read(raw[:])
		if n == 0 {
			return 0, err
		}
		for _, c := range raw[:n] {
			l.rest = append(l.rest, string(rune(c))...)
		}
	}
	n := copy(p, l.rest)
	l.rest = l.rest[n:]
	return n, nil
}
