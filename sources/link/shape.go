package link

import (
	"net/netip"
	"strconv"
	"strings"
)

// hostPort is the address of a URL of the shape proto://host:port.
type hostPort struct {
	proto string
	host  string
	port  int
}

// asURL reads proto://host:port and nothing after it. IPv6 is in brackets, or
// without them when what stands before the last colon is a whole address.
func asURL(s string) (hostPort, bool) {
	proto, rest, ok := strings.Cut(s, "://")
	if !ok || !knownProto(proto) {
		return hostPort{}, false
	}
	i := strings.LastIndexByte(rest, ':')
	if i < 0 {
		return hostPort{}, false
	}
	host := rest[:i]
	port, ok := asPort(rest[i+1:])
	if !ok {
		return hostPort{}, false
	}
	if in, ok := strings.CutPrefix(host, "["); ok {
		if in, ok = strings.CutSuffix(in, "]"); !ok || !strings.Contains(in, ":") {
			return hostPort{}, false
		}
		host = in
	}
	return hostPort{proto, host, port}, asHost(host)
}

func knownProto(s string) bool { return s == "tcp" || s == "udp" || s == "sctp" }

// asPort reads a decimal port as producers write it: no sign, no leading zero.
func asPort(s string) (int, bool) {
	if s == "" || len(s) > 5 || s[0] < '1' || s[0] > '9' {
		return 0, false
	}
	n, err := strconv.Atoi(s)
	return n, err == nil && n <= 65535
}

// asHost reports whether s is an address or a host name. A number is neither:
// it is a port or a count.
func asHost(s string) bool {
	if strings.IndexByte(s, ':') >= 0 {
		_, err := netip.ParseAddr(s)
		return err == nil
	}
	letters := false
	for i := range len(s) {
		c := s[i]
		switch {
		case c >= '0' && c <= '9':
		case c == '.', c == '-', c == '_', c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z':
			letters = true
		default:
			return false
		}
	}
	return letters && len(s) <= 253 && s[0] != '.' && s[0] != '-'
}

// asName reads the value of A_NAME, /consumer/alias.
func asName(s string) (consumer, alias string, ok bool) {
	rest, ok := strings.CutPrefix(s, "/")
	if !ok {
		return "", "", false
	}
	consumer, alias, ok = strings.Cut(rest, "/")
	return consumer, alias, ok && consumer != "" && alias != "" && strings.IndexByte(alias, '/') < 0
}

// Alias is the beginning of the variables of a link or service: upper case,
// with _ for every -. A dot stays, as Docker leaves it.
func Alias(name string) string {
	return strings.ToUpper(strings.ReplaceAll(name, "-", "_"))
}

// validAlias reports whether a producer can have made s.
func validAlias(s string) bool { return s != "" && Alias(s) == s && s[0] > ' ' }
