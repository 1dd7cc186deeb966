package launch

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"slipway/internal/launch/sections"
	"slipway/sources"
	"slipway/sources/contract"
	"slipway/sources/datafile"
	"slipway/sources/envfile"
	"slipway/sources/gather"
	"slipway/sources/kv"
	"slipway/sources/program"
	"slipway/sources/protocol"
	"slipway/supervise/config"
)

// gathered is what all sources gave: step 3.
type gathered struct {
	*Document
	settings *sections.Sources
	asked    gather.Request          // what the sources were told
	layers   []sources.Layer         // weakest first
	store    *kv.Store               // keys of source programs; nil without
	tree     map[string]any          // of the data files
	outside  *outside                // the source programs
	made     *inventions             // nil unless offline
	files    map[string]sources.File // secret files, by the name of a variable
	missing  map[string]error        // the optional sources that failed
	notes    []Note
	read     map[string]protocol.Update // by those of start = cached
	kept     map[string]program.Kept    // instead of what could not be read
}

// ValueError is what is wrong with a source or a value; it may join several problems.
type ValueError struct{ Err error }

func (e *ValueError) Error() string { return e.Err.Error() }

// Unwrap returns the cause.
func (e *ValueError) Unwrap() error { return e.Err }

// gather reads all sources. The result has what could be read, also with an error.
func (d *Document) gather(ctx context.Context, settings *sections.Sources, o Options) (*gathered, error) {
	g := &gathered{
		Document: d, settings: settings,
		outside: d.outside(settings, o),
	}
	if o.Offline {
		g.made = &inventions{}
	}
	request := d.request(settings.Slipway)
	request.Declared = func(name string) bool {
		return slices.ContainsFunc(settings.Rules, func(r contract.Rule) bool { return r.Name == name })
	}
	notes := append(placed(settings.Notes), unknownSettings(d.captured, request.Declared)...)
	g.asked = request
	values, err := gather.Read(ctx, gather.Plan{
		Order: settings.Slipway.Sources, Request: request, Allow: settings.Slipway.AllowSet, Outside: g.outside.source,
	})
	g.read, g.kept = values.Read, values.Cached
	g.layers, g.missing, g.notes = values.Layers, values.Missing, noted(notes, values.Notes)
	g.files = filesOf(values.Layers)
	if g.outside.found {
		g.store = values.Store
	}
	if err == nil && o.Fixtures != "" {
		err = g.addFixtures(o.Fixtures)
	}
	var terr error
	g.tree, terr = datafile.Read(settings.Slipway.Data, "")
	return g, errors.Join(err, terr)
}

// filesOf are the secret files of layers; the strongest holds.
func filesOf(layers []sources.Layer) map[string]sources.File {
	files := map[string]sources.File{}
	for _, l := range layers {
		for _, f := range l.Files {
			if _, weaker := files[f.Name]; !f.Absent || !weaker {
				files[f.Name] = f
			}
		}
	}
	return files
}

// request is what the sources are told of the container.
func (d *Document) request(s *config.Slipway) gather.Request {
	return gather.Request{Environ: d.captured, EnvDir: s.EnvDir, SecretDirs: s.SecretDirs}
}

// fixtures is the source of the values of a fixtures file.
const fixtures = "fixtures"

// addFixtures lays the values of a file over all others: lines of an env file, of which
// those that begin with a slash are keys of the store.
func (g *gathered) addFixtures(file string) error {
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
	g.notes = noted(g.notes, notes)
	if err != nil {
		return err
	}
	for i := range layer.Vars {
		layer.Vars[i].Value.Origin.Source = fixtures
	}
	if etcd := g.settings.Etcd; etcd != nil {
		for i := range pairs {
			pairs[i].Value.Secret = slices.ContainsFunc(etcd.SecretPrefixes, func(p string) bool { return kv.Below(pairs[i].Key, p) })
		}
		g.store = kv.New(fixtures, 0, etcd.Prefixes, pairs)
		exported, err := g.store.Export(etcd.Export)
		if err != nil {
			return err
		}
		layer.Vars = append(exported.Vars, layer.Vars...)
	} else {
		g.store = kv.New(fixtures, 0, nil, pairs)
	}
	g.layers = append(g.layers, layer)
	return nil
}
