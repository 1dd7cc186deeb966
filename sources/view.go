package sources

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
)

// Entry is a name of a View with the value that holds and what it shadowed.
type Entry struct {
	Name  string
	Value Value
	// Shadowed is the history, nearest first: Shadowed[0] would hold if
	// Value were absent.
	Shadowed []Value
}

// View is the merge of layers. It does not change, and any number of
// goroutines may read it.
type View struct {
	// A pointer, because fmt prints the fields of a View that sits in an
	// unexported field of something, but follows no pointer there.
	*table
}

type table struct {
	entries []Entry // by name
	index   map[string]int
}

// Merge lays layers over each other, weakest first: the last layer that has a
// name decides. Secrecy belongs to the name: if one layer calls it secret,
// every value of it is, also those that are shadowed. An override in plain
// sight does not declassify a password. A URL with a password is secret by
// itself (see HasPassword).
func Merge(layers ...Layer) *View {
	n := 0
	for _, l := range layers {
		n += len(l.Vars)
	}
	v := &View{&table{entries: make([]Entry, 0, n), index: make(map[string]int, n)}}
	for _, l := range layers {
		for _, x := range l.Vars {
			i, seen := v.index[x.Name]
			if !seen {
				v.index[x.Name] = len(v.entries)
				v.entries = append(v.entries, Entry{Name: x.Name, Value: x.Value})
				continue
			}
			e := &v.entries[i]
			e.Shadowed = append(e.Shadowed, e.Value) // weakest first until sealed
			e.Value = x.Value
		}
	}
	v.seal()
	return v
}

// seal sorts the entries, turns histories round and spreads secrecy.
func (t *table) seal() {
	// Entries are large, so their order is sorted and they move once.
	order := make([]int32, len(t.entries))
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortFunc(order, func(a, b int32) int { return strings.Compare(t.entries[a].Name, t.entries[b].Name) })
	sorted := make([]Entry, len(order))
	for i, from := range order {
		sorted[i] = t.entries[from]
	}
	t.entries = sorted
	for i := range t.entries {
		e := &t.entries[i]
		t.index[e.Name] = i
		slices.Reverse(e.Shadowed)
		if secret(e.Value) || slices.ContainsFunc(e.Shadowed, secret) {
			e.taint()
		}
	}
}

func secret(v Value) bool { return v.Secret || HasPassword(v.Text) }

func (e *Entry) taint() {
	e.Value.Secret = true
	for i := range e.Shadowed {
		e.Shadowed[i].Secret = true
	}
}

// Taint returns a view in which the given names are secret, whatever their
// sources say: what a contract or a link family knows about them.
func (v *View) Taint(names ...string) *View {
	open := slices.ContainsFunc(names, func(n string) bool { _, secret, ok := v.Get(n); return ok && !secret })
	if !open {
		return v
	}
	out := &View{&table{entries: slices.Clone(v.entries), index: v.index}}
	for _, name := range names {
		if i, ok := v.index[name]; ok {
			e := &out.entries[i]
			e.Shadowed = slices.Clone(e.Shadowed)
			e.taint()
		}
	}
	return out
}

// Without returns a view without the given names and their histories.
func (v *View) Without(names ...string) *View {
	drop := make(map[string]bool, len(names))
	for _, n := range names {
		drop[n] = true
	}
	out := &View{&table{index: make(map[string]int, len(v.entries))}}
	for _, e := range v.entries {
		if !drop[e.Name] {
			out.index[e.Name] = len(out.entries)
			out.entries = append(out.entries, e)
		}
	}
	return out
}

// Lookup returns the entry of a name.
func (v *View) Lookup(name string) (Entry, bool) {
	if v == nil || v.table == nil {
		return Entry{}, false
	}
	i, ok := v.index[name]
	if !ok {
		return Entry{}, false
	}
	e := v.entries[i]
	e.Shadowed = slices.Clone(e.Shadowed)
	return e, true
}

// Get returns the text of a name and whether it is secret.
func (v *View) Get(name string) (text string, secret, ok bool) {
	if v == nil || v.table == nil {
		return "", false, false
	}
	i, ok := v.index[name]
	if !ok {
		return "", false, false
	}
	return v.entries[i].Value.Text, v.entries[i].Value.Secret, true
}

// Names returns all names, sorted.
func (v *View) Names() []string {
	if v == nil || v.table == nil {
		return nil
	}
	out := make([]string, len(v.entries))
	for i, e := range v.entries {
		out[i] = e.Name
	}
	return out
}

// Vars returns the values that hold, sorted by name.
func (v *View) Vars() []Var {
	if v == nil || v.table == nil {
		return nil
	}
	out := make([]Var, len(v.entries))
	for i, e := range v.entries {
		out[i] = Var{Name: e.Name, Value: e.Value}
	}
	return out
}

// Len returns the number of names.
func (v *View) Len() int {
	if v == nil || v.table == nil {
		return 0
	}
	return len(v.entries)
}

// Environ returns the view as execve(2) takes it, sorted. What the kernel
// cannot carry (a NUL, a name with =) is left out; sources refuse it earlier,
// with a message.
func (v *View) Environ() []string {
	if v == nil || v.table == nil {
		return nil
	}
	out := make([]string, 0, len(v.entries))
	for _, e := range v.entries {
		if Usable(e.Name) && strings.IndexByte(e.Value.Text, 0) < 0 {
			out = append(out, e.Name+"="+e.Value.Text)
		}
	}
	return out
}

// Digest is equal for views with the same names, texts and secrecy, whatever
// their origins and histories. It is a plain hash of secrets: compare it, do
// not print it.
func (v *View) Digest() [sha256.Size]byte {
	if v == nil || v.table == nil {
		v = Merge()
	}
	var buf []byte
	field := func(s string) {
		buf = binary.AppendUvarint(buf, uint64(len(s)))
		buf = append(buf, s...)
	}
	for _, e := range v.entries {
		field(e.Name)
		field(e.Value.Text)
		if e.Value.Secret {
			buf = append(buf, 1)
		} else {
			buf = append(buf, 0)
		}
	}
	return sha256.Sum256(buf)
}

// Format prints a view as the number of its variables, under every verb.
func (v View) Format(f fmt.State, _ rune) {
	fmt.Fprintf(f, "view of %d variables", v.Len())
}

// Below returns a view with one more layer, weaker than everything in v. The
// histories of v are kept, and the new values come at their end.
func (v *View) Below(l Layer) *View {
	if len(l.Vars) == 0 {
		return v
	}
	layers := []Layer{l}
	for depth := v.depth(); depth >= 0; depth-- {
		var vars []Var
		for _, e := range v.entries {
			if depth < len(e.Shadowed) {
				vars = append(vars, Var{e.Name, e.Shadowed[depth]})
			}
		}
		layers = append(layers, Layer{Vars: vars})
	}
	return Merge(append(layers, Layer{Vars: v.Vars()})...)
}

// depth is the index of the last element of the longest history; -1 without any.
func (v *View) depth() int {
	n := -1
	if v != nil && v.table != nil {
		for _, e := range v.entries {
			n = max(n, len(e.Shadowed)-1)
		}
	}
	return n
}
