package launch

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"slipway/sources"
)

// wayOf goes the way of the values up to the peers.
func wayOf(t *testing.T, ini string, o Options) *peered {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{"slipway.conf": ini, "fixtures.env": "COLOUR=blue\n/app/key=1\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	o.Config, o.Argv0 = filepath.Join(dir, "slipway.conf"), "slipway"
	if o.Fixtures != "" {
		o.Fixtures = filepath.Join(dir, o.Fixtures)
	}
	doc, err := Read(o)
	if err != nil {
		t.Fatal(err)
	}
	settings, err := doc.settings()
	if err != nil {
		t.Fatal(err)
	}
	p, err := doc.values(context.Background(), settings, o, valueError)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

const lineIni = `
[slipway]
env_dir = none
clean_links = true
[env:COLOUR]
default = green
[env:SIZE]
required = true
type = size
[env:PASSWORD]
secret = true
default = {{ .Env.COLOUR }}
[link:db]
export = true
`

// A step leaves the one before as it is, so each can be looked at, and made again.
func TestStepsAreImmutable(t *testing.T) {
	environ := []string{"SIZE=1M", "DB_PORT_5432_TCP=tcp://10.0.0.5:5432", "DB_PORT_5432_TCP_ADDR=10.0.0.5", "DB_PORT_5432_TCP_PORT=5432", "DB_ENV_TOKEN=geheim"}
	p := wayOf(t, lineIni, Options{Environ: environ})
	g := p.gathered
	before := make([]sources.Layer, len(g.layers))
	for i, l := range g.layers {
		before[i] = sources.Layer{Source: l.Source, Vars: slices.Clone(l.Vars)}
	}
	merged := p.merged.values.Digest()
	checked := p.checked.values.Digest()

	again, err := g.merge()
	if err != nil || again.values.Digest() != merged {
		t.Errorf("the second merge gives other values (%v)", err)
	}
	c, err := again.check()
	if err != nil || c.values.Digest() != checked {
		t.Errorf("the second check gives other values (%v)", err)
	}
	d := p.decide()
	if d.ForPrograms(false); !slices.Equal(d.Environ, p.decide().Environ) {
		t.Error("to decide anew changes what was decided")
	}
	for i, l := range g.layers {
		if !slices.Equal(l.Vars, before[i].Vars) {
			t.Errorf("the layer %s has changed", l.Source)
		}
	}
	if p.merged.values.Digest() != merged || p.checked.values.Digest() != checked {
		t.Error("a later step has changed the values of an earlier one")
	}
	if _, _, ok := p.merged.values.Get("PASSWORD"); ok {
		t.Error("the default of PASSWORD is there before the check")
	}
	if text, secret, _ := p.checked.values.Get("PASSWORD"); text != "green" || !secret {
		t.Errorf("PASSWORD = %q, secret %v, want green and true", text, secret)
	}
	if _, secret, _ := p.merged.values.Get("DB_ENV_TOKEN"); !secret {
		t.Error("the environment of a link is no secret")
	}
}

// Fixtures win, and what they do not give is invented: in one merge.
func TestOffline(t *testing.T) {
	p := wayOf(t, lineIni, Options{Environ: []string{"COLOUR=red"}, Offline: true, Fixtures: "fixtures.env"})
	if text, _, _ := p.values.Get("COLOUR"); text != "blue" {
		t.Errorf("COLOUR = %q, want that of the fixtures", text)
	}
	e, _ := p.values.Lookup("SIZE")
	if e.Value.Text == "" || e.Value.Origin.Source != madeUp {
		t.Errorf("SIZE = %q from %q, want an invented one", e.Value.Text, e.Value.Origin.Source)
	}
	if got := p.made.names; !slices.Equal(got, []string{"SIZE"}) {
		t.Errorf("invented = %q, want SIZE alone", got)
	}
	if text, _, _ := p.store.Key("/app/key"); text != "1" {
		t.Errorf("the key of the fixtures is %q", text)
	}
}

// What is known of secrets is told also where a step fails.
func TestReachedBeforeFailure(t *testing.T) {
	file := filepath.Join(t.TempDir(), "slipway.conf")
	if err := os.WriteFile(file, []byte("[slipway]\nenv_dir = none\n[env:TOKEN]\nsecret = true\ntype = int\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	var known Known
	_, err := Load(context.Background(), Options{Config: file, Argv0: "slipway", Environ: []string{"TOKEN=geheimnis"}, Reached: func(k Known) { known = k }})
	if err == nil {
		t.Fatal("a wrong value is no error")
	}
	if got := known.Redactor().Redact("got geheimnis"); strings.Contains(got, "geheimnis") {
		t.Errorf("the secret is not known: %q", got)
	}
}

// A template beside its section's file is watched as those of the trees are.
func TestWatchedBesideTheConfiguration(t *testing.T) {
	im := load(t, "[slipway]\nenv_dir = none\n[template:/etc/x]\nsource = x.tmpl\n")
	beside := filepath.Join(filepath.Dir(im.Document.File), "x.tmpl")
	if !slices.Contains(im.Watched(), beside) {
		t.Errorf("Watched = %q, want %s in it", im.Watched(), beside)
	}
}
