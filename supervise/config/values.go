package config

import (
	"math"
	"strconv"
	"strings"
	"time"

	"slipway/supervise/dialect"
	"slipway/supervise/machine"
)

// ParseBool knows Supervisor's words, in any case.
func ParseBool(s string) (value, ok bool) {
	switch strings.ToLower(s) {
	case "yes", "true", "on", "1":
		return true, true
	case "no", "false", "off", "0":
		return false, true
	}
	return false, false
}

// ParseSize reads a number of bytes: an integer, or one with KB, MB or GB.
func ParseSize(s string) (int64, bool) {
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

// ParseExitcodes reads a list of numbers from 0 to 255, which may be empty.
func ParseExitcodes(s string) ([]int, bool) {
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

// ParseRestart reads true, false or unexpected.
func ParseRestart(s string) (machine.Restart, bool) {
	if strings.EqualFold(s, "unexpected") {
		return machine.RestartUnexpected, true
	}
	b, ok := ParseBool(s)
	if b {
		return machine.RestartAlways, ok
	}
	return machine.RestartNever, ok
}

// LevelNames are the levels of the activity log by number.
var LevelNames = [...]string{"blather", "trace", "debug", "info", "warn", "error", "critical"}

// String gives the word that loglevel= has for the level.
func (l Loglevel) String() string {
	if int(l) < len(LevelNames) {
		return LevelNames[l]
	}
	return strconv.Itoa(int(l))
}

// ParseLevel reads the name of a level, in any case.
func ParseLevel(s string) (Loglevel, bool) {
	for i, name := range LevelNames {
		if strings.EqualFold(s, name) {
			return Loglevel(i), true
		}
	}
	return 0, false
}

// ParseList splits at commas; the items are trimmed and may be empty.
func ParseList(s string) []string {
	if s == "" {
		return nil
	}
	items := strings.Split(s, ",")
	for i := range items {
		items[i] = dialect.Trim(items[i])
	}
	return items
}

// ParseWords splits at commas and white space; there are no empty words.
func ParseWords(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool { return r == ',' || dialect.IsSpace(r) })
}

// ParseDuration reads 1m30s, 500ms, or a number of seconds.
func ParseDuration(s string) (time.Duration, bool) {
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

// ParseName trims the name of a program or group; the character is what it may
// not contain, or 0.
func ParseName(s string) (string, byte) {
	s = dialect.Trim(s)
	for _, c := range []byte(" :/") {
		if strings.IndexByte(s, c) >= 0 {
			return s, c
		}
	}
	return s, 0
}

// ParseInet reads host:port, :port, *:port or port. The text is what is wrong.
func ParseInet(s string) (host string, port int, wrong string) {
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

// ParseIPv4 reads four numbers between dots.
func ParseIPv4(s string) (addr [4]byte, ok bool) {
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
