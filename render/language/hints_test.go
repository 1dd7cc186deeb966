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
