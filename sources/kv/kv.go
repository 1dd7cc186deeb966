// Package kv holds what was read from a key-value store at one revision, for
// templates (kv, kvOr, kvTree, kvList) and for variables.
//
// Keys are paths. A prefix ends at a boundary: /app is the key /app and all
// keys below /app/, never /app2. A key in a template is relative to the prefix
// of the configuration; one that begins with / is taken as it is.
package kv

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"slipway/sources"
)

// Pair is a key of the store, whole, with its value.
type Pair struct {
	Key   string
	Value sources.Value
}

// Store is an immutable snapshot. The nil Store is empty.
type Store struct {
	// Revision is that of the store for all keys.
	Revision int64

	source   string
	prefixes []string // normalised
	pairs    []Pair   // by key, each once
}

// New makes a store of the pairs that were read from source for the given
// prefixes. Of two pairs with one key the last one holds. A URL with a password
// is a secret, whatever its source says.
func New(source string, revision int64, prefixes []string, pairs []Pair) *Store {
	s := &Store{Revision: revision, source: source}
	for _, p := range prefixes {
		s.prefixes = append(s.prefixes, Normal(p))
	}
	byKey := func(a, b Pair) int { return strings.Compare(a.Key, b.Key) }
	if !slices.IsSortedFunc(pairs, byKey) { // stores give them in order
		pairs = slices.Clone(pairs)
		slices.SortStableFunc(pairs, byKey)
	}
	s.pairs = make([]Pair, 0, len(pairs))
	for i, p := range pairs {
		if i+1 == len(pairs) || pairs[i+1].Key != p.Key {
			p.Value.Secret = p.Value.Secret || sources.HasPassword(p.Value.Text)
			s.pairs = append(s.pairs, p)
		}
	}
	return s
}

// With returns a store that has these pairs besides its own; a pair of the same key wins.
func (s *Store) With(pairs []Pair) *Store {
	if s == nil {
		return New("", 0, nil, pairs)
	}
	return New(s.source, s.Revision, s.prefixes, slices.Concat(s.pairs, pairs))
}

// Normal is a prefix without the slashes at its end; "" is all keys.
func Normal(prefix string) string { return strings.TrimRight(prefix, "/") }

// Below reports whether key is prefix or lies below it.
func Below(key, prefix string) bool {
	_, ok := Rest(key, prefix)
	return ok
}

// Rest is what key has below prefix, without the slash between them, and
// whether it lies there at all.
func Rest(key, prefix string) (string, bool) {
	prefix = Normal(prefix)
	if prefix == "" {
		return strings.TrimPrefix(key, "/"), true
	}
	rest, ok := strings.CutPrefix(key, prefix)
	if !ok || rest != "" && rest[0] != '/' {
		return "", false
	}
	return strings.TrimPrefix(rest, "/"), true
}

// at returns the pair of a whole key.
func (s *Store) at(key string) (Pair, bool) {
	if s == nil {
		return Pair{}, false
	}
	i, ok := slices.BinarySearchFunc(s.pairs, key, func(p Pair, k string) int { return strings.Compare(p.Key, k) })
	if !ok {
		return Pair{}, false
	}
	return s.pairs[i], true
}

// Lookup returns the value of a key. A relative key is looked for below each
// prefix in turn, then as it is.
func (s *Store) Lookup(key string) (sources.Value, bool) {
	if s == nil {
		return sources.Value{}, false
	}
	if !strings.HasPrefix(key, "/") {
		for _, p := range s.prefixes {
			if v, ok := s.at(p + "/" + key); ok {
				return v.Value, true
			}
		}
	}
	p, ok := s.at(key)
	return p.Value, ok
}

// Key returns the text of a key and whether it is secret.
func (s *Store) Key(key string) (text string, secret, ok bool) {
	v, ok := s.Lookup(key)
	return v.Text, v.Secret, ok
}

// Keys returns the keys that are prefix or lie below it, sorted, in the form in
// which Key takes them: relative, as prefix is, when there is one prefix in the
// configuration; else whole.
func (s *Store) Keys(prefix string) []string {
	var out []string
	s.Each(prefix, func(key, _ string, _ bool) { out = append(out, key) })
	return out
}

// Each calls f for all that Keys returns, with what Key returns for it. Ten
// thousand look-ups cost as much as reading that many keys from a store does.
func (s *Store) Each(prefix string, f func(key, text string, secret bool)) {
	if s == nil {
		return
	}
	cut := ""
	if !strings.HasPrefix(prefix, "/") && len(s.prefixes) == 1 {
		cut = s.prefixes[0]
	}
	type entry struct {
		key  string
		pair *Pair
	}
	var found []entry
	for _, whole := range s.wholes(prefix) {
		pairs := s.under(whole)
		found = slices.Grow(found, len(pairs))
		for i := range pairs {
			name := pairs[i].Key
			if rest, ok := Rest(name, cut); ok && cut != "" && rest != "" {
				name = rest
			}
			found = append(found, entry{name, &pairs[i]})
		}
	}
	byKey := func(a, b entry) int { return strings.Compare(a.key, b.key) }
	if !slices.IsSortedFunc(found, byKey) {
		slices.SortStableFunc(found, byKey)
	}
	for i, e := range found {
		if i == 0 || e.key != found[i-1].key { // of two, that of the configured prefix comes first
			f(e.key, e.pair.Value.Text, e.pair.Value.Secret)
		}
	}
}

// wholes returns the whole prefixes that a prefix of a template may mean.
func (s *Store) wholes(prefix string) []string {
	if strings.HasPrefix(prefix, "/") {
		return []string{prefix}
	}
	if prefix == "" {
		return []string{""}
	}
	var out []string
	for _, p := range s.prefixes {
		out = append(out, p+"/"+prefix)
	}
	return append(out, prefix)
}

// under returns the pairs at and below a whole prefix; they are the store's own.
func (s *Store) under(prefix string) []Pair {
	prefix = Normal(prefix)
	if prefix == "" {
		return s.pairs
	}
	from := func(key string) int {
		i, _ := slices.BinarySearchFunc(s.pairs, key, func(p Pair, k string) int { return strings.Compare(p.Key, k) })
		return i
	}
	below := s.pairs[from(prefix+"/"):from(prefix+"0")] // 0 follows / in ASCII
	itself, ok := s.at(prefix)
	if !ok {
		return below
	}
	return append([]Pair{itself}, below...)
}

// Tree returns what lies below a prefix as nested maps, by the elements of the
// keys. A key that has keys below it as well is the element "" of its map.
func (s *Store) Tree(prefix string) map[string]any {
	root := map[string]any{}
	if s == nil {
		return root
	}
	for _, whole := range s.wholes(prefix) {
		for _, p := range s.under(whole) {
			rest, _ := Rest(p.Key, whole)
			insert(root, rest, p.Value.Text)
		}
	}
	return root
}

func insert(m map[string]any, path, text string) {
	for {
		first, rest, more := strings.Cut(path, "/")
		if !more {
			if sub, ok := m[first].(map[string]any); ok {
				m, first = sub, ""
			}
			m[first] = text
			return
		}
		sub, ok := m[first].(map[string]any)
		if !ok {
			sub = map[string]any{}
			if text, ok := m[first].(string); ok {
				sub[""] = text
			}
			m[first] = sub
		}
		m, path = sub, rest
	}
}

// List returns the values below a prefix in the order of their keys, numbers as
// numbers: backends/2 before backends/10.
func (s *Store) List(prefix string) []string {
	if s == nil {
		return nil
	}
	var pairs []Pair
	for _, whole := range s.wholes(prefix) {
		for _, p := range s.under(whole) {
			if p.Key != Normal(whole) {
				pairs = append(pairs, p)
			}
		}
	}
	slices.SortStableFunc(pairs, func(a, b Pair) int { return natural(a.Key, b.Key) })
	var out []string
	for _, p := range pairs {
		out = append(out, p.Value.Text)
	}
	return out
}

// natural compares with runs of digits as numbers.
func natural(a, b string) int {
	for a != "" && b != "" {
		da, db := digits(a), digits(b)
		if da != "" && db != "" {
			na, nb := strings.TrimLeft(da, "0"), strings.TrimLeft(db, "0")
			if c := len(na) - len(nb); c != 0 {
				return c
			}
			if c := strings.Compare(na, nb); c != 0 {
				return c
			}
			a, b = a[len(da):], b[len(db):]
			continue
		}
		if a[0] != b[0] {
			return int(a[0]) - int(b[0])
		}
		a, b = a[1:], b[1:]
	}
	return len(a) - len(b)
}

func digits(s string) string {
	n := 0
	for n < len(s) && s[n] >= '0' && s[n] <= '9' {
		n++
	}
	return s[:n]
}

// Or returns the text of a key, or the other text when it is not there.
func (s *Store) Or(key, other string) string {
	if text, _, ok := s.Key(key); ok {
		return text
	}
	return other
}

// Explain says about a key that is not there what may help, or "".
func (s *Store) Explain(key string) string {
	if s == nil {
		return ""
	}
	if strings.HasPrefix(key, "/") && len(s.prefixes) > 0 && !slices.ContainsFunc(s.prefixes, func(p string) bool { return Below(key, p) }) {
		return fmt.Sprintf("%s lies outside of the prefix %s, which is all that is read", key, strings.Join(s.prefixes, ", "))
	}
	if _, ok := s.at("/" + key); ok {
		return "/" + key + " exists, as a whole key"
	}
	if len(s.below(key)) > 0 {
		return fmt.Sprintf("%s has no value itself, but keys below it: kvTree or kvList", key)
	}
	all := "" // as it is written: relative to the prefix, or whole
	if strings.HasPrefix(key, "/") {
		all = "/"
	}
	if near := sources.Nearest(key, s.Keys(all)); near != "" {
		return fmt.Sprintf("did you mean %q?", near)
	}
	return ""
}

func (s *Store) below(prefix string) []Pair {
	var out []Pair
	for _, w := range s.wholes(prefix) {
		out = append(out, s.under(w)...)
	}
	return out
}

// Export makes variables of the keys below prefixes: /app/log/level below /app
// is LOG_LEVEL, and /app/log/level below itself is LEVEL. Two keys that make
// one variable are an error, because which of them holds would be chance; so is
// a text that no environment can carry. The layer has the good ones even then.
func (s *Store) Export(prefixes []string) (sources.Layer, error) {
	layer := sources.Layer{}
	if s == nil {
		return layer, nil
	}
	layer.Source = s.source
	by := map[string]string{}
	var errs []error
	for _, prefix := range prefixes {
		for _, p := range s.under(prefix) {
			rest, _ := Rest(p.Key, prefix)
			if rest == "" {
				rest = p.Key[strings.LastIndexByte(p.Key, '/')+1:]
			}
			name := sources.VarName(rest)
			switch other, taken := by[name]; {
			case taken && other == p.Key:
			case name == "":
				errs = append(errs, fmt.Errorf("cannot make a variable of key %q: its name has no letter and no digit", p.Key))
			case taken:
				errs = append(errs, fmt.Errorf("cannot make variable %s of key %q: key %q is that already", name, p.Key, other))
			case strings.IndexByte(p.Value.Text, 0) >= 0:
				errs = append(errs, fmt.Errorf("cannot make variable %s of key %q: its value contains a NUL byte", name, p.Key))
			default:
				by[name] = p.Key
				layer.Vars = append(layer.Vars, sources.Var{Name: name, Value: p.Value})
			}
		}
	}
	return layer, errors.Join(errs...)
}

// Len returns the number of keys.
func (s *Store) Len() int {
	if s == nil {
		return 0
	}
	return len(s.pairs)
}

// Pairs returns all keys with their values, sorted.
func (s *Store) Pairs() []Pair {
	if s == nil {
		return nil
	}
	return slices.Clone(s.pairs)
}

// Format prints a store as the number of its keys, under every verb: there are
// secrets in it.
func (s Store) Format(f fmt.State, _ rune) {
	fmt.Fprintf(f, "store of %d keys at revision %d", len(s.pairs), s.Revision)
}
