package launch

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"sync"

	"slipway/internal/launch/sections"
	"slipway/render"
	"slipway/render/language"
	"slipway/sources"
	"slipway/sources/contract"
	"slipway/sources/gather"
	"slipway/sources/kv"
	"slipway/sources/link"
	"slipway/sources/resolve"
)

// The line of values: merged, checked, with peers, decided. Each step takes the result
// of the one before, leaves it as it is, and embeds it: a field hides one of the same
// name of an earlier step.

// Known is what is known of values at some step.
type Known struct {
	// Values are the values as far as they are merged; nil before.
	Values *sources.View
	// Notes are warnings about sources and values so far.
	Notes    []Note
	store    *kv.Store
	redactor func() *render.Redactor // nil: it is made anew each time
}

// Redactor hides the secrets among the values in texts for people. It is made once: that
// takes long where secrets are large.
func (k Known) Redactor() *render.Redactor {
	if k.redactor == nil {
		return redactor(k.Values, k.store)
	}
	return k.redactor()
}

func redactor(values *sources.View, store *kv.Store) *render.Redactor {
	var secrets []string
	for _, name := range values.Names() {
		e, _ := values.Lookup(name)
		if !e.Value.Secret {
			continue
		}
		secrets = append(secrets, e.Value.Text)
		for _, old := range e.Shadowed {
			secrets = append(secrets, old.Text)
		}
	}
	for _, p := range store.Pairs() {
		if p.Value.Secret {
			secrets = append(secrets, p.Value.Text)
		}
	}
	return render.NewRedactor(secrets)
}

func (g *gathered) known(values *sources.View, notes []Note) Known {
	return Known{
		Values: values, Notes: notes, store: g.store,
		redactor: sync.OnceValue(func() *render.Redactor { return redactor(values, g.store) }),
	}
}

// merged is the layers laid over each other.
type merged struct {
	*gathered
	layers   []sources.Layer
	values   *sources.View
	links    *link.Set // the peers that variables tell of
	contract *contract.Contract
	notes    []Note
}

// merge lays the layers over each other. Offline, what is declared and not given is
// invented, as the last layer. The result is of use also with an error, which is a
// [*RuleError].
func (g *gathered) merge() (*merged, error) {
	m := &merged{gathered: g, layers: g.layers, notes: g.notes}
	var err error
	if m.contract, err = contract.New(g.settings.Rules); err != nil {
		err = &RuleError{err}
	}
	if g.made != nil {
		layer, notes := g.invent(m.contract)
		m.layers, m.notes = append(slices.Clip(g.layers), layer), noted(m.notes, notes)
	}
	all := gather.Merge(m.layers, g.own(), sections.SecretVariables())
	m.values, m.links = all.View, all.Links
	return m, err
}

// own is what the container knows of itself, which link variables are told apart by.
func (d *Document) own() link.Own { return link.Own{Hostname: hostname(d.system)} }

// RuleError is what is wrong with [env:NAME] sections themselves; it may join several
// problems.
type RuleError struct{ Err error }

func (e *RuleError) Error() string { return e.Err.Error() }

// Unwrap returns the cause.
func (e *RuleError) Unwrap() error { return e.Err }

// checked is the values with what the [env:NAME] sections say of them.
type checked struct {
	*merged
	values *sources.View
}

// check gives the declared variables their defaults and their secrecy, and checks them;
// every violation comes in one error. The result is of use also then.
func (m *merged) check() (*checked, error) {
	known := peers{resolve.FromVariables(m.links), m.made} // variables alone tell, so far
	given, notes := m.withoutAddresses()
	view, errs := m.contract.Check(given, func(view *sources.View, r contract.Rule) (string, bool, error) {
		return language.Eval(fmt.Sprintf("%s (default of %s)", r.Origin.File, r.Name), r.Default, m.data(view, known))
	})
	m.hintViolations(view, errs)
	noted := *m
	noted.notes = append(slices.Clip(m.notes), notes...)
	return &checked{merged: &noted, values: view}, errors.Join(errs...)
}

// withoutAddresses are the values without those of declared ports that are the address of a
// peer, as Kubernetes sets for a service of that name: the default counts.
func (m *merged) withoutAddresses() (*sources.View, []Note) {
	given := m.values
	var notes []Note
	for _, r := range m.settings.Rules {
		e, ok := given.Lookup(r.Name)
		if _, is := language.IsAddress(r.Name, e.Value.Text); !ok || !is || !r.HasDefault || r.Type != "port" && r.Type != "int" {
			continue
		}
		given = given.Without(r.Name)
		notes = append(notes, Note{
			Place: line(r.Origin), Text: fmt.Sprintf("%s is %s, the address of a peer, and no port: the default counts", r.Name, e.Value),
			Hint: "Docker links and Kubernetes services set a variable of this name: ask for the peer with link, or unset enableServiceLinks",
		})
	}
	return given, notes
}

// mended has made-up values in the place of those that err, of check, is about, so that
// what uses them can be looked at.
func (c *checked) mended(err error) *checked {
	var layer sources.Layer
	for _, one := range unjoined(err) {
		var name string
		var bad *contract.Violation
		var dflt *contract.DefaultError
		switch {
		case errors.As(one, &bad):
			name = bad.Name
		case errors.As(one, &dflt):
			name = dflt.Name
		default:
			continue
		}
		layer.Vars = append(layer.Vars, c.contract.Example(name))
	}
	if layer.Vars == nil {
		return c
	}
	out := *c
	out.values = sources.Merge(sources.Layer{Vars: c.values.Vars()}, layer)
	return &out
}

// data is what templates see of the values and peers.
func (g *gathered) data(values *sources.View, known peers) language.Data {
	d := language.Data{
		Env: values, Links: known, Tree: g.tree, Host: g.host,
		Explain: func(name string) string { return g.explain(values, known, name) },
		File:    g.file,
		YAML:    fromYAML,
		Read:    g.templateFiles().file,
	}
	if g.store != nil {
		d.KV = g.store
	}
	return d
}

// peered is the values with the peers that the [link:NAME] sections declare.
type peered struct {
	*checked
	layers   []sources.Layer
	values   *sources.View
	links    *link.Set
	resolved *resolve.Peers
}

// findPeers resolves the [link:NAME] sections, and gives programs the variables that
// docker run --link would have set for those that ask for it.
func (c *checked) findPeers(ctx context.Context, o Options) (*peered, error) {
	rules := make([]resolve.Rule, len(c.settings.Links))
	for i, l := range c.settings.Links {
		rules[i] = l.Rule
	}
	r := resolve.Resolver{View: c.values, Links: c.links, Store: c.store, Note: o.Say}
	if o.Offline {
		for i := range rules {
			rules[i].Required, rules[i].Wait = false, 0
		}
		r.LookupHost = func(context.Context, string) ([]string, error) { return nil, errOffline }
	} else {
		r.LookupHost, r.LookupSRV, r.Dial = sortedHosts, net.DefaultResolver.LookupSRV, answers
		r.Names = o.Names
	}
	resolved, err := r.All(ctx, rules)
	p := &peered{checked: c, values: c.values, layers: c.layers, links: c.links, resolved: resolved}
	if exported := resolved.Export(hostname(c.system)); len(exported.Vars) > 0 {
		p.layers = append([]sources.Layer{exported}, p.layers...)
		p.values = p.values.Below(exported)
		p.links = link.Parse(p.values.Vars(), c.own())
	}
	return p, err
}

var errOffline = errors.New("DNS is not asked by a check")

// sortedHosts are the addresses of a name in an order of their own: servers change theirs.
func sortedHosts(ctx context.Context, host string) ([]string, error) {
	found, err := net.DefaultResolver.LookupNetIP(ctx, "ip", host)
	for i, a := range found {
		found[i] = a.Unmap()
	}
	slices.SortFunc(found, netip.Addr.Compare)
	var out []string
	for _, a := range slices.Compact(found) {
		out = append(out, a.String())
	}
	return out, err
}

// answers reports whether somebody accepts a connection.
func answers(ctx context.Context, network, addr string) error {
	conn, err := new(net.Dialer).DialContext(ctx, network, addr)
	if err != nil {
		return err
	}
	return conn.Close()
}

// Decided is the values of an image, and what programs see of them.
type Decided struct {
	Known
	// Links are the peers that variables among the values tell of, and Peers all that
	// are known, the declared ones resolved.
	Links *link.Set
	Peers []resolve.Peer
	// KeptOut are the values that programs do not get because no kernel can carry them.
	KeptOut []KeptOut
	// Environ is the environment for programs, and Captured the one that slipway got.
	Environ  []string
	Captured []string
	programs *sources.View // the values behind Environ
}

// decide says what programs see of the values.
func (p *peered) decide() *Decided {
	d := Decided{Known: p.known(p.values, p.notes), Links: p.links, Peers: p.resolved.All(), Captured: p.captured}
	out := d.ForPrograms(p.settings.Slipway.CleanLinks)
	for _, k := range out.KeptOut {
		out.Notes = append(slices.Clip(out.Notes), k.note())
	}
	return out
}

// ForPrograms is d with what programs see. cleanLinks leaves out what docker run --link
// has injected; what a link exports was asked for.
func (d Decided) ForPrograms(cleanLinks bool) *Decided {
	d.programs = d.Values
	if cleanLinks {
		injected := slices.DeleteFunc(d.Links.Injected(), func(name string) bool {
			e, _ := d.Values.Lookup(name)
			return e.Value.Origin.Source == resolve.Exported
		})
		d.programs = d.programs.Without(injected...)
	}
	d.KeptOut = keptOut(d.programs, carried())
	for _, k := range d.KeptOut {
		d.programs = d.programs.Without(k.Name)
	}
	d.Environ = d.programs.Environ()
	return &d
}

// ProgramNames are the names of the variables that programs get, sorted.
func (d *Decided) ProgramNames() []string { return d.programs.Names() }

// SecretNames are the names of the secret variables that programs get.
func (d *Decided) SecretNames() []string {
	var names []string
	for _, name := range d.programs.Names() {
		if _, secret, _ := d.programs.Get(name); secret {
			names = append(names, name)
		}
	}
	return names
}
