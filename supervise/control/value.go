package control

import "errors"

// Kind is the type of a Value.
type Kind uint8

// The kinds of values. Their numbers are the tags on the wire.
const (
	KindNil Kind = iota
	KindInt
	KindBool
	KindString
	KindList
	KindStruct
)

// String returns the word that method documentation uses for the kind.
func (k Kind) String() string {
	switch k {
	case KindInt:
		return "int"
	case KindBool:
		return "boolean"
	case KindString:
		return "string"
	case KindList:
		return "array"
	case KindStruct:
		return "struct"
	}
	return "nil"
}

// Value is one argument or answer: a tree of integers, booleans, byte strings,
// lists and structs with ordered fields. The zero Value is nil. Values are
// immutable by convention: whoever is handed one does not change its slices.
type Value struct {
	kind   Kind
	num    int64
	str    string
	list   []Value
	fields []Field
}

// Field is one named member of a struct value.
type Field struct {
	Name  string
	Value Value
}

// Int returns an integer value.
func Int(n int64) Value { return Value{kind: KindInt, num: n} }

// String returns a string value; the bytes are not interpreted.
func String(s string) Value { return Value{kind: KindString, str: s} }

// Bool returns a boolean value.
func Bool(b bool) Value {
	v := Value{kind: KindBool}
	if b {
		v.num = 1
	}
	return v
}

// List returns a list of values.
func List(items ...Value) Value { return Value{kind: KindList, list: items} }

// Strings returns a list of string values.
func Strings(items []string) Value {
	list := make([]Value, len(items))
	for i, s := range items {
		list[i] = String(s)
	}
	return List(list...)
}

// Struct returns a struct value with its fields in the given order.
func Struct(fields ...Field) Value { return Value{kind: KindStruct, fields: fields} }

// Kind returns the kind of v.
func (v Value) Kind() Kind { return v.kind }

// Int returns the integer, or 0 if v is none.
func (v Value) Int() int64 {
	if v.kind != KindInt {
		return 0
	}
	return v.num
}

// Str returns the string, or "" if v is none.
func (v Value) Str() string { return v.str }

// Bool returns the boolean, or false if v is none.
func (v Value) Bool() bool { return v.kind == KindBool && v.num != 0 }

// List returns the items, or nil if v is no list.
func (v Value) List() []Value { return v.list }

// Fields returns the fields in order, or nil if v is no struct.
func (v Value) Fields() []Field { return v.fields }

// Get returns the field of that name, or nil if v has none. A reader that asks
// for what an older peer does not send so gets the zero value.
func (v Value) Get(name string) Value {
	for _, f := range v.fields {
		if f.Name == name {
			return f.Value
		}
	}
	return Value{}
}

// Strings returns the strings of a list; items of other kinds are "".
func (v Value) Strings() []string {
	out := make([]string, len(v.list))
	for i, item := range v.list {
		out[i] = item.str
	}
	return out
}

// maxDepth bounds the nesting of a value: reading one recurses.
const maxDepth = 32

var (
	errShort   = errors.New("cannot read value: it ends too early")
	errDeep    = errors.New("cannot read value: it is nested too deeply")
	errTag     = errors.New("cannot read value: unknown tag")
	errTooMany = errors.New("cannot read value: it announces more items than it holds")
)

// appendValue appends the encoding of v.
func appendValue(b []byte, v Value) []byte {
	b = append(b, byte(v.kind))
	switch v.kind {
	case KindInt:
		b = appendUvarint(b, uint64(v.num)<<1^uint64(v.num>>63))
	case KindBool:
		b = append(b, byte(v.num))
	case KindString:
		b = appendString(b, v.str)
	case KindList:
		b = appendUvarint(b, uint64(len(v.list)))
		for _, item := range v.list {
			b = appendValue(b, item)
		}
	case KindStruct:
		b = appendUvarint(b, uint64(len(v.fields)))
		for _, f := range v.fields {
			b = appendString(b, f.Name)
			b = appendValue(b, f.Value)
		}
	}
	return b
}

// reader consumes an encoded payload; the first error sticks.
type reader struct {
	p   []byte
	err error
}

func (r *reader) fail(err error) {
	if r.err == nil {
		r.err = err
	}
	r.p = nil
}

func (r *reader) byte() byte {
	if len(r.p) == 0 {
		r.fail(errShort)
		return 0
	}
	c := r.p[0]
	r.p = r.p[1:]
	return c
}

func (r *reader) uvarint() uint64 {
	var n uint64
	for shift := uint(0); shift < 64; shift += 7 {
		c := r.byte()
		n |= uint64(c&0x7f) << shift
		if c < 0x80 {
			return n
		}
	}
	r.fail(errShort)
	return 0
}

// string copies: the payload's buffer is reused for the next read.
func (r *reader) string() string {
	n := r.uvarint()
	if n > uint64(len(r.p)) {
		r.fail(errShort)
		return ""
	}
	s := string(r.p[:n])
	r.p = r.p[n:]
	return s
}

// count reads a number of items. Every item takes at least one byte, so a count
// above what is left is a lie that must not reach make.
func (r *reader) count() int {
	n := r.uvarint()
	if n > uint64(len(r.p)) {
		r.fail(errTooMany)
		return 0
	}
	return int(n)
}

func (r *reader) value(depth int) Value {
	if depth > maxDepth {
		r.fail(errDeep)
		return Value{}
	}
	switch Kind(r.byte()) {
	case KindNil:
		return Value{}
	case KindInt:
		n := r.uvarint()
		return Int(int64(n>>1) ^ -int64(n&1))
	case KindBool:
		return Bool(r.byte() != 0)
	case KindString:
		return String(r.string())
	case KindList:
		n := r.count()
		list := make([]Value, 0, min(n, 64))
		for i := 0; i < n && r.err == nil; i++ {
			list = append(list, r.value(depth+1))
		}
		return List(list...)
	case KindStruct:
		n := r.count()
		fields := make([]Field, 0, min(n, 64))
		for i := 0; i < n && r.err == nil; i++ {
			name := r.string()
			fields = append(fields, Field{name, r.value(depth + 1)})
		}
		return Struct(fields...)
	}
	r.fail(errTag)
	return Value{}
}

func appendUvarint(b []byte, n uint64) []byte {
	for n >= 0x80 {
		b = append(b, byte(n)|0x80)
		n >>= 7
	}
	return append(b, byte(n))
}

func appendString(b []byte, s string) []byte {
	b = appendUvarint(b, uint64(len(s)))
	return append(b, s...)
}
