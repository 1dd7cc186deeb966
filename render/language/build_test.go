package language

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"slipway/render"
)

func TestProblems(t *testing.T) {
	env := Vars{"APP_NAME": "shop", "PORT": "80", "ELASTICSEARCH_PORT_9200_TCP_ADDR": "10.0.0.7"}
	rows := []struct {
		name string
		text string
		want []string // each problem, in order
		hint string   // of the first
	}{
		{"all missing variables at once", "a={{ .Env.ONE }}\nb={{ .Env.APP_NAME }}{{ .Env.TWO }}\n{{ index .Env \"THREE\" }}",
			[]string{
				"cannot render /out: out.tmpl:1:6: the variable ONE is not set",
				"cannot render /out: out.tmpl:2:25: the variable TWO is not set",
				"cannot render /out: out.tmpl:3:4: the variable THREE is not set",
			}, "set it, or give a default: {{ .Env.ONE | default \"…\" }}"},
		{"nearest name", "{{ .Env.ELASTICSEARCH_PORT_9200_TCP_ADR }}", []string{"cannot render /out: out.tmpl:1:4: the variable ELASTICSEARCH_PORT_9200_TCP_ADR is not set"}, "did you mean ELASTICSEARCH_PORT_9200_TCP_ADDR?"},
		{"once in a loop", "{{ range list 1 2 3 }}{{ $.Env.X }}{{ end }}", []string{"cannot render /out: out.tmpl:1:26: the variable X is not set"}, ""},
		{"dynamic index", "{{ index .Env (print \"A\" \"B\") }}", []string{"cannot render /out: out.tmpl:1:4: the variable AB is not set"}, ""},
		{"a consequence is not a second problem", "{{ .Env.NUMBER | mustToJson | fail }}", []string{"cannot render /out: out.tmpl:1:4: the variable NUMBER is not set"}, ""},
		{"unknown functions, all of them", "{{ shelQuote 1 }}{{ getenv \"X\" }}", []string{
			"cannot render /out: out.tmpl:1:4: there is no function shelQuote",
			"cannot render /out: out.tmpl:1:21: there is no function getenv",
		}, "did you mean shellQuote?"},
		{"a word of digits of another script", "{{২ 1}}", []string{"cannot render /out: out.tmpl:1:3: there is no function ২"}, ""},
		{"an unknown function does not hide the rest", "{{ shelQuote .Env.ONE }}\n{{ .Env.TWO | now }}{{ .Env.THREE }}", []string{
			"cannot render /out: out.tmpl:1:4: there is no function shelQuote",
			"cannot render /out: out.tmpl:1:14: the variable ONE is not set",
			"cannot render /out: out.tmpl:2:4: the variable TWO is not set",
			"cannot render /out: out.tmpl:2:15: the function now is not available: it reads the clock, so the file would change at every render",
			"cannot render /out: out.tmpl:2:24: the variable THREE is not set",
		}, ""},
		{"syntax", "x\n{{ if .Env.A }}", []string{"cannot render /out: out.tmpl:2:1: nothing closes this if"}, "an {{ if }}, {{ range }}, {{ with }} or {{ define }} has no {{ end }}"},
		{"unclosed", "x\n{{ .Env.A", []string{"cannot render /out: out.tmpl:2:1: an action is not closed; the rest of the template has not been looked at"}, "an action is closed by }}"},
		{"dot in range", "{{ range list \"a\" }}{{ .Env.APP_NAME }}{{ end }}", []string{"cannot render /out: out.tmpl:1:24: there is no .Env.APP_NAME here: the dot is a text"}, "inside range and with the dot is the current item: write $.Env.APP_NAME"},
		{"no value", "{{ coalesce \"\" }}", []string{"cannot render /out: out.tmpl:1:4: there is no value to write"}, ""},
		{"fail", "{{ fail \"not today\" }}", []string{"cannot render /out: out.tmpl:1:4: cannot call fail: not today"}, ""},
		{"missing key of a dictionary", "{{ (dict \"a\" 1).b }}", []string{"cannot render /out: out.tmpl:1:16: there is no (…).b: (…) has no key \"b\""}, ""},
		{"include chain", "{{ include \"_a\" . }}", []string{"cannot render /out: _b.tmpl:2:4: the variable NOPE is not set"}, ""},
		{"include cycle", "{{ include \"_loop\" . }}", []string{"cannot render /out: _loop.tmpl:1:4: templates include one another 64 deep"}, ""},
	}
	partials := []Template{
		{Dest: "_a", Name: "_a.tmpl", Text: "{{ include \"_b\" . }}"}, {Dest: "_b", Name: "_b.tmpl", Text: "\n{{ .Env.NOPE }}"},
		{Dest: "_loop", Name: "_loop.tmpl", Text: "{{ include \"_loop\" . }}"},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			_, err := renderText(t, r.text, Data{Env: env}, partials...)
			var got render.Problems
			if !errors.As(err, &got) {
				t.Fatalf("error is %v, want problems", err)
			}
			if len(got) != len(r.want) {
				t.Fatalf("got %d problems, want %d:\n%v", len(got), len(r.want), got)
			}
			for i, p := range got {
				if p.Error() != r.want[i] {
					t.Errorf("problem %d is\n%s, want\n%s", i, p, r.want[i])
				}
			}
			if r.hint != "" && got[0].Hint != r.hint {
				t.Errorf("hint is %q, want %q", got[0].Hint, r.hint)
			}
			if r.name == "include chain" {
				if want := "[_a.tmpl:1:4 out.tmpl:1:4]"; fmt.Sprint(got[0].Chain) != want {
					t.Errorf("chain is %v, want %v", got[0].Chain, want)
				}
			}
		})
	}
}

func TestAbsentVariables(t *testing.T) {
	rows := []struct{ name, text, want string }{
		{"piped default", `{{ .Env.X | default "d" }}`, "d"},
		{"default with argument", `{{ default "d" .Env.X }}`, "d"},
		{"default of index", `{{ index .Env "X" | default "d" }}`, "d"},
		{"default of an inner index", `{{ default "d" (index .Env "X") }}`, "d"},
		{"coalesce", `{{ coalesce .Env.X .Env.Y "z" }}`, "z"},
		{"if", `{{ if .Env.X }}a{{ else }}b{{ end }}`, "b"},
		{"if not", `{{ if not .Env.X }}a{{ end }}`, "a"},
		{"if and or", `{{ if and .Env.A (or .Env.X .Env.A) }}yes{{ end }}`, "yes"},
		{"with", `{{ with .Env.X }}a{{ else }}b{{ end }}`, "b"},
		{"empty", `{{ empty .Env.X }}`, "true"},
		{"or", `{{ or .Env.X "d" }}`, "d"},
		{"hasKey", `{{ hasKey .Env "X" }}{{ hasKey .Env "A" }}`, "falsetrue"},
		{"in a define", `{{ define "d" }}{{ .Env.A }}{{ .Env.X | default "d" }}{{ end }}{{ template "d" . }}`, "1d"},
		{"dollar in range", `{{ range list 1 2 }}{{ $.Env.A }}{{ end }}`, "11"},
		{"whole", `{{ range $k, $v := .Env }}{{ $k }}={{ $v }};{{ end }}`, "A=1;B=;"},
		{"set to nothing counts as set", `[{{ .Env.B }}]`, "[]"},
		{"fields of others named Env", `{{ range list (dict "Env" (dict "K" "v")) }}{{ .Env.K }}{{ end }}`, "v"},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			got, err := renderText(t, r.text, Data{Env: Vars{"A": "1", "B": ""}})
			if err != nil || got != r.want {
				t.Errorf("%s = %q, %v, want %q", r.text, got, err, r.want)
			}
		})
	}
}

func TestTaint(t *testing.T) {
	const secret = "hunter2hunter2"
	data := Data{Env: secretVars{Vars: Vars{"A": "1", "PW": secret}, secret: map[string]bool{"PW": true}}}
	rows := []struct {
		name, text string
		tainted    bool
		shown      string
	}{
		{"not read", "a={{ .Env.A }}\n", false, "a=1\n"},
		{"by name", "p={{ .Env.PW }}\na={{ .Env.A }}\n", true, "p=«redacted»\na=1\n"},
		{"encoded", "{{ .Env.PW | b64enc }}\n", true, "wqtyZWRhY3RlZMK7\n"},
		{"whole, filtered", `{{ range $k, $v := .Env }}{{ if eq $k "A" }}{{ $v }}{{ end }}{{ end }}`, false, "1"},
		{"whole, hashed", `{{ range $k, $v := .Env }}{{ $v | sha256sum | trunc 2 }}{{ end }}`, true, "6bb3"},
		{"decides the shape", "{{ if eq .Env.PW \"hunter2hunter2\" }}a\nb\n{{ end }}", true, ""},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			plan, err := Build(Set{Templates: []Template{{Dest: "/out", Name: "t", Text: r.text, Mode: render.Keep}}}, data)
			if err != nil {
				t.Fatal(err)
			}
			got := plan.Targets[0]
			if got.Secret != r.tainted {
				t.Errorf("Secret = %v, want %v", got.Secret, r.tainted)
			}
			if r.tainted && got.NewMode != 0o600 || !r.tainted && got.NewMode != 0o644 {
				t.Errorf("NewMode = %o", got.NewMode)
			}
			if strings.Contains(string(got.Shown), secret) {
				t.Errorf("Shown = %q holds the secret", got.Shown)
			}
			if r.name != "whole, hashed" && string(got.Shown) != r.shown {
				t.Errorf("Shown = %q, want %q", got.Shown, r.shown)
			}
		})
	}
	t.Run("in errors", func(t *testing.T) {
		_, err := renderText(t, `{{ fail .Env.PW }}{{ .Env.PW | atoi | index (list 1) }}`, data)
		if err == nil || strings.Contains(err.Error(), secret) || !strings.Contains(err.Error(), render.Redacted) {
			t.Errorf("error is %v, want one without the secret", err)
		}
	})
}

func TestForAndSkip(t *testing.T) {
	data := Data{Env: Vars{"HOSTS": "a b", "OFF": "yes"}}
	set := Set{Templates: []Template{
		{Dest: "/sites/{{ .Item }}.conf", Name: "site", Text: "{{ .Index }} {{ .Item }}", For: `{{ splitList " " .Env.HOSTS | toJson }}`, Mode: render.Keep},
		{Dest: "/skipped", Name: "s", Text: "{{ fail \"never\" }}", SkipIf: "{{ .Env.OFF }}", Mode: render.Keep},
	}}
	plan, err := Build(set, data)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, x := range plan.Targets {
		got = append(got, fmt.Sprintf("%s=%s/%v", x.Dest, x.Content, x.Absent))
	}
	want := "/sites/a.conf=0 a/false /sites/b.conf=1 b/false /skipped=/true"
	if strings.Join(got, " ") != want {
		t.Errorf("targets are %v, want %v", got, want)
	}
}

// secretKV is a store of which the keys below "secret/" are secret.
type secretKV struct{ fakeKV }

func (kv secretKV) Key(key string) (string, bool, bool) {
	text, _, ok := kv.fakeKV.Key(key)
	return text, strings.HasPrefix(key, "secret/"), ok
}

func TestKeysAsTree(t *testing.T) {
	data := Data{KV: secretKV{fakeKV{"a/b": "1", "a/c/d": "2", "a": "folder", "secret/x": "hunter2hunter2"}}}
	for _, r := range []struct {
		text, want string
		secret     bool
	}{
		{`{{ .KV.a.b }}{{ .KV.a.c.d }}{{ kv "a" }}`, "12folder", false}, {`{{ .KV.secret.x | b64enc }}`, "aHVudGVyMmh1bnRlcjI=", true}, {`{{ kv "secret//x/" }}`, "hunter2hunter2", true},
	} {
		plan, err := Build(Set{Templates: []Template{{Dest: "/x", Name: "x", Text: r.text, Mode: render.Keep}}}, data)
		if err != nil || string(plan.Targets[0].Content) != r.want || plan.Targets[0].Secret != r.secret || strings.Contains(string(plan.Targets[0].Shown), "hunter2") {
			t.Errorf("%s gives %+v, %v, want %q, secret %v", r.text, plan, err, r.want, r.secret)
		}
	}
}

func TestSecretsAreNoItems(t *testing.T) {
	data := Data{Env: secretVars{Vars: Vars{"S": "a,b"}, secret: map[string]bool{"S": true}}}
	for _, tmpl := range []Template{
		{Dest: "/x{{ .Item }}", Name: "x", Text: "x", For: "{{ .Env.S }}", Mode: render.Keep},
		{Dest: "/{{ .Env.S }}", Name: "x", Text: "x", For: "a", Mode: render.Keep},
		{Dest: "/x{{ .Item }}", Name: "x", Text: "x", For: "{{ range .Env }}{{ . }}\n{{ end }}", Mode: render.Keep},
	} {
		if _, err := Build(Set{Templates: []Template{tmpl}}, data); err == nil || !strings.Contains(err.Error(), "reads a secret") {
			t.Errorf("error is %v, want that a secret is refused", err)
		}
	}
	if _, err := Build(Set{Templates: []Template{{Dest: "/x", Name: "x", Text: "x", SkipIf: "{{ empty .Env.S }}", Mode: render.Keep}}}, data); err != nil {
		t.Errorf("asking whether a secret is there gives %v", err)
	}
}

func TestUses(t *testing.T) {
	set := Set{
		Templates: []Template{
			{Dest: "/a", Name: "a.tmpl", Text: "{{ .Env.ONE }}\n{{ .Env.TWO | default \"2\" }} {{ index $.Env \"THREE\" }}{{ if .Env.FOUR }}x{{ end }}\n" +
				"{{ envInt \"PORT\" 80 1 65535 }}{{ env \"FIVE\" }}{{ link \"db\" 5432 }}{{ kv \"a/b\" }}{{ envPrefix \"P_\" }}{{ required \"x\" .Env.SIX }}{{ hasEnv \"SEVEN\" }}"},
			{Dest: "/b", Name: "b.tmpl", Text: "{{ range $k, $v := .Env }}{{ end }}", SkipIf: "{{ .Env.OFF }}", Pos: render.Pos{File: "x.conf", Line: 3}},
			{Dest: "/c", Name: "c.tmpl", Text: "{{ if }}"},
		},
		Partials: []Template{{Dest: "_p", Name: "_p.tmpl", Text: "{{ .Env.ONE }}"}},
	}
	uses, err := Uses(set)
	if err == nil || !strings.Contains(err.Error(), "cannot render /c: c.tmpl:1:1: nothing stands after if") {
		t.Errorf("error is %v", err)
	}
	var got []string
	for _, u := range uses {
		got = append(got, fmt.Sprintf("%s %s %s %v %q %s", u.Kind, u.Name, u.Pos, u.Optional, u.Default, u.Func))
	}
	want := []string{
		`key a/b a.tmpl:3:70 false "" kv`, `peer db a.tmpl:3:50 false "" link`, `prefix  b.tmpl:1:20 true "" `, `prefix P_ a.tmpl:3:84 true "" envPrefix`,
		`variable FIVE a.tmpl:3:34 false "" env`, `variable FOUR a.tmpl:2:61 true "" `, `variable OFF x.conf (skip_if of /b):1:4 false "" `,
		`variable ONE _p.tmpl:1:4 false "" `, `variable ONE a.tmpl:1:4 false "" `, `variable PORT a.tmpl:3:4 true "80" envInt`, `variable SEVEN a.tmpl:3:131 true "" hasEnv`,
		`variable SIX a.tmpl:3:117 false "" `, `variable THREE a.tmpl:2:33 false "" index`, `variable TWO a.tmpl:2:4 true "2" `,
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("uses are\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestTemplatesCannotChangeTheEnvironmentOfOthers(t *testing.T) {
	set := Set{Templates: []Template{
		{Dest: "/a", Name: "a", Text: "{{ $_ := set .Env \"A\" \"changed\" }}{{ index .Env (print \"A\") }}", Mode: render.Keep},
		{Dest: "/b", Name: "b", Text: "{{ index .Env (print \"A\") }}{{ range .Env }}{{ . }}{{ end }}", Mode: render.Keep},
		{Dest: "/c", Name: "c", Text: "{{ $_ := unset .Env \"A\" }}", Mode: render.Keep},
	}}
	plan, err := Build(set, Data{Env: Vars{"A": "1"}})
	if err != nil || string(plan.Targets[0].Content) != "changed" || string(plan.Targets[1].Content) != "11" {
		t.Errorf("targets are %+v, %v", plan, err)
	}
}

func TestCopiesKeepTheirNames(t *testing.T) {
	set := Set{Templates: []Template{{Dest: "/a", Name: "a.tmpl", Text: "{{ .Env.X | atoi }}{{ .Env.Y }}"}, {Dest: "/b", Name: "b.tmpl", Text: "{{ .Env.X | atoi }}{{ .Env.Y }}"}}}
	_, err := Build(set, Data{Env: Vars{"X": "1"}})
	want := "cannot render /a: a.tmpl:1:23: the variable Y is not set\ncannot render /b: b.tmpl:1:23: the variable Y is not set"
	if err == nil || err.Error() != want {
		t.Errorf("error is %v, want %s", err, want)
	}
}

func TestManyTemplatesAtOnce(t *testing.T) {
	var set Set
	for i := range 300 {
		text := "{{ range $k, $v := .Env }}{{ $k }}{{ end }}{{ include \"_p\" . }}{{ .Env.A | upper }}"
		if i%3 == 0 {
			text += fmt.Sprintf("%d{{ $_ := set .Env \"B\" 1 }}", i)
		}
		set.Templates = append(set.Templates, Template{Dest: fmt.Sprintf("/%03d", i), Name: "t", Text: text, Mode: render.Keep})
	}
	set.Partials = []Template{{Dest: "_p", Name: "_p", Text: "[{{ .Env.A }}]"}}
	data := Data{Env: secretVars{Vars: Vars{"A": "x", "S": "secret"}, secret: map[string]bool{"S": true}}}
	first, err := Build(set, data)
	if err != nil {
		t.Fatal(err)
	}
	second, err := Build(set, data)
	if err != nil || first.Digest() != second.Digest() || string(first.Targets[1].Content) != "AS[x]X" {
		t.Errorf("two builds differ, or %q, %v", first.Targets[1].Content, err)
	}
}
