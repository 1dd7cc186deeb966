package protocol

import (
	"errors"
	"strings"
)

var (
	errEscape = errors.New(`a backslash is followed by something other than \ n r t s or x and two hexadecimal digits`)
	errEmpty  = errors.New("a word is missing")
)

const hexDigits = "0123456789abcdef"

// escape writes s so that it fits into a line; a word may contain no blank
// either, and an empty word is written \e.
func escape(dst []byte, s string, word bool) []byte {
	if word && s == "" {
		return append(dst, `\e`...)
	}
	for i := range len(s) {
		switch c := s[i]; {
		case c == '\\':
			dst = append(dst, `\\`...)
		case c == '\n':
			dst = append(dst, `\n`...)
		case c == '\r':
			dst = append(dst, `\r`...)
		case c == '\t':
			dst = append(dst, `\t`...)
		case c == ' ' && word:
			dst = append(dst, `\s`...)
		case c < ' ' || c == 0x7f:
			dst = append(dst, '\\', 'x', hexDigits[c>>4], hexDigits[c&15])
		default:
			dst = append(dst, c)
		}
	}
	return dst
}

// unescape is the inverse of escape.
func unescape(s string) (string, error) {
	if strings.IndexByte(s, '\\') < 0 {
		return s, nil
	}
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' {
			out = append(out, s[i])
			continue
		}
		if i++; i == len(s) {
			return "", errEscape
		}
		switch s[i] {
		case '\\':
			out = append(out, '\\')
		case 'n':
			out = append(out, '\n')
		case 'r':
			out = append(out, '\r')
		case 't':
			out = append(out, '\t')
		case 's':
			out = append(out, ' ')
		case 'e': // nothing: an empty word
		case 'x':
			if i+2 >= len(s) {
				return "", errEscape
			}
			hi, lo := strings.IndexByte(hexDigits, s[i+1]|0x20), strings.IndexByte(hexDigits, s[i+2]|0x20)
			if hi < 0 || lo < 0 || s[i+1] < '0' || s[i+2] < '0' {
				return "", errEscape
			}
			out = append(out, byte(hi<<4|lo))
			i += 2
		default:
			return "", errEscape
		}
	}
	return string(out), nil
}
