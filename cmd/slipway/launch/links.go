package launch

import (
	"slipway/render"
	"slipway/sources/link"
)

// peers lets templates ask for peers.
type peers struct{ set *link.Set }

var _ render.Links = peers{}

func (p peers) Link(name string, port int, proto string) (render.Peer, error) {
	found, err := p.set.Link(name, port, proto)
	if err != nil {
		return render.Peer{}, err
	}
	return peerOf(found), nil
}

func (p peers) Links(name string, port int, proto string) ([]render.Peer, error) {
	return peersOf(p.set.Links(name, port, proto)), nil
}

func (p peers) All() []render.Peer { return peersOf(p.set.All()) }

func peersOf(in []link.Peer) []render.Peer {
	out := make([]render.Peer, len(in))
	for i, p := range in {
		out[i] = peerOf(p)
	}
	return out
}

func peerOf(p link.Peer) render.Peer {
	return render.Peer{Name: p.Name, Host: p.Host, Port: p.Port, Proto: p.Proto, Addr: p.Addr(), URL: p.URL(), Source: p.Source()}
}
