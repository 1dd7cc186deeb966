package language

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"slipway/render"
)

// TestMistakesOfSyntax: each has its column, and what stands after it is looked at.
func TestMistakesOfSyntax(t *testing.T) {
	for _, r := range []struct {
		name, text string
		want       string // line:col of each problem
		says       string // the first
	}{
		{"a bracket", "a {{ .Env[\"A\"] }} {{ .Env.X }}", "1:10 1:22", `unexpected "["`},
		{"a comparison", "{{ .Env.A }}{{ if .Env.A == \"b\" }}{{ .Env.X }}{{ end }}", "1:26 1:38", `unexpected "="`},
		{"single quotes", "{{ if eq .Env.A 'bc' }}{{ end }}\n{{ .Env.X }}", "1:17 2:4", "'bc' is a text in single quotes"},
		{"two on one line", "{{ 'ab' }}{{ .Env.A && 1 }}{{ .Env.X }}", "1:4 1:21 1:31", "'ab' is a text in single quotes"},
		{"two on different lines", "{{ if }}x{{ end }}\n{{ range }}y{{ end }}\n{{ .Env.X }}", "1:1 2:1 3:4", "nothing stands after if"},
		{"what nothing closes", "{{ if .Env.A }}\n{{ .Env.X }}\n", "1:1 2:4", "nothing closes this if"},
		{"two that nothing closes", "{{ range .Links }}{{ if .Env.A }}", "1:1 1:19", "nothing closes this if"},
		{"an end too many", "{{ .Env.X }}{{ end }}{{ .Env.Y }}", "1:4 1:13 1:25", "unexpected {{end}}"},
		{"an else too many", "{{ if 1 }}{{ else }}{{ else }}{{ end }}{{ .Env.X }}", "1:21 1:43", "a second else stands in one block"},
		{"a variable of a mistake", "{{ $x := .Env['A'] }}\n{{ $x }}{{ .Env.X }}", "1:14 2:12", `unexpected "["`},
		{"a variable of nothing", "{{ $x }}{{ .Env.X }}", "1:4 1:12", `undefined variable "$x"`},
		{"a parenthesis", "{{ (.Env.A }}\n\n{{ .Env.A) }}{{ .Env.X }}", "1:4 3:10 3:17", `nothing closes this "("`},
		{"over several lines", "{{ if eq\n  .Env.A =\n 1 }}{{ .Env.X }}{{ end }}", "2:10 3:9", `unexpected "="`},
		{"braces within quotes", "{{ \"}}\" | 'ab' }}{{ .Env.X }}", "1:11 1:21", "'ab' is a text in single quotes"},
		{"what is not closed ends it", "{{ .Env.X }}\n x {{ .Env.A", "2:4", "the rest of the template has not been looked at"},
		{"a text that is not closed", "{{ .Env.X }}\n{{ \"abc }}", "1:4 2:4", "a text has no closing quote"},
		{"a raw text that is not closed", "{{ .Env.X }}\n{{ print `abc }}\nx", "1:4 2:10", "a text has no closing quote"},
		{"a parenthesis in a text", "{{ print \"(\" (upper .Env.A }}{{ .Env.X }}", "1:14 1:33", `nothing closes this "("`},
		{"one that closes nothing", "{{ print \")\" (1) ) }}{{ .Env.X }}", "1:18 1:25", `this ")" closes nothing`},
		{"a break of nothing", "x {{ break }}{{ .Env.X }}", "1:3 1:17", "break stands outside of every range"},
		{"a continue in an if", "{{ if 1 }}{{ continue }}{{ end }}{{ .Env.X }}", "1:11 1:37", "continue stands outside of every range"},
		{"a value behind a bar", "{{ 1 | 2 }}{{ .Env.X }}", "1:1 1:15", "what stands behind | is not a function"},
		{"a number of base 8", "{{ 08 }}{{ .Env.X }}", "1:4 1:12", `"08" begins with 0`},
		{"three variables", "{{ range $a, $b, $c := .Links }}{{ end }}{{ .Env.X }}", "1:1 1:45", "range sets at most two variables"},
		{"parentheses around nothing", "{{ print () }}{{ .Env.X }}", "1:1 1:18", "nothing stands between the parentheses"},
	} {
		t.Run(r.name, func(t *testing.T) {
			_, err := Build(Set{Templates: []Template{{Dest: "/x", Name: "x", Text: r.text}}}, Data{Env: Vars{"A": "a"}})
			var problems render.Problems
			errors.As(err, &problems)
			var got []string
			for _, p := range problems {
				got = append(got, fmt.Sprintf("%d:%d", p.Pos.Line, p.Pos.Col))
			}
			if s := strings.Join(got, " "); s != r.want {
				t.Errorf("problems at %s, want at %s:\n%v", s, r.want, err)
			}
			if err == nil || !strings.Contains(err.Error(), r.says) {
				t.Errorf("problems are %v, want one that says %q", err, r.says)
			}
		})
	}
}

// TestABrokenPartialIsThere: who includes what cannot be parsed has made no mistake.
func TestABrokenPartialIsThere(t *testing.T) {
	set := Set{
		Templates: []Template{{Dest: "/x", Name: "x", Text: "{{ include \"_p\" . }}{{ .Env.X }}"}},
		Partials:  []Template{{Dest: "_p", Name: "p", Text: "{{ if }}{{ end }}{{ nope }}"}},
	}
	_, err := Build(set, Data{})
	want := "cannot render /x: x:1:24: the variable X is not set\ncannot render p: p:1:1: nothing stands after if\ncannot render p: p:1:21: there is no function nope"
	if err == nil || err.Error() != want {
		t.Errorf("problems are\n%v, want\n%s", err, want)
	}
}
