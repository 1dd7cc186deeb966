package language

import (
	"net/netip"
	"strconv"
	"strings"

	"slipway/render"
)

func linkFuncs() []Func {
	return []Func{
		{
			Name: "link", Usage: `link "NAME" PORT ["udp"]`, Doc: "The address of a peer, however it is known: .Host, .Port, .Proto, .Addr (host:port), .URL, .Source. A peer that is not known is an error that lists those that are, within `if` and `with` as well; `| default` is the only way out.",
			Example: `{{ (link "elasticsearch" 9200).Addr }}`, Want: "10.0.0.7:9200", Refuses: `{{ link "elasticsaerch" 9200 }}`, Located: true, Required: true, Reads: readsPeer,
			bound: func(f *frame) any {
				return func(at int, name string, args ...any) (any, error) {
					port, proto, err := portAndProto(args)
					if err != nil {
						return nil, err
					}
					if p, ok := f.link(at, name, port, proto); ok {
						return p, nil
					}
					return nil, nil
				}
			},
		},
		{
			Name: "links", Usage: `links "NAME" PORT ["udp"]`, Doc: "All peers of that name: NAME, NAME_1, NAME_2, …, in this order; an empty list if there is none.",
			Example: `{{ range links "backend" 8080 }}{{ .Addr }} {{ end }}`, Want: "10.0.0.11:8080 10.0.0.12:8080 ", Located: true, Reads: readsPeer,
			bound: func(f *frame) any {
				return func(at int, name string, args ...any) ([]Peer, error) {
					port, proto, err := portAndProto(args)
					if err != nil || f.ex.b.data.Links == nil {
						return nil, err
					}
					found, err := f.ex.b.data.Links.Links(name, port, proto)
					for _, p := range found {
						f.ex.usesPeer(p)
					}
					return found, err
				}
			},
		},
		{
			Name: "linkAddr", Usage: `linkAddr "NAME" PORT`, Doc: "The .Addr of link.", Example: `{{ linkAddr "elasticsearch" 9200 }}`, Want: "10.0.0.7:9200", Located: true, Required: true, Reads: readsPeer,
			bound: func(f *frame) any {
				return func(at int, name string, port any) (string, error) {
					n, _, err := portAndProto([]any{port})
					if err != nil {
						return "", err
					}
					p, _ := f.link(at, name, n, "")
					return p.Addr, nil
				}
			},
		},
		{
			Name: "linkURL", Usage: `linkURL "http" "NAME" PORT`, Doc: "The URL of a peer, with the scheme that it speaks.", Example: `{{ linkURL "http" "elasticsearch" 9200 }}`, Want: "http://10.0.0.7:9200", Located: true, Required: true,
			bound: func(f *frame) any {
				return func(at int, scheme, name string, port any) (string, error) {
					n, _, err := portAndProto([]any{port})
					if err != nil {
						return "", err
					}
					p, ok := f.link(at, name, n, "")
					if !ok {
						return "", nil
					}
					return scheme + "://" + p.Addr, nil
				}
			},
		},
		{
			Name: "joinHostPort", Usage: "joinHostPort HOST PORT", Doc: "host:port, with IPv6 addresses in brackets.", Example: `{{ joinHostPort "::1" 80 }}`, Want: "[::1]:80",
			pure: func(host string, port any) (string, error) {
				n, _, err := portAndProto([]any{port})
				return joinHostPort(strings.Trim(host, "[]"), n), err
			},
		},
		{
			Name: "splitHosts", Usage: "splitHosts TEXT PORT", Doc: "A list of hosts, separated by commas or blanks, as .Host, .Port and .Addr; PORT is for those that name none.",
			Example: `{{ range splitHosts "a, b:81 [::1]:82 fe80::1" 80 }}{{ .Addr }} {{ end }}`, Want: "a:80 b:81 [::1]:82 [fe80::1]:80 ", Refuses: `{{ splitHosts "a:b" 80 }}`, pure: splitHosts,
		},
		{
			Name: "isAddress", Usage: "isAddress TEXT", Doc: "Whether a text is an IP address, and not a name.",
			Example: `{{ isAddress "::1" }} {{ isAddress "db" }}`, Want: "true false",
			pure: func(text string) bool {
				_, err := netip.ParseAddr(text)
				return err == nil
			},
		},
		{
			Name: "cidrContains", Usage: "cidrContains CIDR ADDRESS", Doc: "Whether an address lies in a network.",
			Example: `{{ cidrContains "10.0.0.0/8" "10.1.2.3" }} {{ cidrContains "10.0.0.0/8" "11.1.2.3" }}`, Want: "true false", Refuses: `{{ cidrContains "10.0.0.0/40" "10.1.2.3" }}`,
			pure: func(cidr, address string) (bool, error) {
				p, err := netip.ParsePrefix(cidr)
				if err != nil {
					return false, refuse("", "%q is not a network such as 10.0.0.0/8", cidr)
				}
				a, err := netip.ParseAddr(address)
				if err != nil {
					return false, refuse("", "%q is not an address", address)
				}
				return p.Contains(a.Unmap()), nil
			},
		},
		{
			Name: "cidrHost", Usage: "cidrHost CIDR N", Doc: "The Nth address of a network, counted from 0.", Example: `{{ cidrHost "10.0.4.0/22" 258 }}`, Want: "10.0.5.2", Refuses: `{{ cidrHost "10.0.0.0/30" 4 }}`, pure: cidrHost,
		},
		{
			Name: "cidrNetmask", Usage: "cidrNetmask CIDR", Doc: "The netmask of an IPv4 network.", Example: `{{ cidrNetmask "10.0.4.0/22" }}`, Want: "255.255.252.0", Refuses: `{{ cidrNetmask "::/64" }}`,
			pure: func(cidr string) (string, error) {
				p, err := netip.ParsePrefix(cidr)
				if err != nil || !p.Addr().Is4() {
					return "", refuse("", "%q is not an IPv4 network such as 10.0.0.0/8", cidr)
				}
				mask := ^uint32(0) << (32 - p.Bits())
				return netip.AddrFrom4([4]byte{byte(mask >> 24), byte(mask >> 16), byte(mask >> 8), byte(mask)}).String(), nil
			},
		},
	}
}

// HostPort is one of a list of hosts.
type HostPort struct {
	Host string
	Port int
	Addr string // joined, IPv6 in brackets
}

func splitHosts(text string, port any) ([]HostPort, error) {
	fallback, _, err := portAndProto([]any{port})
	if err != nil {
		return nil, err
	}
	var out []HostPort
	for _, item := range strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' || r == '\t' || r == '\n' }) {
		h := HostPort{Host: strings.Trim(item, "[]"), Port: fallback}
		if _, err := netip.ParseAddr(h.Host); err != nil && strings.Contains(item, ":") {
			host, p, ok := splitHostPort(item)
			n, err := strconv.ParseUint(p, 10, 16)
			if !ok || err != nil {
				return nil, refuse("", "%q is not host:port", item)
			}
			h.Host, h.Port = host, int(n)
		}
		h.Addr = joinHostPort(h.Host, h.Port)
		out = append(out, h)
	}
	return out, nil
}

// joinHostPort puts an IPv6 address in brackets. It and splitHostPort do as those of
// package net, which comes with everything that reaches the network.
func joinHostPort(host string, port int) string {
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	return host + ":" + strconv.Itoa(port)
}

// splitHostPort takes host:port and [host]:port apart.
func splitHostPort(text string) (host, port string, ok bool) {
	colon := strings.LastIndexByte(text, ':')
	if colon < 0 {
		return "", "", false
	}
	host, port = text[:colon], text[colon+1:]
	if inside, bracket := strings.CutPrefix(host, "["); bracket {
		end := strings.IndexByte(inside, ']')
		if end < 0 || end != len(inside)-1 {
			return "", "", false
		}
		host = inside[:end]
	} else if strings.Contains(host, ":") {
		return "", "", false
	}
	return host, port, !strings.ContainsAny(host+port, "[]")
}

func cidrHost(cidr string, n int) (string, error) {
	p, err := netip.ParsePrefix(cidr)
	if err != nil {
		return "", refuse("", "%q is not a network such as 10.0.0.0/8", cidr)
	}
	bytes := p.Masked().Addr().AsSlice()
	for i, carry := len(bytes)-1, n; i >= 0 && carry > 0; i-- {
		carry += int(bytes[i])
		bytes[i] = byte(carry)
		carry >>= 8
	}
	a, _ := netip.AddrFromSlice(bytes)
	if n < 0 || !p.Contains(a) {
		return "", refuse("", "the network %s has no address number %d", cidr, n)
	}
	return a.String(), nil
}

// link finds a peer; whether there is none is said, unless a default takes its place. The
// peer without an address then stands for it.
func (f *frame) link(at int, name string, port int, proto string) (Peer, bool) {
	links := f.ex.b.data.Links
	optional := f.c.refs[at].optional
	if name == "" {
		f.note(at, render.KindValue, name, `write the name of the peer: link "db" 5432`, "a peer has a name, and this one is empty")
		return Peer{}, true
	}
	if links == nil {
		if !optional {
			f.note(at, render.KindMissing, name, "", "no peer is known, %s:%d neither", name, port)
		}
		return Peer{}, !optional
	}
	p, err := links.Link(name, port, proto)
	if err == nil {
		f.ex.usesPeer(p)
	} else {
		f.ex.usesPeer(Peer{Name: name, Port: port})
	}
	if err != nil && !optional {
		hint := ""
		if h, ok := err.(interface{ Hint() string }); ok { //nolint:errorlint // the hint belongs to the outermost error
			hint = h.Hint()
		}
		f.noteError(at, render.KindMissing, name, hint, err, err.Error())
	}
	return p, err == nil || !optional
}

func portAndProto(args []any) (int, string, error) {
	port, proto := 0, ""
	for _, a := range args {
		switch a := a.(type) {
		case int:
			port = a
		case int64:
			port = int(a)
		case string:
			if n, err := strconv.Atoi(a); err == nil {
				port = n
			} else {
				proto = a
			}
		}
	}
	if port < 0 || port > 65535 {
		return 0, "", refuse("", "the port %d is not between 1 and 65535", port)
	}
	switch proto {
	case "", "tcp", "udp", "sctp":
		return port, proto, nil
	}
	return 0, "", refuse("", "the protocol %q is not tcp, udp or sctp", proto)
}
