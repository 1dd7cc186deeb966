package resolve

import (
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// address reads the text of a variable: a URL for _URL, host:port or a host for
// _ADDR, a host for _HOST. port is 0 when the text names none.
func address(text, suffix string) (host string, port int, ok bool) {
	if suffix == "_URL" {
		return fromURL(text)
	}
	if addr, err := netip.ParseAddr(strings.Trim(text, "[]")); err == nil {
		return addr.String(), 0, true
	}
	if h, p, err := net.SplitHostPort(text); err == nil && suffix == "_ADDR" {
		port = number(p)
		return h, port, port != 0 && isName(h)
	}
	return text, 0, isName(text)
}

func fromURL(text string) (host string, port int, ok bool) {
	u, err := url.Parse(text)
	if err != nil || u.Scheme == "" || u.Hostname() == "" {
		return "", 0, false
	}
	if u.Port() != "" {
		port = number(u.Port())
		return u.Hostname(), port, port != 0
	}
	switch u.Scheme {
	case "http", "ws":
		port = 80
	case "https", "wss":
		port = 443
	}
	return u.Hostname(), port, true
}

// number reads a port; 0 is none.
func number(s string) int {
	n, err := strconv.ParseUint(s, 10, 16)
	if err != nil {
		return 0
	}
	return int(n)
}

// isName reports whether s can be a host: what has a slash, a blank or a scheme
// is something else.
func isName(s string) bool {
	if _, err := netip.ParseAddr(s); err == nil {
		return true
	}
	for i := range len(s) {
		c := s[i]
		if c != '.' && c != '-' && c != '_' && (c < '0' || c > '9') && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') {
			return false
		}
	}
	return s != ""
}
