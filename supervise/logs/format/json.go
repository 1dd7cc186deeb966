package format

import (
	"encoding/binary"
	"math/bits"
	"unicode/utf8"
)

const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// odd is 0 if the first eight bytes of p stand for themselves in a JSON string.
func odd(p []byte) uint64 {
	x := binary.LittleEndian.Uint64(p)
	// The high bit of a byte is set if it was set, or if the byte is less than what is
	// subtracted; what is borrowed comes from a byte that has said so itself.
	return (x | (x - 0x20*ones) | ((x ^ '"'*ones) - ones) | ((x ^ '\\'*ones) - ones)) & highs
}

// plain is how many bytes at the beginning of p stand for themselves in a JSON string.
func plain(p []byte) int {
	i := 0
	for ; i+32 <= len(p); i += 32 {
		q := p[i : i+32 : i+32]
		if odd(q[0:])|odd(q[8:])|odd(q[16:])|odd(q[24:]) != 0 {
			break
		}
	}
	for ; i+8 <= len(p); i += 8 {
		if x := odd(p[i:]); x != 0 {
			return i + bits.TrailingZeros64(x)/8 // the first one is never for a borrowed bit
		}
	}
	for ; i < len(p); i++ {
		if c := p[i]; c < ' ' || c >= utf8.RuneSelf || c == '"' || c == '\\' {
			return i
		}
	}
	return i
}

const hex = "0123456789abcdef"

// text appends p as the inside of a JSON string, as much of it as takes room bytes, and
// returns how many bytes of p that are. A byte that is no UTF-8 becomes U+FFFD.
func text(b, p []byte, room int) (out []byte, n int) {
	for n < len(p) {
		if k := min(plain(p[n:]), room); k > 0 {
			b = append(b, p[n:n+k]...)
			n += k
			room -= k
		}
		if n == len(p) || room < 6 { // what an escape takes
			return b, n
		}
		was := len(b)
		switch c := p[n]; {
		case c == '"' || c == '\\':
			b = append(b, '\\', c)
			n++
		case c == '\n':
			b = append(b, '\\', 'n')
			n++
		case c == '\r':
			b = append(b, '\\', 'r')
			n++
		case c == '\t':
			b = append(b, '\\', 't')
			n++
		case c < ' ':
			b = append(b, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
			n++
		case c < utf8.RuneSelf: // what plain has not looked at, for lack of room
			b = append(b, c)
			n++
		default:
			r, size := utf8.DecodeRune(p[n:])
			if r == utf8.RuneError && size == 1 {
				b = append(b, "\uFFFD"...)
			} else {
				b = append(b, p[n:n+size]...)
			}
			n += size
		}
		room -= len(b) - was
	}
	return b, n
}

// quoted appends a JSON string.
func quoted(b []byte, s string) []byte {
	b = append(b, '"')
	b, _ = text(b, []byte(s), 7*len(s)+6)
	return append(b, '"')
}

// trimmed is p without the blanks of JSON around it.
func trimmed(p []byte) []byte {
	for len(p) > 0 && blank(p[0]) {
		p = p[1:]
	}
	for len(p) > 0 && blank(p[len(p)-1]) {
		p = p[:len(p)-1]
	}
	return p
}

func blank(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' }

// maxDepth is how deep objects may be nested to be taken for records: what reads the log may
// have a limit of its own.
const maxDepth = 64

// isObject reports whether p, which is trimmed, is one JSON object and nothing else.
func isObject(p []byte) bool {
	if len(p) < 2 || p[0] != '{' || p[len(p)-1] != '}' {
		return false
	}
	s := scanner{p: p}
	return s.value(0) && s.at == len(p)
}

// scanner goes through a JSON text.
type scanner struct {
	p  []byte
	at int
}

func (s *scanner) peek() byte {
	for s.at < len(s.p) && blank(s.p[s.at]) {
		s.at++
	}
	if s.at == len(s.p) {
		return 0
	}
	return s.p[s.at]
}

func (s *scanner) take(c byte) bool {
	if s.peek() != c {
		return false
	}
	s.at++
	return true
}

func (s *scanner) value(depth int) bool {
	if depth > maxDepth {
		return false
	}
	switch c := s.peek(); c {
	case '{':
		return s.list('}', depth, true)
	case '[':
		return s.list(']', depth, false)
	case '"':
		return s.string()
	case 't':
		return s.word("true")
	case 'f':
		return s.word("false")
	case 'n':
		return s.word("null")
	}
	return s.number()
}

// list goes through an object or an array.
func (s *scanner) list(end byte, depth int, named bool) bool {
	s.at++
	if s.take(end) {
		return true
	}
	for {
		if named && (s.peek() != '"' || !s.string() || !s.take(':')) || !s.value(depth+1) {
			return false
		}
		if s.take(end) {
			return true
		}
		if !s.take(',') {
			return false
		}
	}
}

func (s *scanner) word(w string) bool {
	if len(s.p)-s.at < len(w) || string(s.p[s.at:s.at+len(w)]) != w {
		return false
	}
	s.at += len(w)
	return true
}

// string goes through a string, whose quote is next.
func (s *scanner) string() bool {
	s.at++
	for {
		s.at += plain(s.p[s.at:])
		if s.at == len(s.p) {
			return false
		}
		switch c := s.p[s.at]; {
		case c == '"':
			s.at++
			return true
		case c == '\\':
			if !s.escape() {
				return false
			}
		case c < ' ':
			return false
		default:
			r, size := utf8.DecodeRune(s.p[s.at:])
			if r == utf8.RuneError && size == 1 {
				return false
			}
			s.at += size
		}
	}
}

func (s *scanner) escape() bool {
	if s.at+1 >= len(s.p) {
		return false
	}
	c := s.p[s.at+1]
	s.at += 2
	switch c {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return true
	case 'u':
		if len(s.p)-s.at < 4 {
			return false
		}
		for _, h := range s.p[s.at : s.at+4] {
			if !(h >= '0' && h <= '9' || h|0x20 >= 'a' && h|0x20 <= 'f') {
				return false
			}
		}
		s.at += 4
		return true
	}
	return false
}

func (s *scanner) number() bool {
	s.take('-')
	if s.at < len(s.p) && s.p[s.at] == '0' {
		s.at++
	} else if !s.digits() {
		return false
	}
	if s.at < len(s.p) && s.p[s.at] == '.' {
		s.at++
		if !s.digits() {
			return false
		}
	}
	if s.at < len(s.p) && s.p[s.at]|0x20 == 'e' {
		s.at++
		if s.at < len(s.p) && (s.p[s.at] == '+' || s.p[s.at] == '-') {
			s.at++
		}
		return s.digits()
	}
	return true
}

func (s *scanner) digits() bool {
	from := s.at
	for s.at < len(s.p) && s.p[s.at] >= '0' && s.p[s.at] <= '9' {
		s.at++
	}
	return s.at > from
}
