package contract

import (
	"encoding/json"
	"math"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// kind is a type of values.
type kind struct {
	name    string
	expects string // for messages, after "expected"
	example string // a value of the kind
	accepts func(string) bool
	// measure is the size of a value for min and max; nil: they mean nothing.
	measure func(string) (int64, bool)
}

// Types returns the names of all types, in the order of the documentation.
func Types() []string {
	var out []string
	for _, k := range kinds() {
		out = append(out, k.name)
	}
	return out
}

func kinds() []kind {
	measured := func(f func(string) (int64, bool)) func(string) bool {
		return func(s string) bool { _, ok := f(s); return ok }
	}
	return []kind{
		{"string", "a text", "example", func(string) bool { return true }, nil},
		{"int", "a whole number", "1", measured(integer), integer},
		{"bool", "true or false (yes, no, on, off, 1, 0)", "true", boolean, nil},
		{"port", "a port number (1 to 65535)", "8080", measured(port), port},
		{"url", "a URL with scheme and host", "http://host.example:8080/", isURL, nil},
		{"host", "a host name or an address, without port", "host.example", isHost, nil},
		{"hostport", "host:port, an IPv6 address in brackets", "host.example:8080", isHostPort, nil},
		{"duration", "a duration such as 500ms, 30s or 2h", "1s", measured(duration), duration},
		{"size", "a size in bytes such as 512, 64KB, 64k or 1GiB", "1MB", measured(size), size},
		{"path", "an absolute path", "/example", func(s string) bool { return strings.HasPrefix(s, "/") && strings.IndexByte(s, 0) < 0 }, nil},
		{"enum", "one of its values", "", func(string) bool { return true }, nil},
		{"json", "a JSON text", "{}", func(s string) bool { return json.Valid([]byte(s)) }, nil},
	}
}

func kindOf(name string) (kind, bool) {
	for _, k := range kinds() {
		if k.name == name || name == "" && k.name == "string" {
			return k, true
		}
	}
	return kind{name: name, expects: "a value", accepts: func(string) bool { return true }}, false
}

func integer(s string) (int64, bool) {
	n, err := strconv.ParseInt(s, 10, 64)
	return n, err == nil
}

func boolean(s string) bool {
	switch strings.ToLower(s) {
	case "true", "false", "yes", "no", "on", "off", "1", "0":
		return true
	}
	return false
}

func port(s string) (int64, bool) {
	n, err := strconv.ParseUint(s, 10, 16)
	return int64(n), err == nil && n > 0
}

func isURL(s string) bool {
	u, err := url.Parse(s)
	return err == nil && u.Scheme != "" && (u.Host != "" || u.Scheme == "unix" && u.Path != "")
}

func isHost(s string) bool {
	if _, err := netip.ParseAddr(s); err == nil {
		return true
	}
	for _, label := range strings.Split(strings.TrimSuffix(s, "."), ".") {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
		for i := range len(label) {
			c := label[i]
			if c != '-' && c != '_' && (c < '0' || c > '9') && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') {
				return false
			}
		}
	}
	return len(s) <= 253
}

func isHostPort(s string) bool {
	host, p, err := net.SplitHostPort(s)
	if err != nil || !isHost(host) {
		return false
	}
	_, ok := port(p)
	return ok
}

func duration(s string) (int64, bool) {
	d, err := time.ParseDuration(s)
	return int64(d), err == nil
}

// size reads a number with a unit; units are powers of 1024, as in Supervisor's
// files and in java's -Xmx.
func size(s string) (int64, bool) {
	digits := strings.TrimRight(s, "kKmMgGtTiIbB")
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || n < 0 {
		return 0, false
	}
	unit := strings.ToLower(strings.TrimSuffix(strings.TrimSuffix(strings.ToLower(s[len(digits):]), "b"), "i"))
	i := strings.Index("kmgt", unit)
	switch {
	case unit == "":
		return n, true
	case i < 0 || len(unit) != 1 || n > math.MaxInt64>>(10*(i+1)):
		return 0, false
	}
	return n << (10 * (i + 1)), true
}

// advice says what a value of another kind may be.
func (k kind) advice(s string) string {
	_, _, isAddr := strings.Cut(s, "://")
	switch {
	case isAddr && (k.name == "port" || k.name == "int"):
		return "Docker links and Kubernetes services set a variable of this name: ask for the peer with link, or unset enableServiceLinks"
	case isAddr && (k.name == "host" || k.name == "hostport"):
		return "that is a URL: declare type = url, or leave the scheme away"
	case k.name == "host" && isHostPort(s):
		return "leave the port away, or declare type = hostport"
	case k.name == "hostport" && isHost(s):
		return "add a port"
	case k.name == "url" && (isHost(s) || isHostPort(s)):
		return "add a scheme, such as http://"
	case k.name == "duration" && allDigits(s):
		return "add a unit: " + s + "s"
	}
	return ""
}

func allDigits(s string) bool {
	_, ok := integer(s)
	return ok
}
