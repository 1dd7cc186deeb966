// Package sourcetest is the suite that every source of variables passes: what a
// source promises to the merge, to provenance and to secrecy, said once.
package sourcetest

import (
	"fmt"
	"strings"
	"testing"

	"slipway/sources"
)

// Read reads a source once.
type Read func() (sources.Layer, []sources.Note, error)

// Subject is a source under test.
type Subject struct {
	// Source is the name that layers and origins carry.
	Source string
	// Put stores the variables in the source's own medium, below t.TempDir,
	// and returns how to read them.
	Put func(t *testing.T, vars map[string]string) Read
	// Break makes a medium that cannot be read whole and holds Canary; nil when
	// nothing can go wrong.
	Break func(t *testing.T) Read
	// Secret is true when everything from this source is secret.
	Secret bool
	// OneLine is true when the medium cannot hold line breaks or control
	// characters.
	OneLine bool
	// Trims is true when the medium drops line breaks at the end.
	Trims bool
	// Places is true when an origin names a file or a key.
	Places bool
}

// Canary is a secret that no message may show.
const Canary = "canary-6b1f0e"

// Run checks the source.
func Run(t *testing.T, s Subject) {
	vars := s.examples()
	read := s.Put(t, vars)
	layer, notes, err := read()
	if err != nil {
		t.Fatalf("cannot read the examples: %v", err)
	}
	t.Run("what is put in comes out", func(t *testing.T) { s.content(t, vars, layer) })
	t.Run("every value knows its origin", func(t *testing.T) { s.origins(t, layer) })
	t.Run("secrets are secret", func(t *testing.T) { s.secrecy(t, layer, notes) })
	t.Run("reading again gives the same", func(t *testing.T) {
		again, _, err := read()
		if err != nil {
			t.Fatal(err)
		}
		if sources.Merge(again).Digest() != sources.Merge(layer).Digest() {
			t.Error("two reads of an unchanged source have two digests")
		}
		if got, want := fmt.Sprint(names(again)), fmt.Sprint(names(layer)); got != want {
			t.Errorf("order is %s, then %s", want, got)
		}
	})
	t.Run("a change shows at the next read", func(t *testing.T) {
		changed := map[string]string{"PLAIN": "other"}
		l, _, err := s.Put(t, changed)()
		if err != nil {
			t.Fatal(err)
		}
		s.content(t, changed, l)
	})
	t.Run("nothing at all is a layer without variables", func(t *testing.T) {
		l, _, err := s.Put(t, nil)()
		if err != nil || len(l.Vars) != 0 {
			t.Errorf("read = %d variables, %v, want none", len(l.Vars), err)
		}
	})
	if s.Break != nil {
		t.Run("errors say what and where, and show no value", func(t *testing.T) { s.errors(t) })
	}
}

// examples are values that naive code changes on their way.
func (s Subject) examples() map[string]string {
	vars := map[string]string{
		"PLAIN":    "value",
		"EMPTY":    "",
		"BLANKS":   "a  b",
		"EQUALS":   "a=b==c",
		"TEMPLATE": "{{ .Env.PLAIN }} {{ fail }}",
		"SHELL":    "$HOME `id` $(id) ${PLAIN} ~",
		"QUOTES":   `it's a "test" \ back`,
		"COMMENT":  "a # b ; c",
		"UNICODE":  "grüße ☃ 🚢",
		"CANARY":   Canary,
		"LONG":     strings.Repeat("x", 5000),
	}
	if !s.OneLine {
		vars["LINES"] = "a\nb\n\tc"
		vars["CRLF"] = "a\r\nb"
	}
	if !s.OneLine && !s.Trims {
		vars["ENDS"] = "a\n"
	}
	return vars
}

func names(l sources.Layer) []string {
	var out []string
	for _, v := range l.Vars {
		out = append(out, v.Name)
	}
	return out
}

func (s Subject) content(t *testing.T, want map[string]string, l sources.Layer) {
	t.Helper()
	v := sources.Merge(l)
	for name, text := range want {
		if got, _, ok := v.Get(name); !ok || got != text {
			t.Errorf("%s = %.80q, set=%t, want %.80q", name, got, ok, text)
		}
	}
	if v.Len() != len(want) {
		t.Errorf("names are %v, want those of %d variables", v.Names(), len(want))
	}
}

func (s Subject) origins(t *testing.T, l sources.Layer) {
	t.Helper()
	if l.Source != s.Source {
		t.Errorf("source of the layer is %q, want %q", l.Source, s.Source)
	}
	for _, v := range l.Vars {
		o := v.Value.Origin
		if o.Source != s.Source {
			t.Errorf("source of %s is %q, want %q", v.Name, o.Source, s.Source)
		}
		if s.Places && o.File == "" {
			t.Errorf("origin of %s names no file and no key", v.Name)
		}
		if !sources.Usable(v.Name) || strings.IndexByte(v.Value.Text, 0) >= 0 {
			t.Errorf("%q cannot be a variable", v.Name)
		}
	}
}

func (s Subject) secrecy(t *testing.T, l sources.Layer, notes []sources.Note) {
	t.Helper()
	for _, v := range l.Vars {
		if v.Value.Secret != s.Secret {
			t.Errorf("%s is secret=%t, want %t", v.Name, v.Value.Secret, s.Secret)
		}
	}
	if strings.Contains(fmt.Sprint(notes), Canary) || s.Secret && strings.Contains(fmt.Sprintf("%v %+v", l, l), Canary) {
		t.Error("a note or the printed layer shows a secret")
	}
}

func (s Subject) errors(t *testing.T) {
	t.Helper()
	_, notes, err := s.Break(t)()
	if err == nil {
		t.Fatal("no error from a broken medium")
	}
	text := fmt.Sprint(err)
	if !strings.HasPrefix(text, "cannot ") {
		t.Errorf("error does not start with cannot: %s", text)
	}
	if strings.Contains(text+fmt.Sprint(notes), Canary) {
		t.Errorf("message shows a value: %s", text)
	}
}
