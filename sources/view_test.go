package sources

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"slipway/internal/test/testkit"
)

// randomLayers makes layers over few names, so that they collide.
func randomLayers(r *rand.Rand) []Layer {
	layers := make([]Layer, r.IntN(5))
	for i := range layers {
		layers[i].Source = fmt.Sprint("s", i)
		for j := range r.IntN(8) {
			layers[i].Vars = append(layers[i].Vars, Var{
				Name: string(rune('A' + r.IntN(6))),
				Value: Value{
					Text:   fmt.Sprint(r.IntN(4)),
					Secret: r.IntN(8) == 0,
					Origin: Origin{Source: layers[i].Source, Line: j + 1},
				},
			})
		}
	}
	return layers
}

func forMany(t *testing.T, check func(t *testing.T, layers []Layer) string) {
	t.Helper()
	for seed := range uint64(testkit.Repeat(t, 2000)) {
		layers := randomLayers(rand.New(rand.NewPCG(seed, 1)))
		if fault := check(t, layers); fault != "" {
			t.Fatalf("seed %d: %s\nlayers: %+v", seed, fault, layers)
		}
	}
}

func TestMergeLastLayerDecides(t *testing.T) {
	forMany(t, func(_ *testing.T, layers []Layer) string {
		v := Merge(layers...)
		want := map[string]Value{}
		for _, l := range layers {
			for _, x := range l.Vars {
				want[x.Name] = x.Value
			}
		}
		for name, w := range want {
			e, ok := v.Lookup(name)
			if !ok || e.Value.Text != w.Text || e.Value.Origin != w.Origin {
				return fmt.Sprintf("%s is %+v, want %+v", name, e.Value, w)
			}
		}
		if v.Len() != len(want) || !slices.IsSorted(v.Names()) {
			return fmt.Sprintf("names %v, want %d sorted ones", v.Names(), len(want))
		}
		return ""
	})
}

func TestMergeKeepsEveryShadowedValueNearestFirst(t *testing.T) {
	forMany(t, func(_ *testing.T, layers []Layer) string {
		all := map[string][]Origin{}
		for _, l := range layers {
			for _, x := range l.Vars {
				all[x.Name] = append([]Origin{x.Value.Origin}, all[x.Name]...)
			}
		}
		for name, want := range all {
			e, _ := Merge(layers...).Lookup(name)
			got := []Origin{e.Value.Origin}
			for _, s := range e.Shadowed {
				got = append(got, s.Origin)
			}
			if !reflect.DeepEqual(got, want) {
				return fmt.Sprintf("history of %s is %v, want %v", name, got, want)
			}
		}
		return ""
	})
}

func TestMergeIsIdempotent(t *testing.T) {
	forMany(t, func(_ *testing.T, layers []Layer) string {
		v := Merge(layers...)
		again := Merge(Layer{Source: "merged", Vars: v.Vars()})
		twice := Merge(append(slices.Clone(layers), layers...)...)
		if v.Digest() != again.Digest() || v.Digest() != twice.Digest() {
			return "merging a merge, or the same layers twice, changes the digest"
		}
		if !slices.Equal(v.Environ(), again.Environ()) {
			return "merging a merge changes the environment"
		}
		return ""
	})
}

func TestMergeOfDisjointLayersIgnoresOrder(t *testing.T) {
	forMany(t, func(_ *testing.T, layers []Layer) string {
		for i := range layers {
			for j := range layers[i].Vars {
				layers[i].Vars[j].Name += fmt.Sprint(i)
			}
		}
		reversed := slices.Clone(layers)
		slices.Reverse(reversed)
		if Merge(layers...).Digest() != Merge(reversed...).Digest() {
			return "layers without common names, reversed, give another digest"
		}
		return ""
	})
}

func TestMergeSpreadsSecrecyOverAName(t *testing.T) {
	forMany(t, func(_ *testing.T, layers []Layer) string {
		secret := map[string]bool{}
		for _, l := range layers {
			for _, x := range l.Vars {
				secret[x.Name] = secret[x.Name] || x.Value.Secret
			}
		}
		v := Merge(layers...)
		for name, want := range secret {
			e, _ := v.Lookup(name)
			for _, x := range append(e.Shadowed, e.Value) {
				if x.Secret != want {
					return fmt.Sprintf("%s: a value is secret=%t, want %t", name, x.Secret, want)
				}
			}
		}
		return ""
	})
}

func TestViewDoesNotChange(t *testing.T) {
	layer := Layer{Source: "a", Vars: []Var{{"X", Value{Text: "1"}}, {"X", Value{Text: "2"}}}}
	v := Merge(layer)
	before := v.Digest()

	layer.Vars[1].Value.Text = "changed"
	e, _ := v.Lookup("X")
	e.Shadowed[0].Text = "changed"
	v.Names()[0] = "changed"
	v.Environ()[0] = "changed"
	tainted := v.Taint("X", "ABSENT")
	v.Without("X")

	if e, _ := v.Lookup("X"); v.Digest() != before || e.Shadowed[0].Text != "1" || e.Shadowed[0].Secret {
		t.Errorf("view changed under its readers: %+v", e)
	}
	if _, secret, _ := tainted.Get("X"); !secret {
		t.Error("Taint: X is not secret")
	}
}

func TestEnvironLeavesOutWhatExecveCannotCarry(t *testing.T) {
	v := Merge(Layer{Vars: []Var{
		{"B", Value{Text: "2"}}, {"A", Value{Text: ""}}, {"N", Value{Text: "x\x00y"}}, {"E=F", Value{Text: "1"}}, {"", Value{Text: "1"}},
	}})
	if diff := cmp.Diff([]string{"A=", "B=2"}, v.Environ()); diff != "" {
		t.Errorf("Environ (-want +got):\n%s", diff)
	}
}

func TestDigestTellsNeighboursApart(t *testing.T) {
	one := func(vars ...Var) [32]byte { return Merge(Layer{Vars: vars}).Digest() }
	digests := map[[32]byte]string{}
	for name, d := range map[string][32]byte{
		"empty":    one(),
		"A=1":      one(Var{"A", Value{Text: "1"}}),
		"A1=":      one(Var{"A1", Value{}}),
		"A=1 hid":  one(Var{"A", Value{Text: "1", Secret: true}}),
		"A= and 1": one(Var{"A", Value{}}, Var{"1", Value{}}),
	} {
		if other, seen := digests[d]; seen {
			t.Errorf("%q and %q have one digest", name, other)
		}
		digests[d] = name
	}
	if one(Var{"A", Value{Text: "1", Origin: Origin{Revision: 7}}}) != one(Var{"A", Value{Text: "1"}}) {
		t.Error("the origin changes the digest")
	}
	var none *View
	if none.Digest() != one() {
		t.Error("no view and an empty view have two digests")
	}
}

func TestProtect(t *testing.T) {
	layer := Layer{Source: "etcd"}
	for _, n := range []string{"PATH", "LD_PRELOAD", "HOME", "SLIPWAY_ETCD", "PATHS", "APP_HOME", "LD", "SLIPWAY"} {
		layer.Vars = append(layer.Vars, Var{n, Value{Text: canary, Secret: true, Origin: Origin{Source: "etcd", File: "/app/" + n}}})
	}
	got, notes := Protect(layer, []string{"HOME", "LD_LIB*"})
	if diff := cmp.Diff([]string{"APP_HOME", "HOME", "LD", "PATHS", "SLIPWAY"}, Merge(got).Names()); diff != "" {
		t.Errorf("kept names (-want +got):\n%s", diff)
	}
	if len(notes) != 3 {
		t.Fatalf("notes = %v, want 3", notes)
	}
	if want := "etcd /app/PATH: PATH: ignored: this name may not be set from etcd"; notes[0].String() != want {
		t.Errorf("note = %q, want %q", notes[0], want)
	}
	if strings.Contains(fmt.Sprint(notes), canary) {
		t.Error("a note shows a secret")
	}
}

func TestNearest(t *testing.T) {
	names := []string{"ELASTICSEARCH_SERVER_URL", "LOG_LEVEL", "DB_HOST"}
	for _, row := range []struct{ name, want string }{
		{"ELASTICSEARCH_SERVER_ULR", "ELASTICSEARCH_SERVER_URL"},
		{"log_level", "LOG_LEVEL"},
		{"LOGLEVEL", "LOG_LEVEL"},
		{"DB_PORT", "DB_HOST"},
		{"QUEUE", ""},
		{"X", ""},
		{"", ""},
	} {
		if got := Nearest(row.name, names); got != row.want {
			t.Errorf("Nearest(%q) = %q, want %q", row.name, got, row.want)
		}
	}
}

func TestVarName(t *testing.T) {
	for file, want := range map[string]string{
		"db_password": "DB_PASSWORD", "db-password": "DB_PASSWORD", "tls.crt": "TLS_CRT", "DB": "DB", "2fa": "_2FA", "a b": "A_B", "---": "", "é": "",
	} {
		if got := VarName(file); got != want {
			t.Errorf("VarName(%q) = %q, want %q", file, got, want)
		}
	}
}

func TestBelowIsOneMoreWeakestLayer(t *testing.T) {
	forMany(t, func(_ *testing.T, layers []Layer) string {
		weakest := Layer{Source: "w", Vars: []Var{{"A", Value{Text: "w"}}, {"Z", Value{Text: "w", Secret: true}}}}
		want, got := Merge(append([]Layer{weakest}, layers...)...), Merge(layers...).Below(weakest)
		for _, n := range want.Names() {
			w, _ := want.Lookup(n)
			g, ok := got.Lookup(n)
			if !ok || !reflect.DeepEqual(w, g) && len(w.Shadowed)+len(g.Shadowed) > 0 || w.Value != g.Value {
				return fmt.Sprintf("%s is %+v, want %+v", n, g, w)
			}
		}
		return ""
	})
}
