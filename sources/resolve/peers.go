package resolve

import (
	"context"
	"errors"
	"slices"
	"strings"

	"slipway/sources"
	"slipway/sources/link"
)

// Peers are the declared peers, resolved, over those that only variables know.
type Peers struct {
	declared map[string]entry
	links    *link.Set
}

type entry struct {
	rule Rule
	peer Peer
	ok   bool
}

// All resolves all rules. Waits run side by side, so that together they take as
// long as the longest. The error joins those of all rules, in their order.
func (r *Resolver) All(ctx context.Context, rules []Rule) (*Peers, error) {
	type result struct {
		entry
		err error
	}
	results := make([]result, len(rules))
	done := make(chan int)
	for i, rule := range rules {
		// Ends with its rule's wait or the context; All waits for each.
		go func() {
			p, ok, err := r.Resolve(ctx, rule)
			results[i] = result{entry{rule, p, ok}, err}
			done <- i
		}()
	}
	for range rules {
		<-done
	}
	ps := &Peers{declared: map[string]entry{}, links: r.Links}
	var errs []error
	for _, res := range results {
		ps.declared[link.Alias(res.rule.Name)] = res.entry
		errs = append(errs, res.err)
	}
	return ps, errors.Join(errs...)
}

// FromVariables are the peers that link and service variables alone know.
func FromVariables(links *link.Set) *Peers { return &Peers{links: links} }

func fromLink(p link.Peer) Peer {
	return Peer{
		Name: p.Name, Host: p.Host, Port: p.Port, Exposed: p.Exposed, Proto: p.Proto, Source: p.Source(), Note: p.Note,
		Self: p.Self, Partial: p.Partial, Origin: p.Origin,
	}
}

// Link returns a peer by name: the declared one if its port is the one asked
// for, or none was; else that of link and service variables. The error is a
// *link.NotFound.
func (ps *Peers) Link(name string, port int, proto string) (Peer, error) {
	if e, ok := ps.declared[link.Alias(name)]; ok && e.ok &&
		(port == 0 || port == e.rule.Port || port == e.peer.Port) && (proto == "" || proto == e.peer.Proto) {
		return e.peer, nil
	}
	if ps.links == nil {
		return Peer{}, &link.NotFound{Name: name, Port: port, Proto: proto, Names: ps.names()}
	}
	p, err := ps.links.Link(name, port, proto)
	if err != nil {
		return Peer{}, err
	}
	return fromLink(p), nil
}

func (ps *Peers) names() []string {
	var out []string
	for _, e := range ps.declared {
		if e.ok {
			out = append(out, e.rule.Name)
		}
	}
	slices.Sort(out)
	return out
}

// Links returns name, name_1, name_2, … at a port, or all that a declared name stands for in DNS;
// none is not an error.
func (ps *Peers) Links(name string, port int, proto string) []Peer {
	var out []Peer
	if ps.links != nil {
		for _, p := range ps.links.Links(name, port, proto) {
			out = append(out, fromLink(p))
		}
	}
	if len(out) > 0 {
		return out
	}
	p, err := ps.Link(name, port, proto)
	switch {
	case err != nil:
		return nil
	case len(p.All) > 0:
		return p.All
	}
	return []Peer{p}
}

// All returns every peer that is known, ordered by name and port: the declared
// ones, and those of variables that have another address.
func (ps *Peers) All() []Peer {
	var out []Peer
	type address struct{ alias, addr, proto string }
	declared := map[address]bool{}
	for alias, e := range ps.declared {
		if e.ok {
			out = append(out, e.peer)
			declared[address{alias, e.peer.Addr(), e.peer.Proto}] = true
		}
	}
	if ps.links != nil {
		for _, l := range ps.links.All() {
			if p := fromLink(l); !declared[address{l.Alias, p.Addr(), p.Proto}] {
				out = append(out, p)
			}
		}
	}
	slices.SortFunc(out, func(a, b Peer) int {
		if c := strings.Compare(a.Name, b.Name); c != 0 {
			return c
		}
		return a.Port - b.Port
	})
	return out
}

// Exported is the source of the variables that Export makes.
const Exported = "links"

// Export returns the variables that docker run --link sets, for the declared
// peers that ask for it: a layer to lay below everything else, so that none that
// is set is replaced. consumer is the name of the own container.
func (ps *Peers) Export(consumer string) sources.Layer {
	layer := sources.Layer{Source: Exported}
	for _, name := range ps.names() {
		e := ps.declared[link.Alias(name)]
		if !e.rule.Export {
			continue
		}
		exposed := e.rule.Port
		if exposed == 0 {
			exposed = e.peer.Port
		}
		o := e.rule.Origin
		o.Source = Exported
		layer.Vars = append(layer.Vars, link.Synthesize(e.rule.Name, consumer, []link.Peer{{
			Host: e.peer.Host, Port: e.peer.Port, Exposed: exposed, Proto: e.peer.Proto,
		}}, o)...)
	}
	return layer
}
