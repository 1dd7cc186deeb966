package launch

import (
	"slipway/render"
	"slipway/sources/resolve"
)

// peers lets templates ask for peers. makeUp may answer for those that nobody knows.
type peers struct {
	known  *resolve.Peers
	makeUp func(name string, port int, proto string) (render.Peer, bool)
}

var _ render.Links = peers{}

func (p peers) Link(name string, port int, proto string) (render.Peer, error) {
	found, err := p.known.Link(name, port, proto)
	if err == nil {
		return peerOf(found), nil
	}
	if peer, ok := p.makeUp(name, port, proto); ok {
		return peer, nil
	}
	return render.Peer{}, err
}

func (p peers) Links(name string, port int, proto string) ([]render.Peer, error) {
	return peersOf(p.known.Links(name, port, proto)), nil
}

func (p peers) All() []render.Peer { return peersOf(p.known.All()) }

func peersOf(in []resolve.Peer) []render.Peer {
	out := make([]render.Peer, len(in))
	for i, p := range in {
		out[i] = peerOf(p)
	}
	return out
}

func peerOf(p resolve.Peer) render.Peer {
	return render.Peer{Name: p.Name, Host: p.Host, Port: p.Port, Proto: p.Proto, Addr: p.Addr(), URL: p.URL(), Source: p.Source}
}
