package language

import (
	"errors"
	"strings"
	"testing"

	"slipway/render"
	"slipway/templates"
)

func TestLint(t *testing.T) {
	rows := []struct{ name, text, want string }{
		{"default of dockerize", `{{ default .Env.A "1" }}`, `x:1:4: default is called as in dockerize, and means something else here; write {{ env "A" "1" }}`},
		{"within parentheses", `{{ upper (default .Env.A "1") }}`, `x:1:11: default is called as in dockerize, and means something else here; write {{ env "A" "1" }}`},
		{"an argument too many", `{{ replace .Env.A "a" "b" -1 }}`, `x:1:4: replace is called as in confd, and means something else here; write {{ replace "a" "b" .Env.A }}`},
		{"an argument too few", `{{ get "/a" }}`, `x:1:4: get is called as in confd, and means something else here; write {{ kvPair "/" "/a" }}`},
		{"join of confd", `{{ join .x "," }}`, `x:1:4: join is called as in confd, and means something else here; write {{ join "," .x }}`},
		{"split of confd", `{{ range split .Env.A "," }}{{ end }}`, `x:1:10: split is called as in confd, and means something else here; write {{ splitList "," .Env.A }}`},
		{"a key of a dictionary", `{{ if contains .Env "X" }}{{ end }}`, `x:1:7: contains is called as in dockerize, and means something else here; write {{ hasKey .Env "X" }}`},
		{"ours", `{{ default "1" .Env.A }}{{ join "," .x }}{{ replace "a" "b" .Env.A }}{{ .Env.A | default "x" }}{{ contains .Env.A "a b" }}{{ get .x "a" }}`, ""},
		{"constants only", `{{ default "a" "b" }}{{ join "," "a" }}`, ""},
		{"a comment", `{{/* default .Env.A "1" */}}`, ""},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			var got []string
			for _, p := range Lint(Set{Templates: []Template{{Dest: "/x", Name: "x", Text: r.text}}}) {
				got = append(got, strings.TrimPrefix(p.Error(), "cannot render /x: ")+"; "+p.Hint)
			}
			if strings.Join(got, "\n") != r.want {
				t.Errorf("Lint(%s) = %q, want %q", r.text, got, r.want)
			}
		})
	}
}

func TestLintFindsNothingInWhatShips(t *testing.T) {
	for _, b := range templates.All() {
		for _, p := range Lint(Set{Templates: []Template{{Dest: b.Dest, Name: b.Name, Text: b.Text}}}) {
			t.Error(p)
		}
	}
}

// A template that fails because it is another tool's says how the call is written here.
func TestForeignCallsAreHints(t *testing.T) {
	rows := []struct{ text, want string }{
		{`{{ getv "/db/host" }}`, `write {{ kv "/db/host" }}`},
		{`{{ getv "/db/port" "5432" }}`, `write {{ kvOr "/db/port" "5432" }}`},
		{`{{ getenv "HOST" }}`, `write {{ env "HOST" "" }}`},
		{`{{ "a" | toUpper }}`, `write {{ … | upper }}`},
		{`{{ if isTrue .Env.A }}{{ end }}`, `write {{ has (lower .Env.A) (list "1" "t" "true") }}`},
		{`{{ range loop 3 }}{{ end }}`, `write {{ untilStep 0 3 1 }}`},
		{`{{ range gets "/a/*" }}{{ end }}`, `write {{ kvMatch "/" "/a/*" }}`},
		{`{{ jsonQuery "{}" "a" }}`, `write {{ index (fromJson "{}") "a" }}`},
		{`{{ jsonQuery "{}" .Env.A }}`, "dockerize's jsonQuery is converted only if the path is written out: use fromJson and index"},
		{`{{ envOrDefault "A" "d" }}`, `write {{ env "A" "d" }}`},
		{`{{ range nodes }}{{ end }}`, "consul-template's nodes asks Consul for services: declare [link:NAME] and use link or links"},
		{`{{ toUpper }}`, "confd's toUpper is upper A here"},
		{`{{ loop.index }}`, "dockerize's loop is untilStep 0 A 1 here"},
		{`{{ replace .Env.A "a" "b" -1 }}`, `write {{ replace "a" "b" .Env.A }}`},
		{`{{ upper (replace .Env.A "a" "b" -1) }}`, `write {{ replace "a" "b" .Env.A }}`},
		{`{{ if contains .Env "A" }}{{ end }}`, `write {{ hasKey .Env "A" }}`},
		{`{{ get "/a" }}`, `write {{ kvPair "/" "/a" }}`},
	}
	for _, r := range rows {
		t.Run(r.text, func(t *testing.T) {
			_, err := renderText(t, r.text, Data{Env: Vars{"A": "a"}})
			var got render.Problems
			if !errors.As(err, &got) || len(got) != 1 || got[0].Hint != r.want {
				t.Errorf("problems are %v, want one with the hint %q", got, r.want)
				for _, p := range got {
					t.Log(p.Hint)
				}
			}
		})
	}
}

func TestCheckReportsACallOnce(t *testing.T) {
	set := Set{Templates: []Template{{Dest: "/x", Name: "x", Text: "{{ replace .Env.A \"a\" \"b\" -1 }}\n{{ .Env.MISSING }}{{ default .Env.A \"1\" }}"}}}
	_, err := Check(set, Data{Env: Vars{"A": "a"}})
	var got render.Problems
	errors.As(err, &got)
	var lines []string
	for _, p := range got {
		lines = append(lines, p.Pos.String()+" "+p.Name)
	}
	if want := "x:1:4 |x:2:4 MISSING|x:2:22 default"; strings.Join(lines, "|") != want {
		t.Errorf("Check reports %q, want %q", lines, want)
	}
	if plan, err := Check(Set{Templates: []Template{{Dest: "/x", Name: "x", Text: "a"}}}, Data{}); err != nil || len(plan.Targets) != 1 {
		t.Errorf("Check of a good template = %v, %v, want a plan", plan, err)
	}
}
