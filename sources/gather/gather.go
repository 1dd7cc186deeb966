// Package gather reads all sources of a container, in the order that its
// configuration declares, and lays them over each other.
//
// The list of sources is [Registry]: a name that is not there is a source
// program. What comes from outside of the image and of the container's own
// environment (secrets, programs) may not set protected names.
package gather

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"slipway/sources"
	"slipway/sources/kv"
	"slipway/sources/link"
	"slipway/sources/program"
	"slipway/sources/protocol"
)

// Plan says what is read.
type Plan struct {
	// Order are the names of the sources, weakest first.
	Order []string
	// Request is what the sources are told; Read fills in Weaker.
	Request
	// Allow are protected names that may be set from outside all the same.
	Allow []string
	// Outside returns the program of a source, or false when the source is not
	// configured, which is no error: the default order names etcd.
	Outside func(name string) (Outside, bool, error)
}

// Outside is a source program and what its keys are used for.
type Outside struct {
	Program program.Program
	// Prefixes are those that keys in templates are relative to.
	Prefixes []string
	// Export are the prefixes whose keys become variables.
	Export []string
	// Optional makes a note of its failure; the source is empty then. An error
	// in its settings is an error all the same.
	Optional bool
	// Cache holds its last good snapshot, for when it cannot be read; nil for none.
	Cache *program.Cache
	// Get reads the source in another way than by a run of the program; nil for none.
	Get func(context.Context) (protocol.Update, error)
}

// Values are what the sources gave.
type Values struct {
	Layers []sources.Layer // weakest first
	Store  *kv.Store       // keys of programs; empty without
	Notes  []sources.Note
	// Missing are the optional sources that failed, with their errors.
	Missing map[string]error
	// Read are the snapshots of the programs that have a Cache, and Cached those that
	// were taken from it.
	Read   map[string]protocol.Update
	Cached map[string]program.Kept
}

// Format prints values as the number of their layers, under every verb: which of them are
// secret is known for certain when they are merged.
func (v Values) Format(f fmt.State, _ rune) { fmt.Fprintf(f, "values of %d sources", len(v.Layers)) }

// Read reads all sources. The error joins those of all; the values hold what
// could be read. A *program.Error among them says by its code what an exit
// status should be.
func Read(ctx context.Context, p Plan) (*Values, error) {
	g := gatherer{Plan: p, v: &Values{Missing: map[string]error{}, Read: map[string]protocol.Update{}, Cached: map[string]program.Kept{}}}
	var errs []error
	for _, name := range p.Order {
		if ctx.Err() != nil {
			return g.v, context.Cause(ctx)
		}
		layer, err := g.read(ctx, name)
		if err != nil {
			errs = append(errs, err)
		}
		g.v.Layers = append(g.v.Layers, layer)
	}
	g.v.Store = kv.New("", g.revision, g.prefixes, g.pairs)
	return g.v, errors.Join(errs...)
}

// Merged is layers laid over each other.
type Merged struct {
	Layers []sources.Layer // weakest first; what is secret in the view is so here
	View   *sources.View   // with the environment of links secret
	Links  *link.Set       // the peers that variables tell of
}

// Merge lays layers over each other, weakest first, and finds the peers that their
// variables tell of. own is what the container knows of itself; secret are names that
// are secret whatever their sources say. The layers that are given stay as they are.
func Merge(layers []sources.Layer, own link.Own, secret []string) Merged {
	view := sources.Merge(layers...)
	links := link.Parse(view.Vars(), own)
	view = view.Taint(links.Secrets()...).Taint(secret...)
	m := Merged{Layers: slices.Clone(layers), View: view, Links: links}
	for i, l := range m.Layers {
		m.Layers[i].Vars = tainted(l.Vars, view)
	}
	return m
}

// tainted are the variables of a layer with the secrecy of the view: it belongs to the name.
func tainted(vars []sources.Var, view *sources.View) []sources.Var {
	out := vars
	for i, x := range vars {
		if _, secret, _ := view.Get(x.Name); !secret || x.Value.Secret {
			continue
		}
		if &out[0] == &vars[0] {
			out = slices.Clone(vars)
		}
		out[i].Value.Secret = true
	}
	return out
}

type gatherer struct {
	Plan
	v        *Values
	pairs    []kv.Pair
	prefixes []string
	revision int64
}

func (g *gatherer) note(notes ...sources.Note) { g.v.Notes = append(g.v.Notes, notes...) }

// read reads one source by its name.
func (g *gatherer) read(ctx context.Context, name string) (sources.Layer, error) {
	s, ok := lookup(name)
	if !ok || s.Read == nil {
		return g.outside(ctx, name)
	}
	r := g.Request
	r.Weaker = g.weaker
	layer, notes, err := s.Read(&r)
	g.note(notes...)
	if s.Foreign {
		layer = g.protect(layer)
	}
	return layer, err
}

// weaker is the view of the layers so far, if there is a variable among them whose name
// is of interest; else an empty one. Merging is dear, and most images have no such name.
func (g *gatherer) weaker(interesting func(name string) bool) *sources.View {
	for _, l := range g.v.Layers {
		for _, v := range l.Vars {
			if interesting(v.Name) {
				return sources.Merge(g.v.Layers...)
			}
		}
	}
	return sources.Merge()
}

func (g *gatherer) protect(l sources.Layer) sources.Layer {
	l, notes := sources.Protect(l, g.Allow)
	g.note(notes...)
	return l
}

// outside runs a source program.
func (g *gatherer) outside(ctx context.Context, name string) (sources.Layer, error) {
	layer := sources.Layer{Source: name}
	if g.Outside == nil {
		return layer, nil
	}
	o, ok, err := g.Outside(name)
	if err != nil || !ok {
		return layer, err
	}
	origin := sources.Origin{Source: name}
	told := o.Program.Note
	o.Program.Note = func(text string) { // while it waits, and for the record
		g.note(sources.Note{Origin: origin, Text: text})
		if told != nil {
			told(text)
		}
	}
	get := o.Program.Get
	if o.Get != nil {
		get = o.Get
	}
	u, err := get(ctx)
	var failed *program.Error
	if errors.As(err, &failed) && o.Optional && failed.Code != "invalid" {
		g.v.Missing[name] = err
		g.note(sources.Note{Origin: origin, Text: err.Error(), Hint: "it is optional, so its values are not there"})
		return layer, nil
	}
	if errors.As(err, &failed) && o.Cache != nil && failed.Code != protocol.CodeInvalid {
		u, err = g.cached(name, *o.Cache, err)
	} else if err == nil && o.Cache != nil {
		g.v.Read[name] = u
	}
	if err != nil {
		return layer, err
	}
	g.pairs = append(g.pairs, u.Keys...)
	g.prefixes = append(g.prefixes, o.Prefixes...)
	g.revision = max(g.revision, u.Revision)
	var exported sources.Layer
	if len(o.Export) > 0 {
		exported, err = kv.New(name, u.Revision, o.Prefixes, u.Keys).Export(o.Export)
	}
	if err != nil {
		err = fmt.Errorf("cannot take variables from %s: %w", name, err)
	}
	layer.Vars = append(u.Vars, exported.Vars...)
	return g.protect(layer), err
}

// cached is the last good snapshot of a source that cannot be read for a cause.
func (g *gatherer) cached(name string, c program.Cache, cause error) (protocol.Update, error) {
	k, err := c.Load(time.Now())
	if err != nil {
		return k.Update, errors.Join(cause, fmt.Errorf("cannot use a former snapshot of %s instead: %w", name, err))
	}
	g.v.Cached[name] = k
	g.note(sources.Note{
		Origin: sources.Origin{Source: name}, Text: fmt.Sprintf("%v; the values are those of revision %d, kept at %s", cause, k.Revision, k.At.Local().Format(time.DateTime)),
		Hint: "start = cached allows that; they are followed by the present ones as soon as " + name + " answers",
	})
	return k.Update, nil
}
