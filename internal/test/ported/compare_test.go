package ported

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"slipway/render"
	"slipway/render/language"
	"slipway/render/porting"
	"slipway/sources"
	"slipway/sources/kv"
)

// ours converts a template and renders it here.
func ours(tool porting.Tool, r request, o porting.Options) (answer, porting.Ported) {
	p := porting.Text(tool, "in", r.Template, o)
	pairs := make([]kv.Pair, 0, len(r.Keys))
	for _, key := range slices.Sorted(maps.Keys(r.Keys)) {
		pairs = append(pairs, kv.Pair{Key: key, Value: sources.Value{Text: r.Keys[key]}})
	}
	set := language.Set{Templates: []language.Template{{Dest: "/out", Name: "in", Text: p.Text, Mode: render.Keep, Left: o.Left, Right: o.Right}}}
	plan, err := language.Build(set, language.Data{Env: language.Vars(r.Env), KV: kv.New("test", 1, nil, pairs), Host: func() language.Host { return language.Host{} }})
	if err != nil {
		return answer{Error: err.Error()}, p
	}
	return answer{Text: string(plan.Targets[0].Content)}, p
}

// verdict is what came of a comparison.
type verdict int

const (
	equal       verdict = iota
	bothRefuse          // neither makes a file
	said                // they differ, and a note says so
	nothing             // the original wrote "<no value>", or went on with it, and it is refused here
	onlyHere            // the original refuses what has a meaning here
	onlyThere           // the original makes a file, and it is refused here
	different           // both make a file, and not the same one
	numVerdicts         // not a verdict
)

func (v verdict) String() string {
	return [...]string{"equal", "both refuse", "a note says how they differ", "no value there, refused here", "refused there only", "refused here only", "different"}[v]
}

// goText is what text/template writes for what is no text.
var goText = []string{"<no value>", "&lt;no value&gt;", "%!", "<nil>", "map["}

// unset is what is said of a variable that is not set, bare one that is read without a
// default.
var (
	unset     = regexp.MustCompile(`the variable (\w+) is not set`)
	defaulted = regexp.MustCompile(`default \.Env\.\w+|\.Env\.\w+ \| default`)
)

// refusesUnset reports whether a template is refused here for nothing but variables that it
// reads bare and that are not set: a tool may go on with what writes "<no value>".
func refusesUnset(r request, here answer) bool {
	bare := defaulted.ReplaceAllString(r.Template, "")
	for _, line := range strings.Split(strings.TrimSpace(here.Error), "\n") {
		m := unset.FindStringSubmatch(line)
		if m == nil || !strings.Contains(bare, ".Env."+m[1]) {
			return false
		}
		if _, set := r.Env[m[1]]; set {
			return false
		}
	}
	return true
}

func judge(r request, there, here answer, p porting.Ported) verdict {
	switch {
	case there.Error != "" && here.Error != "":
		return bothRefuse
	case there.Error == "" && here.Error == "" && there.Text == here.Text:
		return equal
	case len(p.Notes) > 0:
		return said
	case there.Error != "":
		return onlyHere
	case here.Error != "" && slices.ContainsFunc(goText, func(s string) bool { return strings.Contains(there.Text, s) }):
		return nothing
	case here.Error != "" && refusesUnset(r, here):
		return nothing
	case here.Error != "":
		return onlyThere
	}
	return different
}

// figures count verdicts.
type figures [numVerdicts]int

func (f figures) String() string {
	var out []string
	total := 0
	for v, n := range f {
		total += n
		if n > 0 {
			out = append(out, fmt.Sprintf("%s %d", verdict(v), n))
		}
	}
	return fmt.Sprintf("%d templates: %s", total, strings.Join(out, ", "))
}

// compare renders a template by both, and reports what must not be.
func compare(t *testing.T, by tool, name porting.Tool, r request, o porting.Options, count *figures) {
	t.Helper()
	there := by.render(r)
	here, p := ours(name, r, o)
	v := judge(r, there, here, p)
	count[v]++
	if v == different || v == onlyThere {
		t.Errorf("%s %s: %s\nbecomes %s\nwith %s\nkeys %s\nthere %s\nhere  %s", name, v, r.Template, p.Text, short(fmt.Sprintf("%q", r.Env)), short(fmt.Sprintf("%q", r.Keys)), there, here)
	}
	if v == onlyHere && testing.Verbose() {
		t.Logf("%s: %s\nbecomes %s\nwith %s there %s\nhere  %s", v, r.Template, p.Text, short(fmt.Sprintf("%q", r.Env)), there, here)
	}
}

func (a answer) String() string {
	if a.Error != "" {
		return "refused: " + short(strings.TrimSpace(a.Error))
	}
	return short(fmt.Sprintf("%q", a.Text))
}

func short(s string) string {
	if len(s) > 600 {
		return s[:600] + "…"
	}
	return s
}
