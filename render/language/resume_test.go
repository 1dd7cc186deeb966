package language

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"slipway/render"
)

// TestAllMistakesOfATemplate: what fails does not hide what fails after it.
func TestAllMistakesOfATemplate(t *testing.T) {
	data := Data{Env: Vars{"N": "80O0", "B": "maybe", "L": "a,b"}, Tree: map[string]any{"app": map[string]any{}}}
	partials := []Template{{Dest: "_p", Name: "p", Text: "{{ .Env.N | int }}\n{{ .Env.INNER }}"}}
	for _, r := range []struct {
		name, text string
		want       string // line:col of each problem
	}{
		{"two refused values", "{{ .Env.N | int }}\n{{ toBool .Env.B }}", "1:13 2:4"},
		{"a refused value, and what is missing after it", "{{ .Env.N | int }}{{ .Env.X }}\n{{ .Data.app.y }}", "1:13 1:22 2:4"},
		{"within a loop each is said once", "{{ range splitList \",\" .Env.L }}{{ $.Env.N | int }}{{ . | b64dec }}{{ end }}{{ .Env.X }}", "1:46 1:59 1:80"},
		{"the condition of an if: both branches", "{{ if toBool .Env.B }}{{ .Env.X }}{{ else }}{{ .Env.Y }}{{ end }}", "1:7 1:26 1:48"},
		{"what with takes", "{{ with .Env.N | int }}{{ . }}{{ else }}{{ .Env.Y }}{{ end }}{{ .Env.X }}", "1:18 1:44 1:65"},
		{"what range takes", "{{ range fromJson .Env.B }}{{ . }}{{ end }}\n{{ .Env.X }}", "1:10 2:4"},
		{"what follows from a variable of the template", "{{ $n := int .Env.N }}\n{{ add $n 1 | b64dec }}{{ $n | int }}\n{{ .Env.X }}", "1:10 3:4"},
		{"an if that declares", "{{ if $n := int .Env.N }}{{ $n }}{{ end }}\n{{ .Env.X }}", "1:13 2:4"},
		{"a define", "{{ define \"d\" }}{{ int .Env.N }}{{ .Env.X }}{{ end }}{{ template \"d\" . }}{{ .Env.Y }}", "1:20 1:36 1:77"},
		{"a partial, and what follows", "{{ include \"_p\" . }}{{ .Env.X }}", "p:1:13 p:2:4 1:24"},
		{"fail ends the template", "{{ int .Env.N }}{{ fail \"not so\" }}{{ int .Env.B }}", "1:4 1:20"},
		{"functions that do not exist", "{{ nope 1 }}{{ int .Env.N }}\n{{ toBool .Env.B }}", "1:4 1:16 2:4"},
		{"without a value to write", "{{ dict }}{{ .Env.N | int }}", "1:4 1:23"},
	} {
		t.Run(r.name, func(t *testing.T) {
			_, err := Build(Set{Templates: []Template{{Dest: "/x", Name: "x", Text: r.text}}, Partials: partials}, data)
			var problems render.Problems
			errors.As(err, &problems)
			var got []string
			for _, p := range problems {
				at := fmt.Sprintf("%d:%d", p.Pos.Line, p.Pos.Col)
				if p.Pos.File != "x" {
					at = p.Pos.File + ":" + at
				}
				got = append(got, at)
			}
			if s := strings.Join(got, " "); s != r.want {
				t.Errorf("problems at %s, want at %s:\n%v", s, r.want, err)
			}
		})
	}
}

// TestTooManyMistakes: a template that is nothing but mistakes ends, and says so.
func TestTooManyMistakes(t *testing.T) {
	_, err := Build(Set{Templates: []Template{{Dest: "/x", Name: "x", Text: strings.Repeat("{{ int .Env.N }}\n", 2*mostResumed)}}}, Data{Env: Vars{"N": "x"}})
	var problems render.Problems
	if errors.As(err, &problems); len(problems) != mostResumed+2 {
		t.Fatalf("%d problems, want %d", len(problems), mostResumed+2)
	}
	if want := "has not been looked at"; !strings.Contains(problems.Error(), want) {
		t.Errorf("no problem says that the rest %s", want)
	}
}
