package language

import (
	"errors"
	"strings"
	"testing"

	"slipway/render"
)

func nested() Data {
	data := exampleData()
	data.Env.(secretVars).Vars["JSON"] = `{"db":{"host":"h","port":5432},"empty":null,"list":[{"name":"a"},{"name":"b","port":81}]}`
	data.Tree = map[string]any{"app": map[string]any{
		"name": "shop", "none": nil, "db": map[string]any{"host": "h"}, "servers": []any{map[string]any{"name": "a"}, map[string]any{"name": "b", "port": 81.0}},
	}}
	return data
}

// What is missing, at whatever depth, is nothing where something asks for it.
func TestNestedValues(t *testing.T) {
	rows := []struct{ name, text, want string }{
		{"there", `{{ .Data.app.db.host }} {{ $.Data.app.name }}`, "h shop"},
		{"a default at the last level", `{{ .Data.app.x | default "n" }}`, "n"},
		{"a default at the first", `{{ .Data.x.y.z | default "n" }}`, "n"},
		{"a default as a function", `{{ default "n" .Data.app.x.y }}`, "n"},
		{"a default of a null", `{{ .Data.app.none | default "n" }} {{ .Data.app.none.x | default "m" }}`, "n m"},
		{"if", `{{ if .Data.app.x.y }}a{{ else }}b{{ end }}{{ if .Data.app.db.host }}c{{ end }}`, "bc"},
		{"if not, and, or", `{{ if not .Data.x.y }}a{{ end }}{{ if and .Data.app .Data.app.x }}b{{ else }}c{{ end }}{{ or .Data.app.x "d" }}`, "acd"},
		{"with", `{{ with .Data.app.x.y }}a{{ else }}b{{ end }}{{ with .Data.app.db }}{{ .host }}{{ .port | default 1 }}{{ end }}`, "bh1"},
		{"range else", `{{ range .Data.app.x.y }}a{{ else }}b{{ end }}`, "b"},
		{"within range", `{{ range .Data.app.servers }}{{ .name }}:{{ .port | default 80 }} {{ end }}`, "a:80 b:81 "},
		{"variables", `{{ $j := fromJson .Env.JSON }}{{ $j.db.port }} {{ $j.x.y | default "n" }}{{ range $j.nope }}{{ else }} e{{ end }}`, "5432 n e"},
		{"of a call", `{{ (fromJson .Env.JSON).db.host }}{{ (fromJson .Env.JSON).x.y | default "n" }}`, "hn"},
		{"index", `{{ (index .Data "app" "x").y | default "n" }}{{ index .Data "x" "y" | default "m" }}`, "nm"},
		{"an item behind the end", `{{ index .Data.app.servers 9 | default "n" }}{{ (index .Data.app.servers 9).port | default "m" }}{{ with index .Data.app.servers 2 }}a{{ else }}b{{ end }}{{ if index .Data.app "servers" 7 "x" }}c{{ end }}{{ (index .Data.app.servers 1).name }}`, "nmbb"},
		{"keys of a store", `{{ .KV.backends.a.host }} {{ .KV.backends.z.host | default "n" }}`, "10.0.0.1 n"},
		{"coalesce and empty", `{{ coalesce .Data.x.y "c" }}{{ empty .Data.x.y }}`, "ctrue"},
		{"required is its own message", `{{ required "r" .Data.app.name }}`, "shop"},
		{"methods", `{{ (envDuration "TIMEOUT").Seconds }} {{ $d := toDate "2006" "2020" }}{{ $d.Year }} {{ $d.Format "06" }} {{ (semver "1.2.3").Minor }}`, "30 2020 20 2"},
		{"fields of peers", `{{ range links "backend" 8080 }}{{ .Host }}:{{ .Port }} {{ end }}{{ (link "elasticsearch" 9200).Port }}`, "10.0.0.11:8080 10.0.0.12:8080 9200"},
		{"the host", `{{ .Host.Name }} {{ .Host.CPUs }} {{ .Dest }} {{ .Index }}`, "web-1 1.5 /out 0"},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			if got, err := renderText(t, r.text, nested()); err != nil || got != r.want {
				t.Errorf("%s = %q, %v, want %q", r.text, got, err, r.want)
			}
		})
	}
}

// Without a default each is a problem with its place, and all are in one report.
func TestMissingNestedValues(t *testing.T) {
	rows := []struct {
		text string
		want []string
		hint string
	}{
		{"{{ .Data.app.x }}\n{{ .Data.app.db.prot.y }}", []string{
			`out.tmpl:1:4: there is no .Data.app.x: .Data.app has no key "x"`,
			`out.tmpl:2:4: there is no .Data.app.db.prot.y: .Data.app.db has no key "prot"`,
		}, `give a default: {{ .Data.app.x | default "…" }}`},
		{`{{ .Data.app.nam }}`, []string{`out.tmpl:1:4: there is no .Data.app.nam: .Data.app has no key "nam"`}, `did you mean "name"?`},
		{`{{ .Data.name }}`, []string{`out.tmpl:1:4: there is no .Data.name: no data file is called "name"`}, "the first level of .Data is the name of the file, without its suffix"},
		{`{{ .Data.app.none.x }}`, []string{`out.tmpl:1:4: there is no .Data.app.none.x: .Data.app.none has no value`}, ""},
		{`{{ .Data.app.name.x | default "a" }}`, []string{`out.tmpl:1:4: there is no .Data.app.name.x: .Data.app.name is a text`}, ""},
		{`{{ .APP_NAME }}`, []string{`out.tmpl:1:4: there is no .APP_NAME`}, "a variable of the environment is .Env.APP_NAME; the rest is below .Data, .KV, .Links, .Host, .Dest, .Item and .Index"},
		{`{{ range list 1 }}{{ .Data.app }}{{ end }}`, []string{`out.tmpl:1:22: there is no .Data.app: the dot is a whole number`}, "inside range and with the dot is the current item: write $.Data"},
		{`{{ (link "elasticsearch" 9200).Hots }}`, []string{`out.tmpl:1:31: there is no (…).Hots: (…) is a peer`}, "did you mean .Host?"},
		{`{{ required "the app needs x" .Data.app.x }}`, []string{`out.tmpl:1:4: the app needs x`}, ""},
		{`{{ if eq .Data.app.x "a" }}{{ end }}`, []string{`out.tmpl:1:10: there is no .Data.app.x: .Data.app has no key "x"`}, ""},
		{`{{ .Data.app }}`, []string{`out.tmpl:1:4: a dictionary is not a text`}, "write one of its values, or all of it by toJson, toYaml or toToml"},
		{`{{ .Data.app.none }}`, []string{`out.tmpl:1:4: there is no value to write`}, "give it a default: … | default \"…\""},
		{`{{ index .Data.app.servers 9 }}{{ index .Data.app.servers -1 | default "n" }}`, []string{`out.tmpl:1:4: index cannot take item 9, counted from 0: there are 2`, `out.tmpl:1:35: index cannot take item -1, counted from 0: there are 2`}, ""},
		{`{{ len .Data.app.none }}`, []string{`out.tmpl:1:4: len needs a text, a list or a dictionary`}, ""},
		{`{{ link "elasticsearch" 9200 }}`, []string{`out.tmpl:1:4: a peer is not a text`}, "write its .Addr, .Host, .Port or .URL"},
		{`{{ . }}`, []string{`out.tmpl:1:4: the dot of the template is not a text`}, ""},
	}
	for _, r := range rows {
		_, err := renderText(t, r.text, nested())
		var problems render.Problems
		if !errors.As(err, &problems) || len(problems) != len(r.want) {
			t.Errorf("%s: %v, want %q", r.text, err, r.want)
			continue
		}
		for i, p := range problems {
			if !strings.HasSuffix(p.Error(), r.want[i]) || i == 0 && r.hint != "" && p.Hint != r.hint {
				t.Errorf("%s: %v (hint %q), want %s (hint %q)", r.text, p, p.Hint, r.want[i], r.hint)
			}
		}
	}
}

// What is documented as required stays so in conditions; a default is the only way out.
func TestRequiredInConditions(t *testing.T) {
	calls := []string{`secret "NOPE"`, `kv "nope"`, `link "nope" 1`, `linkAddr "nope" 1`, `linkURL "http" "nope" 1`, `envInt "NOPE"`, `envBool "NOPE"`, `envDuration "NOPE"`, `envSize "NOPE"`, `envFloat "NOPE"`}
	for _, call := range calls {
		for _, form := range []string{"{{ if CALL }}a{{ end }}", "{{ with CALL }}a{{ else }}b{{ end }}", "{{ if not (CALL) }}a{{ end }}", "{{ or (CALL) 1 }}", "{{ if and 1 (CALL) }}{{ end }}", "{{ coalesce (CALL) 1 }}", "{{ if empty (CALL) }}{{ end }}", "{{ CALL }}"} {
			text := strings.ReplaceAll(form, "CALL", call)
			if got, err := renderText(t, text, exampleData()); err == nil || goText(err.Error()) {
				t.Errorf("%s = %q, %v, want that it fails", text, got, err)
			}
		}
		for _, form := range []string{`{{ CALL | default "d" }}`, `{{ default "d" (CALL) }}`, `{{ with CALL | default "d" }}{{ . }}{{ end }}`} {
			text := strings.ReplaceAll(form, "CALL", call)
			if got, err := renderText(t, text, exampleData()); err != nil || got != "d" {
				t.Errorf("%s = %q, %v, want the default", text, got, err)
			}
		}
	}
	for text, want := range map[string]string{
		`{{ (link "nope" 1).Addr | default "d" }}`:                                   "d",
		`{{ (link "elasticsearch" 9200).Addr | default "d" }}`:                       "10.0.0.7:9200",
		`{{ if kv "log/level" }}a{{ end }}{{ with secret "DB_PASSWORD" }}b{{ end }}`: "ab",
	} {
		if got, err := renderText(t, text, exampleData()); err != nil || got != want {
			t.Errorf("%s = %q, %v, want %q", text, got, err, want)
		}
	}
}

// A template that changes dictionaries changes nothing for others, nor for the next render.
func TestDataStaysAsItWas(t *testing.T) {
	data := nested()
	set := Set{Templates: []Template{
		{Dest: "/a", Name: "a", Text: `{{ $x := set .Data.app "name" "changed" }}{{ .Data.app.name }}`},
		{Dest: "/b", Name: "b", Text: `{{ .Data.app.name }}`},
	}}
	for range 2 {
		plan, err := Build(set, data)
		if err != nil || string(plan.Targets[0].Content) != "changed" || string(plan.Targets[1].Content) != "shop" {
			t.Fatalf("%v, %+v", err, plan)
		}
	}
}

// Messages are in the words of templates, not of Go, and count what a template wrote.
func TestPlainWords(t *testing.T) {
	rows := []struct{ text, want, hint string }{
		{`{{ kv "a" "b" }}`, "kv takes 1 value, and got 2", ""},
		{`{{ kvOr "a" }}`, "kvOr takes 2 values, and got 1", ""},
		{`{{ upper 5 }}`, "expected a text, got 5", "a value becomes a text by toString"},
		{`{{ upper .Host.CPUs }}`, "expected a text, got a number", "a value becomes a text by toString"},
		{`{{ until .Env.LISTEN_PORT }}`, "expected a whole number, got a text", "a text becomes a number by int"},
		{`{{ ternary 1 2 .Env.DEBUG }}`, "expected a truth value, got a text", "a text becomes a truth value by toBool"},
		{`{{ if eq .Env.LISTEN_PORT 8080 }}{{ end }}`, "eq cannot compare values of different kinds", "make both texts (toString) or both numbers (int)"},
		{`{{ range .Env.APP_NAME }}{{ end }}`, "range needs a list, a dictionary or a number", ""},
		{`{{ len 5 }}`, "len needs a text, a list or a dictionary", ""},
		{`{{ define "t" }}x{{ end }}{{ template "t" }}{{ .Env.NOPE }}`, "the variable NOPE is not set", ""},
	}
	for _, r := range rows {
		_, err := renderText(t, r.text, exampleData())
		var problems render.Problems
		if !errors.As(err, &problems) || len(problems) != 1 || problems[0].Text != r.want || r.hint != "" && problems[0].Hint != r.hint {
			t.Errorf("%s: %v, want %s (hint %q)", r.text, err, r.want, r.hint)
			for _, p := range problems {
				t.Logf("hint: %s", p.Hint)
			}
		}
	}
}
