package dialect

import (
	"math"
	"strings"
)

// ParseInt reads an integer as Python's int(text, base) does: white space
// around it, a sign, single underscores between digits, and for base 8 the
// prefix 0o. Digits of other scripts, which Python takes too, are refused.
func ParseInt(s string, base int) (int64, bool) {
	s = Trim(s)
	negative := false
	if s != "" && (s[0] == '-' || s[0] == '+') {
		negative = s[0] == '-'
		s = s[1:]
	}
	if base == 8 && len(s) > 2 && s[0] == '0' && (s[1] == 'o' || s[1] == 'O') {
		s = strings.TrimPrefix(s[2:], "_")
	}
	if s == "" {
		return 0, false
	}
	var n int64
	digit := false
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c == '_' && digit && i+1 < len(s) {
			digit = false
			continue
		}
		if c < '0' || int(c-'0') >= base || n > (math.MaxInt64-int64(c-'0'))/int64(base) {
			return 0, false
		}
		n = n*int64(base) + int64(c-'0')
		digit = true
	}
	if negative {
		n = -n
	}
	return n, true
}
