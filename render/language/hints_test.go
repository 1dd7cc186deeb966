package language

import (
	"errors"
	"testing"

	"slipway/render"
)

// What people type who come from other languages has a hint.
func TestHintsForSlips(t *testing.T) {
	rows := []struct{ text, hint string }{
		{`{{ APP_NAME }}`, "a variable of the environment is .Env.APP_NAME"},
		{`{{ .env.APP_NAME }}`, "a variable of the environment is .Env.APP_NAME"},
		{`{{ .Env["APP_NAME"] }}`, `write .Env.APP_NAME, or index .Env "APP_NAME"`},
		{`{{ if .Env.APP_NAME == "a" }}{{ end }}`, "values are compared by eq, ne, lt, le, gt and ge: {{ if eq .Env.A \"b\" }}"},
		{`{{ if .Env.APP_NAME && .Env.DEBUG }}{{ end }}`, "conditions are joined by and, or and not: {{ if and .Env.A .Env.B }}"},
		{`{{ if .Env.A != "b" }}{{ end }}`, "values are compared by eq, ne, lt, le, gt and ge: {{ if eq .Env.A \"b\" }}"},
		{`{{ if .Env.A || .Env.B }}{{ end }}`, "conditions are joined by and, or and not: {{ if and .Env.A .Env.B }}"},
		{`{{ default 'abc' .Env.APP_NAME }}`, "texts stand in double quotes or in backquotes"},
	}
	for _, r := range rows {
		_, err := renderText(t, r.text, exampleData())
		var problems render.Problems
		if !errors.As(err, &problems) || len(problems) != 1 || problems[0].Hint != r.hint {
			t.Errorf("%s: %v, want the hint %s", r.text, err, r.hint)
			for _, p := range problems {
				t.Logf("hint: %s", p.Hint)
			}
		}
	}
}

// TestWordsForWrongValues: what is wrong is said without a word of Go's or of ours, and no hint
// leads away from it.
func TestWordsForWrongValues(t *testing.T) {
	for _, r := range []struct{ text, want, hint string }{
		{`{{ (index .Env "APP_NAME") 1 }}`, "what stands here is a value, and takes no arguments", beforeHint},
		{`{{ (.Data.a.b) 1 }}`, "what stands here is a value, and takes no arguments", beforeHint},
		{`{{ nil }}`, "nil is no value that can be written", `nothing at all is written by ""`},
		{`{{ 1i }}`, "a complex number is not a text", "an i behind a number makes it a complex one"},
		{`{{ print 1i }}`, "a complex number is not a text", "an i behind a number makes it a complex one"},
		{`{{ trunc 9999999999999999999 "a" }}`, "the number 9999999999999999999 is too large: a whole number has 64 bits", ""},
		{`{{ range 3.5 }}{{ end }}`, "range needs a list, a dictionary or a whole number, and got 3.5", "a text becomes a list by splitList \",\" or lines, and a whole number by int"},
		{`{{ range .Env.LISTEN_PORT }}{{ end }}`, "range needs a list, a dictionary or a whole number, and got 8080", "a text becomes a list by splitList \",\" or lines, and a whole number by int"},
		{`{{ printf "100%!" 1 }}`, `printf cannot write its values in the format "100%!"`, "a percent sign is written %%"},
		{`{{ printf "%*d" 99999999 1 }}`, `printf cannot write its values in the format "%*d"`, "a width and a precision are at most 1000000"},
		{`{{ printf "%999999999d" 1 }}`, `printf cannot write its values in the format "%999999999d"`, "a width and a precision are at most 1000000"},
		{`{{ env "" }}`, "a variable has a name, and this one is empty", ""},
		{`{{ $a, $b := 1 }}`, "two variables are set at once only by range", ""},
		{`{{ envInt "LISTEN_PORT" 1 "a" 9 }}`, `the lower bound "a" is not a whole number`, ""},
		{`{{ envInt "LISTEN_PORT" 1 2 }}`, "envInt takes a name, a default, and either both bounds or none", `envInt "NAME" [DEFAULT [MIN MAX]]`},
		{`{{ envBool "DEBUG" true 1 2 3 }}`, "envBool takes a name, a default, and either both bounds or none", `envBool "NAME" [DEFAULT [MIN MAX]]`},
		{`{{ .Item }}`, "there is no .Item: the template has no for", "for of a [template:…] section gives its items"},
		{`{{ range .Env.APP_NAME }}{{ end }}`, "range needs a list, a dictionary or a number", "a text becomes a list by splitList \",\" or lines"},
		{`{{ toYaml . }}`, "toYaml cannot take the dot of the template: expected a value of YAML", "write one of the things that the dot holds: .Env, .Data, .KV"},
		{`{{ toYaml (list .) }}`, "toYaml cannot take a list: expected a value of YAML", "write one of the things that the dot holds: .Env, .Data, .KV"},
		{`{{ secretFile "" }}`, `secretFile cannot take the name "": it has no letter and no digit`, "secretFile \"NAME\": the name of the file, or of the variable that it gives"},
		{`{{ (link "" 1).Port }}`, "a peer has a name, and this one is empty", `write the name of the peer: link "db" 5432`},
	} {
		_, err := renderText(t, r.text, exampleData())
		var problems render.Problems
		if !errors.As(err, &problems) || len(problems) != 1 {
			t.Errorf("%s: %v, want one problem", r.text, err)
			continue
		}
		if p := problems[0]; p.Text != r.want || p.Hint != r.hint {
			t.Errorf("%s: %s (hint: %s), want %s (hint: %s)", r.text, p.Text, p.Hint, r.want, r.hint)
		}
	}
}
