package link

import (
	"slices"
	"strconv"
	"strings"

	"slipway/sources"
)

// Synthesize returns the variables that docker run --link would have set for a
// peer with these ports: for software that reads the classic names, on engines
// and networks that no longer set them. name is the alias; consumer is the name
// of the own container, for A_NAME. Peers are ports of one container and may
// come in any order; the lowest tcp port is the first.
func Synthesize(name, consumer string, peers []Peer, origin sources.Origin) []sources.Var {
	if len(peers) == 0 {
		return nil
	}
	a := Alias(name)
	var vars []sources.Var
	set := func(suffix, text string) {
		vars = append(vars, sources.Var{Name: a + suffix, Value: sources.Value{Text: text, Origin: origin}})
	}
	peers = slices.Clone(peers)
	slices.SortFunc(peers, func(x, y Peer) int {
		if x.Proto != y.Proto {
			return protoRank(x.Proto) - protoRank(y.Proto)
		}
		return x.Exposed - y.Exposed
	})
	set("_NAME", "/"+consumer+"/"+name)
	set("_PORT", peers[0].URL())
	for i, p := range peers {
		base := p.varBase()
		set(base, p.URL())
		set(base+"_ADDR", p.Host)
		set(base+"_PORT", strconv.Itoa(p.Port))
		set(base+"_PROTO", p.Proto)
		if starts, last := run(peers, i); starts {
			set(base+"_START", p.URL())
			set(base+"_END", last.URL())
			set(base+"_PORT_START", strconv.Itoa(p.Port))
			set(base+"_PORT_END", strconv.Itoa(last.Port))
		}
	}
	return vars
}

func (p Peer) varBase() string {
	return "_PORT_" + strconv.Itoa(p.Exposed) + "_" + strings.ToUpper(p.Proto)
}

// run reports whether a run of consecutive ports starts at peers[i], and its
// last peer.
func run(peers []Peer, i int) (starts bool, last Peer) {
	follows := func(a, b Peer) bool { return a.Proto == b.Proto && a.Exposed+1 == b.Exposed }
	if i > 0 && follows(peers[i-1], peers[i]) {
		return false, Peer{}
	}
	last = peers[i]
	for _, p := range peers[i+1:] {
		if !follows(last, p) {
			break
		}
		last = p
	}
	return last.Exposed > peers[i].Exposed, last
}
