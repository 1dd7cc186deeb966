package sockets

import (
	"strconv"
	"strings"
)

// Network is what an address is of.
type Network uint8

// The networks.
const (
	TCP Network = iota
	UDP
	Unix         // a stream
	UnixDatagram // datagrams
)

var schemes = [...]string{TCP: "tcp://", UDP: "udp://", Unix: "unix://", UnixDatagram: "unix-datagram://"}

// Address is where a socket listens.
type Address struct {
	Network Network
	IP      [16]byte // of TCP and UDP; the first four bytes of version 4
	IPv6    bool
	Port    int
	Path    string // of a unix socket; with "@" before a name that has no file
}

// Expected is what an address looks like.
const Expected = "tcp://ADDRESS:PORT, udp://ADDRESS:PORT, unix:///PATH or unix-datagram:///PATH"

// pathSize is how long the path of a unix socket may be.
const pathSize = 107

// ParseAddress reads an address. Wrong is what is the matter with it, "" for nothing.
func ParseAddress(text string) (a Address, wrong string) {
	rest, found := "", false
	for n, scheme := range schemes {
		if rest, found = strings.CutPrefix(text, scheme); found {
			a.Network = Network(n)
			break
		}
	}
	switch {
	case !found:
		return a, "expected " + Expected
	case !a.IsUnix():
		return a.inet(rest)
	case !strings.HasPrefix(rest, "/") && !strings.HasPrefix(rest, "@") || len(rest) < 2:
		return a, "expected an absolute path: " + schemes[a.Network] + "/…"
	case len(rest) > pathSize:
		return a, "expected a path of at most " + strconv.Itoa(pathSize) + " bytes"
	}
	a.Path = rest
	return a, ""
}

// inet reads HOST:PORT. PID 1 asks no name server.
func (a Address) inet(text string) (_ Address, wrong string) {
	colon := strings.LastIndexByte(text, ':')
	if colon < 0 {
		return a, "expected " + Expected
	}
	port, err := strconv.ParseUint(text[colon+1:], 10, 16)
	if err != nil || port == 0 {
		return a, "expected a port from 1 to 65535"
	}
	a.Port = int(port)
	host := strings.ToLower(text[:colon])
	inner, v6 := strings.CutPrefix(host, "[")
	if v6 && strings.HasSuffix(inner, "]") {
		a.IPv6 = true
		if a.IP, v6 = parseIPv6(strings.TrimSuffix(inner, "]")); v6 {
			return a, ""
		}
		return a, "expected a numeric address, such as [::1]"
	}
	switch host {
	case "", "*":
		return a, ""
	case "localhost":
		host = "127.0.0.1"
	}
	var ok bool
	if a.IP, ok = parseIPv4(host, a.IP, 0); !ok {
		return a, "expected a numeric address, such as 127.0.0.1, [::1] or *"
	}
	return a, ""
}

// parseIPv4 reads an address of version 4 into ip, from a byte on.
func parseIPv4(text string, ip [16]byte, at int) ([16]byte, bool) {
	parts := strings.Split(text, ".")
	if len(parts) != 4 {
		return ip, false
	}
	for i, part := range parts {
		n, err := strconv.ParseUint(part, 10, 8)
		if err != nil || len(part) > 1 && part[0] == '0' {
			return ip, false
		}
		ip[at+i] = byte(n)
	}
	return ip, true
}

// parseIPv6 reads an address of version 6, without a zone.
func parseIPv6(text string) (ip [16]byte, ok bool) {
	left, right, gap := strings.Cut(text, "::")
	head, okHead := groups(left)
	tail, okTail := groups(right)
	size := len(head) + len(tail)
	if !okHead || !okTail || gap && size > 14 || !gap && size != 16 {
		return ip, false
	}
	copy(ip[:], head)
	copy(ip[16-len(tail):], tail)
	return ip, true
}

// groups reads what is between two colons each; the last may be an address of version 4.
func groups(text string) (b []byte, ok bool) {
	if text == "" {
		return nil, true
	}
	parts := strings.Split(text, ":")
	for i, part := range parts {
		if i == len(parts)-1 && strings.Contains(part, ".") {
			ip, ok := parseIPv4(part, [16]byte{}, 0)
			return append(b, ip[:4]...), ok
		}
		n, err := strconv.ParseUint(part, 16, 16)
		if err != nil || len(part) > 4 {
			return nil, false
		}
		b = append(b, byte(n>>8), byte(n))
	}
	return b, true
}

// IsUnix reports whether the socket is of this machine only.
func (a *Address) IsUnix() bool { return a.Network == Unix || a.Network == UnixDatagram }

// IsFile reports whether it is a file.
func (a *Address) IsFile() bool { return a.IsUnix() && a.Path[0] == '/' }

// IsStream reports whether connections are made to it.
func (a *Address) IsStream() bool { return a.Network == TCP || a.Network == Unix }

// String writes an address as one reads it.
func (a *Address) String() string {
	if a.IsUnix() {
		return schemes[a.Network] + a.Path
	}
	host := ""
	if a.IPv6 {
		for i := 0; i < len(a.IP); i += 2 {
			host += ":" + strconv.FormatUint(uint64(a.IP[i])<<8|uint64(a.IP[i+1]), 16)
		}
		switch host = host[1:]; host {
		case "0:0:0:0:0:0:0:0":
			host = "::"
		case "0:0:0:0:0:0:0:1":
			host = "::1"
		}
		host = "[" + host + "]"
	} else {
		for i, b := range a.IP[:4] {
			if i > 0 {
				host += "."
			}
			host += strconv.Itoa(int(b))
		}
	}
	return schemes[a.Network] + host + ":" + strconv.Itoa(a.Port)
}
