package launch

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"slipway/render/language"
	"slipway/sources"
	"slipway/sources/contract"
	"slipway/sources/envfile"
	"slipway/sources/kv"
	"slipway/supervise/config"
)

// fixtures is the source of the values of a fixtures file, madeUp that of values
// that are made up because an image is looked at where there are none.
const (
	fixtures = "fixtures"
	madeUp   = "invented"
)

// invented is what was made up for a check, so that it can be told.
type invented struct{ names []string }

func (i *invented) note(name string) {
	if !slices.Contains(i.names, name) {
		i.names = append(i.names, name)
	}
}

// Invented are the variables, peers and keys that nothing gave a value, and that were
// made up; empty unless [Options.Offline].
func (im *Image) Invented() []string {
	if im.invented == nil {
		return nil
	}
	return im.invented.names
}

// addFixtures lays the values of a file over all others: lines of an env file, of which
// those that begin with a slash are keys of the store.
func (im *Image) addFixtures(file string, etcd *config.Etcd) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("cannot read the fixtures: %w", err)
	}
	var pairs []kv.Pair
	lines := strings.Split(string(text), "\n")
	for i, line := range lines {
		key, value, ok := strings.Cut(line, "=")
		if !ok || !strings.HasPrefix(key, "/") {
			continue
		}
		at := sources.Origin{Source: fixtures, File: file, Line: i + 1, Col: 1}
		pairs = append(pairs, kv.Pair{Key: key, Value: sources.Value{Text: value, Origin: at}})
		lines[i] = "" // what remains keeps its line
	}
	layer, notes, err := envfile.Parse(file, []byte(strings.Join(lines, "\n")))
	for _, n := range notes {
		im.Notes = append(im.Notes, Note{Text: n.String(), Hint: n.Hint})
	}
	if err != nil {
		return err
	}
	for i := range layer.Vars {
		layer.Vars[i].Value.Origin.Source = fixtures
	}
	if etcd != nil {
		for i := range pairs {
			pairs[i].Value.Secret = slices.ContainsFunc(etcd.SecretPrefix, func(p string) bool { return kv.Below(pairs[i].Key, p) })
		}
		im.store = kv.New(fixtures, 0, etcdPrefixes(etcd), pairs)
		exported, err := im.store.Export(etcd.Export)
		if err != nil {
			return err
		}
		layer.Vars = append(exported.Vars, layer.Vars...)
	} else {
		im.store = kv.New(fixtures, 0, nil, pairs)
	}
	im.relayer(append(slices.Clone(im.layers), layer))
	return nil
}

// invent makes up values for the declared variables that have none.
func (im *Image) invent(c *contract.Contract) {
	im.invented = &invented{}
	layer, notes := c.Invent()
	var used sources.Layer
	for _, v := range layer.Vars {
		if text, _, _ := im.Values.Get(v.Name); text != "" {
			continue
		}
		used.Vars = append(used.Vars, v)
		im.invented.note(v.Name)
	}
	for _, n := range notes {
		if slices.Contains(im.invented.names, n.Name) {
			im.Notes = append(im.Notes, Note{Text: n.String(), Hint: n.Hint})
		}
	}
	im.relayer(append(slices.Clone(im.layers), used))
}

// makeUpPeer answers for a peer that nobody knows.
func (im *Image) makeUpPeer(name string, port int, proto string) (language.Peer, bool) {
	if im.invented == nil {
		return language.Peer{}, false
	}
	if proto == "" {
		proto = "tcp"
	}
	if port == 0 {
		port = 1
	}
	addr := fmt.Sprintf("%s:%d", name, port)
	im.invented.note("peer " + addr)
	return language.Peer{Name: name, Host: name, Port: port, Proto: proto, Addr: addr, URL: proto + "://" + addr, Source: madeUp}, true
}

// inventKeys makes up the keys that templates cannot do without, as far as they can be
// told without executing them.
func (im *Image) inventKeys(set language.Set) {
	uses, err := language.Uses(set)
	if err != nil {
		return // the same templates are executed next, which reports it
	}
	var pairs []kv.Pair
	for _, u := range uses {
		if _, ok := im.store.Lookup(u.Name); u.Kind != language.UseKey || u.Optional || ok {
			continue
		}
		pairs = append(pairs, kv.Pair{Key: u.Name, Value: sources.Value{Text: madeUp, Origin: sources.Origin{Source: madeUp}}})
		im.invented.note("key " + u.Name)
	}
	if len(pairs) > 0 {
		im.store = im.store.With(pairs)
	}
}
