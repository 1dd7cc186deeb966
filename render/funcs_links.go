package render

import (
	"net"
	"strconv"
)

func linkFuncs() []Func {
	return []Func{
		{
			Name: "link", Usage: `link "NAME" PORT ["udp"]`, Doc: "The address of a peer, however it is known: .Host, .Port, .Proto, .Addr (host:port), .URL, .Source. A peer that is not known is an error that lists those that are.",
			Example: `{{ (link "elasticsearch" 9200).Addr }}`, Want: "10.0.0.7:9200", Refuses: `{{ link "elasticsaerch" 9200 }}`, Located: true, Reads: readsPeer,
			bound: func(f *frame) any {
				return func(at int, name string, args ...any) (Peer, error) {
					port, proto, err := portAndProto(args)
					if err != nil {
						return Peer{}, err
					}
					return f.link(at, name, port, proto), nil
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
					return f.ex.b.data.Links.Links(name, port, proto)
				}
			},
		},
		{
			Name: "linkAddr", Usage: `linkAddr "NAME" PORT`, Doc: "The .Addr of link.", Example: `{{ linkAddr "elasticsearch" 9200 }}`, Want: "10.0.0.7:9200", Located: true, Reads: readsPeer,
			bound: func(f *frame) any {
				return func(at int, name string, port any) (string, error) {
					n, _, err := portAndProto([]any{port})
					return f.link(at, name, n, "tcp").Addr, err
				}
			},
		},
		{
			Name: "linkURL", Usage: `linkURL "http" "NAME" PORT`, Doc: "The URL of a peer, with the scheme that it speaks.", Example: `{{ linkURL "http" "elasticsearch" 9200 }}`, Want: "http://10.0.0.7:9200", Located: true,
			bound: func(f *frame) any {
				return func(at int, scheme, name string, port any) (string, error) {
					n, _, err := portAndProto([]any{port})
					return scheme + "://" + f.link(at, name, n, "tcp").Addr, err
				}
			},
		},
		{
			Name: "joinHostPort", Usage: "joinHostPort HOST PORT", Doc: "host:port, with IPv6 addresses in brackets.", Example: `{{ joinHostPort "::1" 80 }}`, Want: "[::1]:80",
			pure: func(host string, port any) (string, error) {
				n, _, err := portAndProto([]any{port})
				return net.JoinHostPort(host, strconv.Itoa(n)), err
			},
		},
	}
}

func (f *frame) link(at int, name string, port int, proto string) Peer {
	links := f.ex.b.data.Links
	if links == nil {
		f.note(at, KindMissing, name, "", "no peer is known, %s:%d neither", name, port)
		return Peer{}
	}
	p, err := links.Link(name, port, proto)
	if err != nil {
		hint := ""
		var hinted interface{ Hint() string }
		if h, ok := err.(interface{ Hint() string }); ok { //nolint:errorlint // the hint belongs to the outermost error
			hinted = h
			hint = hinted.Hint()
		}
		f.note(at, KindMissing, name, hint, "%v", err)
	}
	return p
}

func portAndProto(args []any) (int, string, error) {
	port, proto := 0, "tcp"
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
	case "tcp", "udp", "sctp":
		return port, proto, nil
	}
	return 0, "", refuse("", "the protocol %q is not tcp, udp or sctp", proto)
}
