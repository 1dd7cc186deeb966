package launch

import (
	"slipway/render/language"
	"slipway/sources/resolve"
)

// peers lets templates ask for peers.
type peers struct {
	known *resolve.Peers
	made  *inventions // answers for those that nobody knows; nil unless offline
}

var _ language.Links = peers{}

func (p peers) Link(name string, port int, proto string) (language.Peer, error) {
	found, err := p.known.Link(name, port, proto)
	if err == nil {
		return peerOf(found), nil
	}
	if p.made != nil {
		return p.made.peer(name, port, proto), nil
	}
	return language.Peer{}, err
}

func (p peers) Links(name string, port int, proto string) ([]language.Peer, error) {
	return peersOf(p.known.Links(name, port, proto)), nil
}

func (p peers) All() []language.Peer { return peersOf(p.known.All()) }

func peersOf(in []resolve.Peer) []language.Peer {
	out := make([]language.Peer, len(in))
	for i, p := range in {
		out[i] = peerOf(p)
	}
	return out
}

func peerOf(p resolve.Peer) language.Peer {
	return language.Peer{Name: p.Name, Host: p.Host, Port: p.Port, Proto: p.Proto, Addr: p.Addr(), URL: p.URL(), Source: p.Source}
}
