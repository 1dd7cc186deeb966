// Package text reads what the values of options are written as: numbers, sizes, durations,
// lists, addresses. It knows Supervisor's words and nothing of options.
package text

import (
	"math"
	"strings"
	"time"

	"slipway/supervise/dialect"
)

// Bool knows Supervisor's words, in any case.
func Bool(s string) (value, ok bool) {
	switch strings.ToLower(s) {
	case "yes", "true", "on", "1":
		return true, true
	case "no", "false", "off", "0":
		return false, true
	}
	return false, false
}

// Size reads a number of bytes: an integer, or one with KB, MB or GB.
func Size(s string) (int64, bool) {
	factor := int64(1)
	if len(s) >= 2 {
		switch strings.ToLower(s[len(s)-2:]) {
		case "kb":
			factor = 1 << 10
		case "mb":
			factor = 1 << 20
		case "gb":
			factor = 1 << 30
		}
	}
	if factor > 1 {
		s = s[:len(s)-2]
	}
	n, ok := dialect.ParseInt(s, 10)
	if !ok || n > math.MaxInt64/factor || n < math.MinInt64/factor {
		return 0, false
	}
	return n * factor, true
}

// Exitcodes reads a list of numbers from 0 to 255, which may be empty.
func Exitcodes(s string) ([]int, bool) {
	if s == "" {
		return nil, true
	}
	var codes []int
	for item := range strings.SplitSeq(s, ",") {
		n, ok := dialect.ParseInt(item, 10)
		if !ok || n < 0 || n > 255 {
			return nil, false
		}
		codes = append(codes, int(n))
	}
	return codes, true
}

// List splits at commas; the items are trimmed and may be empty.
func List(s string) []string {
	if s == "" {
		return nil
	}
	items := strings.Split(s, ",")
	for i := range items {
		items[i] = dialect.Trim(items[i])
	}
	return items
}

// Words splits at commas and white space; there are no empty words.
func Words(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool { return r == ',' || dialect.IsSpace(r) })
}

// Duration reads 1m30s, 500ms, or a number of seconds.
func Duration(s string) (time.Duration, bool) {
	if n, ok := dialect.ParseInt(s, 10); ok {
		return Seconds(n), n >= 0
	}
	d, err := time.ParseDuration(s)
	return d, err == nil && d >= 0
}

// Seconds converts, and saturates where a Duration ends (292 years).
func Seconds(n int64) time.Duration {
	const most = int64(math.MaxInt64 / time.Second)
	return time.Duration(min(max(n, -most), most)) * time.Second
}

// Name trims the name of a program or group; the character is what it may
// not contain, or 0.
func Name(s string) (string, byte) {
	s = dialect.Trim(s)
	for _, c := range []byte(" :/") {
		if strings.IndexByte(s, c) >= 0 {
			return s, c
		}
	}
	return s, 0
}

// Inet reads host:port, :port, *:port or port. The text is what is wrong.
func Inet(s string) (host string, port int, wrong string) {
	if i := strings.LastIndexByte(s, ':'); i >= 0 {
		host, s = strings.ToLower(s[:i]), s[i+1:]
	}
	n, ok := dialect.ParseInt(s, 10)
	if !ok {
		return "", 0, "expected host:port or a port number"
	}
	if n < 1 || n > 65535 {
		return "", 0, "expected a port from 1 to 65535"
	}
	if host == "*" {
		host = ""
	}
	return host, int(n), ""
}

// IPv4 reads four numbers between dots.
func IPv4(s string) (addr [4]byte, ok bool) {
	parts := strings.Split(s, ".")
	if len(parts) != len(addr) {
		return addr, false
	}
	for i, p := range parts {
		n, ok := dialect.ParseInt(p, 10)
		if !ok || n < 0 || n > 255 {
			return addr, false
		}
		addr[i] = byte(n)
	}
	return addr, true
}

// Matches tells whether a name is in a list, in which NAME* stands for all that begin so.
func Matches(patterns []string, name string) bool {
	for _, p := range patterns {
		if begin, all := strings.CutSuffix(p, "*"); name == p || all && strings.HasPrefix(name, begin) {
			return true
		}
	}
	return false
}
