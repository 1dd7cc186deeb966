package launch

import (
	"slipway/render/language"
	"slipway/sources/resolve"
)

// peers lets templates ask for peers. makeUp may answer for those that nobody knows.
type peers struct {
	known  *resolve.Peers
	makeUp func(name string, port int, proto string) (language.Peer, bool)
}

var _ language.Links = peers{}

func (p peers) Link(name string, port int, proto string) (language.Peer, error) {
	found, err := p.known.Link(name, port, proto)
	if err == nil {
		return peerOf(found), nil
	}
	if peer, ok := p.makeUp(name, port, proto); ok {
		return peer, nil
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
