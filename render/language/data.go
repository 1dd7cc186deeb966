package language

import (
	"sort"

	"slipway/sources"
)

// Values is what templates can read by name: the merged environment.
type Values interface {
	// Get returns the text of a variable and whether it is secret.
	Get(name string) (text string, secret, ok bool)
	// Names returns all names, sorted.
	Names() []string
}

var _ Values = (*sources.View)(nil)

// Vars is [Values] from a map, without secrets.
type Vars map[string]string

var _ Values = Vars(nil)

// Get implements [Values].
func (v Vars) Get(name string) (string, bool, bool) {
	s, ok := v[name]
	return s, false, ok
}

// Names implements [Values].
func (v Vars) Names() []string {
	out := make([]string, 0, len(v))
	for n := range v {
		out = append(out, n)
	}
	sort.Strings(out)
	return out
}

// Peer is the address of another container or service, as link returns it.
type Peer struct {
	Name   string // the name that was asked for
	Host   string // an address or a host name; IPv6 without brackets
	Port   int
	Proto  string // tcp, udp or sctp
	Addr   string // Host and Port, joined; IPv6 in brackets
	URL    string // Proto://Addr
	Source string // how it was found, for people
}

// Links finds peers.
type Links interface {
	// Link returns the peer name at port. proto is "tcp", "udp" or "sctp"; port 0 means its only
	// port. The error says which names and ports were seen.
	Link(name string, port int, proto string) (Peer, error)
	// Links returns name, name_1, name_2, … in that order; none is not an error.
	Links(name string, port int, proto string) ([]Peer, error)
	// All returns every peer that is known, ordered by name and port.
	All() []Peer
}

// KV is a consistent snapshot of a key-value store.
type KV interface {
	// Key returns the value of a key: a whole one when it begins with a slash, else one
	// relative to the configured prefix.
	Key(key string) (text string, secret, ok bool)
	// Keys returns all keys under a prefix that ends at a boundary ("/app" is
	// never a prefix of "/app2"), sorted.
	Keys(prefix string) []string
}

// eachKey calls f for all keys under a prefix, with their values: what Key gives for all
// that Keys gives. A store may do that faster.
func eachKey(kv KV, prefix string, f func(key, text string, secret bool)) {
	if kv == nil {
		return
	}
	if all, ok := kv.(interface {
		Each(prefix string, f func(key, text string, secret bool))
	}); ok {
		all.Each(prefix, f)
		return
	}
	for _, key := range kv.Keys(prefix) {
		text, secret, _ := kv.Key(key)
		f(key, text, secret)
	}
}

// Host is what the container knows of itself.
type Host struct {
	Name        string
	CPUs        float64 // the CPU quota, or the number of CPUs
	MemoryLimit int64   // bytes; 0 when there is no limit
}

// Data is all that templates can see. Every part may be nil.
type Data struct {
	Env   Values
	Links Links
	KV    KV
	// Tree is .Data: structured data files.
	Tree map[string]any
	// Host is called by several goroutines, and only when a template asks: reading the
	// limits of a container takes longer than most templates.
	Host func() Host
	// YAML reads a text; the error is of its place in the text, and shows none of it.
	YAML func(text string) (any, error)
	// Read returns a file below the folders that templates may read, and whether it is
	// secret. The error says why not, and is an [io/fs.ErrNotExist] for one that is not
	// there.
	Read func(file string) (text []byte, secret bool, err error)
	// File returns a secret file by the name of the variable that it gives or would give.
	File func(name string) (sources.File, bool)
	// Original returns the file at a destination as the distribution made it.
	Original func(dest string) (text []byte, ok bool, err error)
	// Explain says more about a variable that is missing, or "": "exists in etcd
	// but outside the prefix", "alias known, port not exposed".
	Explain func(name string) string
}

func (d *Data) host() Host {
	if d.Host == nil {
		return Host{}
	}
	return d.Host()
}

func (d *Data) get(name string) (string, bool, bool) {
	if d.Env == nil {
		return "", false, false
	}
	return d.Env.Get(name)
}

// from is ", from ORIGIN" for a variable of which that is known, and "" otherwise.
func (d *Data) from(name string) string {
	if view, ok := d.Env.(interface {
		Lookup(name string) (sources.Entry, bool)
	}); ok {
		if e, found := view.Lookup(name); found {
			return ", from " + e.Value.Origin.String()
		}
	}
	return ""
}

func (d *Data) names() []string {
	if d.Env == nil {
		return nil
	}
	return d.Env.Names()
}

// secrets returns the texts of all secret variables, longest first.
func (d *Data) secrets() []string {
	var out []string
	for _, n := range d.names() {
		if text, secret, _ := d.get(n); secret && text != "" {
			out = append(out, text)
		}
	}
	eachKey(d.KV, "", func(_, text string, secret bool) {
		if secret && text != "" {
			out = append(out, text)
		}
	})
	_, passwords := hideInTree(d.Tree)
	out = append(out, passwords...)
	sort.Slice(out, func(i, j int) bool { return len(out[i]) > len(out[j]) })
	return out
}
