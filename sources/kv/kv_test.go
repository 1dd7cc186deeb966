package kv

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"slipway/sources"
)

// store makes a store of "key=value" words; a word "!key=value" is secret.
func store(prefixes string, words ...string) *Store {
	var pairs []Pair
	for _, w := range words {
		key, text, _ := strings.Cut(w, "=")
		key, secret := strings.CutPrefix(key, "!")
		pairs = append(pairs, Pair{key, sources.Value{Text: text, Secret: secret, Origin: sources.Origin{Source: "etcd", File: key, Revision: 7}}})
	}
	return New("etcd", 7, strings.Fields(prefixes), pairs)
}

func TestPrefixEndsAtABoundary(t *testing.T) {
	for _, row := range []struct {
		key, prefix string
		rest        string
		ok          bool
	}{
		{"/app/x", "/app", "x", true},
		{"/app/x", "/app/", "x", true},
		{"/app", "/app", "", true},
		{"/app", "/app/", "", true},
		{"/app2/x", "/app", "", false},
		{"/app-x", "/app", "", false},
		{"/ap", "/app", "", false},
		{"/app/x/y", "/app", "x/y", true},
		{"/x", "/", "x", true},
		{"x", "", "x", true},
		{"app/x", "app", "x", true},
	} {
		if rest, ok := Rest(row.key, row.prefix); rest != row.rest || ok != row.ok {
			t.Errorf("Rest(%q, %q) = %q, %t, want %q, %t", row.key, row.prefix, rest, ok, row.rest, row.ok)
		}
	}
}

func TestLookup(t *testing.T) {
	s := store("/app/", "/app/log/level=debug", "!/app/db/password=hunter2", "/app=self", "/app/a=1", "/app/a/b=2", "/app/a-c=3")
	for _, row := range []struct {
		key, want string
		ok        bool
	}{
		{"log/level", "debug", true},
		{"/app/log/level", "debug", true},
		{"/app", "self", true},
		{"a", "1", true},
		{"a/b", "2", true},
		{"log", "", false},
		{"/log/level", "", false},
		{"", "", false},
	} {
		if text, _, ok := s.Key(row.key); text != row.want || ok != row.ok {
			t.Errorf("Key(%q) = %q, %t, want %q, %t", row.key, text, ok, row.want, row.ok)
		}
	}
	if _, secret, _ := s.Key("db/password"); !secret {
		t.Error("db/password is not secret")
	}
	if got := s.Or("absent", "x") + s.Or("a", "x"); got != "x1" {
		t.Errorf("Or = %q, want x1", got)
	}
	if text := fmt.Sprintf("%v %+v %#v %s", s, *s, s, s); strings.Contains(text, "hunter2") {
		t.Errorf("printed store shows a secret: %s", text)
	}
}

func TestKeys(t *testing.T) {
	one := store("/app/", "/app/log/level=debug", "/app/a=1", "/app/a/b=2", "/app/a-c=3")
	two := store("/app/ /shared", "/app/a=1", "/shared/a=2", "/shared/b=3")
	for _, row := range []struct {
		name   string
		s      *Store
		prefix string
		want   []string
	}{
		{"all, relative", one, "", []string{"a", "a-c", "a/b", "log/level"}},
		{"below a relative prefix, at its boundary", one, "a", []string{"a", "a/b"}},
		{"whole", one, "/app/log", []string{"/app/log/level"}},
		{"none", one, "x", nil},
		{"two prefixes: whole", two, "", []string{"/app/a", "/shared/a", "/shared/b"}},
		{"two prefixes: below both", two, "a", []string{"/app/a", "/shared/a"}},
		{"no store", nil, "", nil},
	} {
		t.Run(row.name, func(t *testing.T) {
			got := row.s.Keys(row.prefix)
			if diff := cmp.Diff(row.want, got); diff != "" {
				t.Errorf("Keys(%q) (-want +got):\n%s", row.prefix, diff)
			}
			for _, k := range got {
				if _, _, ok := row.s.Key(k); !ok {
					t.Errorf("Key does not take %q", k)
				}
			}
		})
	}
}

func TestTreeAndList(t *testing.T) {
	s := store("/app/", "/app/up/10=c", "/app/up/2=b", "/app/up/1=a", "/app/x=1", "/app/x/y/z=2", "/app/x/y=3")
	want := map[string]any{
		"up": map[string]any{"1": "a", "2": "b", "10": "c"},
		"x":  map[string]any{"": "1", "y": map[string]any{"": "3", "z": "2"}},
	}
	if diff := cmp.Diff(want, s.Tree("/app")); diff != "" {
		t.Errorf("Tree (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]any{"1": "a", "2": "b", "10": "c"}, s.Tree("up")); diff != "" {
		t.Errorf("Tree(up) (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"a", "b", "c"}, s.List("up")); diff != "" {
		t.Errorf("List (-want +got):\n%s", diff)
	}
}

func TestExport(t *testing.T) {
	s := store("/app/", "/app/log/level=debug", "!/app/db.password=hunter2", "/app/a-b=1", "/app/a_b=2", "/app/nul=x\x00", "/app/--=3", "/other/x=4")
	layer, err := s.Export([]string{"/app", "/app/log", "/app/log/level"})
	want := `cannot make a variable of key "/app/--": its name has no letter and no digit
cannot make variable A_B of key "/app/a_b": key "/app/a-b" is that already
cannot make variable NUL of key "/app/nul": its value contains a NUL byte`
	if err == nil || err.Error() != want {
		t.Errorf("error =\n%v\nwant\n%s", err, want)
	}
	v := sources.Merge(layer)
	if diff := cmp.Diff([]string{"A_B=1", "DB_PASSWORD=hunter2", "LEVEL=debug", "LOG_LEVEL=debug"}, v.Environ()); diff != "" {
		t.Errorf("variables (-want +got):\n%s", diff)
	}
	e, _ := v.Lookup("DB_PASSWORD")
	if !e.Value.Secret || e.Value.Origin.String() != "etcd /app/db.password at revision 7" {
		t.Errorf("DB_PASSWORD is %+v secret=%t", e.Value, e.Value.Secret)
	}
}

func TestExplain(t *testing.T) {
	s := store("/app/", "/app/log/level=debug")
	for key, want := range map[string]string{
		"log/levle":       `did you mean "log/level"?`,
		"/app/log/levle":  `did you mean "/app/log/level"?`,
		"/other/x":        "/other/x lies outside of the prefix /app, which is all that is read",
		"log":             "log has no value itself, but keys below it: kvTree or kvList",
		"app/log/level":   "/app/log/level exists, as a whole key",
		"something/quite": "",
	} {
		if got := s.Explain(key); got != want {
			t.Errorf("Explain(%q) = %q, want %q", key, got, want)
		}
	}
}
