package launch

import (
	"fmt"
	"strings"
	"testing"

	"slipway/sources"
	"slipway/sources/environ"
)

func TestKeptOut(t *testing.T) {
	v := func(name string, size int, source string) sources.Var {
		return sources.Var{Name: name, Value: sources.Value{Text: strings.Repeat("x", size), Origin: sources.Origin{Source: source}}}
	}
	l := capacity{one: 1000, all: 2*reserve + 100}
	for _, r := range []struct {
		name string
		vars []sources.Var
		want string
	}{
		{"nothing", []sources.Var{v("A", 1, "secrets")}, ""},
		{"the largest that one can be", []sources.Var{v("A", 1000-3, "secrets")}, ""},
		{"one byte more", []sources.Var{v("A", 1000-2, "secrets"), v("B", 1, "secrets")}, "A"},
		{"too many: the largest first", many(v, 200, 900, "secrets", v("LARGER", 910, "etcd"), v("LARGEST", 920, "env.d")), "LARGEST LARGER"},
		{"not those of the container itself", many(v, 200, 900, environ.Source, v("SMALL", 1, "secrets")), "SMALL"},
	} {
		t.Run(r.name, func(t *testing.T) {
			values := sources.Merge(sources.Layer{Vars: r.vars})
			var got []string
			for _, k := range keptOut(values, l) {
				got = append(got, k.Name)
				values = values.Without(k.Name)
			}
			all := strings.Join(got, " ")
			if !strings.HasPrefix(all, r.want) || r.want == "" && all != "" || len(r.vars) < 10 && all != r.want {
				t.Errorf("kept out are %s, want %s", all, r.want)
			}
		})
	}
	values := sources.Merge(sources.Layer{Vars: many(v, 400, 900, "secrets")})
	size := 0
	for _, k := range keptOut(values, l) {
		values = values.Without(k.Name)
	}
	for _, e := range values.Environ() {
		size += len(e) + 1 + pointer
	}
	if size > l.all-reserve || size < (l.all-reserve)*9/10 {
		t.Errorf("what is left has %d bytes, want nearly %d", size, l.all-reserve)
	}
}

// many are n variables of a size, with more.
func many(v func(string, int, string) sources.Var, n, size int, source string, more ...sources.Var) []sources.Var {
	for i := range n {
		more = append(more, v(fmt.Sprintf("N%03d", i), size, source))
	}
	return more
}

func TestNoteOfKeptOut(t *testing.T) {
	k := KeptOut{Name: "BUNDLE", Size: 200000, Origin: sources.Origin{Source: "secrets", File: "/run/secrets/bundle"}, Reason: "a variable can have 131064"}
	want := "BUNDLE from secrets /run/secrets/bundle: its 200000 bytes are kept from programs: a variable can have 131064"
	if got := k.note(); got.Text != want || !strings.Contains(got.Hint, ".Env.BUNDLE") {
		t.Errorf("note is %q, %q, want %q", got.Text, got.Hint, want)
	}
}
