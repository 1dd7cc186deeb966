package launch

import (
	"fmt"
	"slices"
	"sync"

	"slipway/render/language"
	"slipway/sources"
	"slipway/sources/contract"
	"slipway/sources/kv"
)

// madeUp is the source of values that are made up because an image is looked at where
// there are none.
const madeUp = "invented"

// inventions are what was made up for a check, so that it can be told. Templates are
// executed side by side.
type inventions struct {
	mu    sync.Mutex
	names []string
}

func (i *inventions) note(name string) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if !slices.Contains(i.names, name) {
		i.names = append(i.names, name)
	}
}

// Invented are the variables, peers and keys that nothing gave a value, and that were
// made up until now; empty unless [Options.Offline].
func (im *Image) Invented() []string {
	made := im.from.made
	if made == nil {
		return nil
	}
	made.mu.Lock()
	defer made.mu.Unlock()
	return slices.Clone(made.names)
}

// invent makes up values for the declared variables that have none.
func (g *gathered) invent(c *contract.Contract) (sources.Layer, []sources.Note) {
	all, notes := c.Invent()
	var used sources.Layer
	var names []string
	for _, v := range all.Vars {
		if textIn(g.layers, v.Name) == "" {
			used.Vars = append(used.Vars, v)
			names = append(names, v.Name)
			g.made.note(v.Name)
		}
	}
	return used, slices.DeleteFunc(notes, func(n sources.Note) bool { return !slices.Contains(names, n.Name) })
}

// textIn is the text of a variable as a merge of layers would have it.
func textIn(layers []sources.Layer, name string) string {
	for _, l := range slices.Backward(layers) {
		for _, v := range slices.Backward(l.Vars) {
			if v.Name == name {
				return v.Value.Text
			}
		}
	}
	return ""
}

// peer answers for a peer that nobody knows.
func (i *inventions) peer(name string, port int, proto string) language.Peer {
	if proto == "" {
		proto = "tcp"
	}
	if port == 0 {
		port = 1
	}
	addr := fmt.Sprintf("%s:%d", name, port)
	i.note("peer " + addr)
	return language.Peer{Name: name, Host: name, Port: port, Proto: proto, Addr: addr, URL: proto + "://" + addr, Source: madeUp}
}

// withKeys is a store with the keys that templates cannot do without, made up as far as
// they can be told without executing them.
func (i *inventions) withKeys(store *kv.Store, set language.Set) *kv.Store {
	uses, _ := language.Uses(set) // what cannot be parsed is reported by who executes it
	var pairs []kv.Pair
	for _, u := range uses {
		if _, ok := store.Lookup(u.Name); u.Kind != language.UseKey || u.Optional || ok {
			continue
		}
		pairs = append(pairs, kv.Pair{Key: u.Name, Value: sources.Value{Text: madeUp, Origin: sources.Origin{Source: madeUp}}})
		i.note("key " + u.Name)
	}
	if len(pairs) > 0 {
		return store.With(pairs)
	}
	return store
}
