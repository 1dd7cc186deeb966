package language

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"slipway/internal/test/testkit"
	"slipway/render"
)

// FuzzTruth renders random templates with random values: what comes out is no word of Go's
// for a mistake, and comes out again. The templates are made of all functions, so most of
// them fail; they do so with a place and in plain words.
func FuzzTruth(f *testing.F) {
	for i := range uint64(200) {
		f.Add(i, "80O0")
	}
	f.Add(uint64(1), `{"a":{"b":[1,null,1000000]}}`)
	f.Add(uint64(2), "%!d(string=1)")
	f.Add(uint64(3), "<no value>")
	f.Fuzz(func(t *testing.T, seed uint64, value string) {
		defer testkit.Timed(t, len(value))()
		r := rand.New(rand.NewPCG(seed, 1)) //nolint:gosec // a test
		data := func() Data {
			d := nested()
			vars := d.Env.(secretVars)
			vars.Vars["V"] = value
			d.Tree["odd"] = oddValues()
			d.KV = fakeKV{"a/b": value, "a/c": "1"}
			return d
		}
		text := randomTemplate(r)
		set := Set{Templates: []Template{{Dest: "/out", Name: "out.tmpl", Text: text, Mode: render.Keep}}}
		plan, err := Build(set, data())
		again, errAgain := Build(set, data())
		if fmt.Sprint(err) != fmt.Sprint(errAgain) {
			t.Fatalf("%s: %v, and again %v", text, err, errAgain)
		}
		if err != nil {
			var problems render.Problems
			if !errors.As(err, &problems) {
				t.Fatalf("%s: %v is not problems", text, err)
			}
			for _, p := range problems {
				said := strings.ReplaceAll(p.Text+p.Hint, value, "")
				if p.Pos.File != "out.tmpl" || p.Pos.Line == 0 || goText(said) && !goText(value) {
					t.Fatalf("%s: %v (hint %q)", text, p, p.Hint)
				}
			}
			return
		}
		out := string(plan.Targets[0].Content)
		if out != string(again.Targets[0].Content) {
			t.Fatalf("%s = %q, and again %q", text, out, again.Targets[0].Content)
		}
		if goText(out) && !goText(value) {
			t.Fatalf("%s = %q", text, out)
		}
	})
}

// notRandom are left out: derivePassword takes a tenth of a second for each call, and what
// typeOf and kindOf give is Go's word for a type, by what they are documented for.
var notRandom = map[string]bool{"derivePassword": true, "typeOf": true, "kindOf": true}

func randomTemplate(r *rand.Rand) string {
	var names []string
	for _, name := range newRegistry().names() {
		if !notRandom[name] {
			names = append(names, name)
		}
	}
	var b strings.Builder
	for range 1 + r.IntN(3) {
		e := randomValue(r, names, 3)
		switch r.IntN(8) {
		case 0:
			fmt.Fprintf(&b, "{{ if %s }}a{{ else }}b{{ end }}", e)
		case 1:
			fmt.Fprintf(&b, "{{ with %s }}{{ . }}{{ else }}b{{ end }}", e)
		case 2:
			fmt.Fprintf(&b, "{{ range $k, $v := %s }}{{ $k }}{{ $v }}{{ else }}b{{ end }}", e)
		case 3:
			fmt.Fprintf(&b, "{{ $x := %s }}{{ $x.a.b | default 1 }}", e)
		case 4:
			fmt.Fprintf(&b, "{{ %s | default \"d\" }}", e)
		case 5:
			fmt.Fprintf(&b, "{{ %s | %s }}\n", e, pickOne(r, names))
		default:
			fmt.Fprintf(&b, "{{ %s }}\n", e)
		}
	}
	return b.String()
}

func pickOne(r *rand.Rand, list []string) string { return list[r.IntN(len(list))] }

// randomValue is an expression of a template, a call as often as not.
func randomValue(r *rand.Rand, names []string, depth int) string {
	if depth == 0 || r.IntN(3) == 0 {
		return pickOne(r, []string{
			".Env.V", ".Env.JSON", `.Env.NOPE`, "(fromJson .Env.JSON)", "(fromJson .Env.V)", ".Data.app", ".Data.app.servers", ".Data.app.none", ".Data.app.nope.x", ".Data.x",
			".KV.a", `(kv "a/b")`, ".Links", ".Host", ".Host.CPUs", ".", ".Item", "$", `"text"`, `"%d"`, `"%v"`, `"2006-01-02"`, `"a,b"`, `"/"`, "1", "0", "-1", "2.5", "true", "nil",
			"(list 1 \"a\")", "(dict \"a\" 1)", `(toDate "2006" "2020")`, `(semver "1.2.3")`, fmt.Sprintf("(index .Data.odd %d)", r.IntN(len(oddValues()))),
		})
	}
	call := pickOne(r, names)
	for range r.IntN(4) {
		call += " " + randomValue(r, names, depth-1)
	}
	if r.IntN(4) == 0 {
		return "(" + call + ")." + pickOne(r, []string{"a", "b", "Host", "String", "Year", "Local"})
	}
	return "(" + call + ")"
}
