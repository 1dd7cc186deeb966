package language

import (
	"errors"
	"strings"
	"testing"

	"slipway/render"
)

// Each way to write something that another language has leads to how it is written here, or
// to nothing. None leads elsewhere.
func TestSlips(t *testing.T) {
	rows := []struct{ text, said, hint string }{
		{"{{ ${NOPE} }}", `1:1: unexpected "{"`, "a variable of the environment is .Env.NOPE"},
		{"{{ %NOPE% }}", `1:4: unexpected "%"`, "a variable of the environment is .Env.NOPE"},
		{"{{ .Env.a-b }}", `1:10: unexpected "-"`, `write index .Env "a-b": only letters, digits and _ stand in a name after a dot`},
		{"{{ .Data.app.max-age }}", `1:17: unexpected "-"`, `write index .Data.app "max-age": only letters, digits and _ stand in a name after a dot`},
		{"{{ .Data.app.servers[0] }}", `unexpected "["`, "write index .Data.app.servers 0"},
		{"{{ .Data['app'] }}", `unexpected "["`, `write index .Data "app"`},
		{`{{ os.environ["A"] }}`, `unexpected "["`, `write .Env.A, or index .Env "A"`},
		{"{{ ENV['A'] }}", `unexpected "["`, `write .Env.A, or index .Env "A"`},
		{`{{ .KV["a/b"] }}`, `unexpected "["`, `write kv "a/b"`},
		{"{{ .KV./a/b }}", `unexpected "/"`, `write kv "/a/b"`},
		{`{{ .Env."A" }}`, `unexpected """`, "write .Env.A"},
		{"{{ $n := 1 }}{{ .Env.$n }}", `unexpected "$"`, "write index .Env $n"},
		{`{{ if .Env.A === "b" }}{{ end }}`, `unexpected "="`, comparedHint},
		{"{{ if .Env.A > 1 }}{{ end }}", `unexpected ">"`, comparedHint},
		{"{{ if !.Env.A }}{{ end }}", `unexpected "!"`, "a condition is turned round by not: {{ if not .Env.A }}"},
		{"{{ if (.Env.A || .Env.B) }}{{ end }}", `unexpected "|"`, joinedHint},
		{`{{ .Env.JSON or "b" }}`, "JSON is a value, and takes no arguments", beforeHint},
		{`{{ .Env.JSON . "b" }}`, "JSON is a value, and takes no arguments", beforeHint},
		{"{{ 'a' }}", "1:4: 'a' is a text in single quotes", quotesHint},
		{"{{ .Env.NOPE | default ',' }}", "1:24: ',' is a text in single quotes", quotesHint},
		{"{{ if eq (list 1) (print 'x') }}{{ end }}", "1:26: 'x' is a text in single quotes", quotesHint},
		{"{{ env 'A' }}", "1:8: 'A' is a text in single quotes", quotesHint},
		{"{{ .Env.NOPE | default 0644 }}", "1:24: 0644 is a number in base 8: 420", `write "0644" for a text, or 0o644 for the number`},
		{"{{ $m := 007 }}{{ $m }}", "1:10: 007 is a number in base 8: 7", `write "007" for a text, or 0o7 for the number`},
		{"{{ env.A }}", "1:4: env is a function, and has no .A", "a variable of the environment is .Env.A"},
		{`{{ env.Getenv "A" "b" | upper }}`, "env is a function, and has no .Getenv", `write .Env.NAME, or env "NAME" "default"`},
		{"{{ upper env.A }}", "1:10: env is a function, and has no .A", "a variable of the environment is .Env.A"},
		{"{{ !.Env.A }}", `unexpected "!"`, notHint},
		{`{{ if .Env.A =~ "b" }}{{ end }}`, `unexpected "="`, `a pattern is looked for by regexMatch: {{ if regexMatch "^a+$" .Env.A }}`},
		{"{{ .Env.A // so }}", `unexpected "/"`, commentHint},
		{"{{ .Env.A # so }}", `unexpected "#"`, commentHint},
		{"{{ range $i := 1..3 }}{{ end }}", `unexpected ".3"`, "whole numbers in a row are seq 1 3"},
		{"{{ 1.2.3 }}", `unexpected ".3"`, `a text stands in double quotes: "1.2.3"`},
		{"{{ .Data.app.servers.0 }}", `unexpected ".0"`, "an item of a list is taken by its number: index LIST 0"},
		{"{{ .Env.1A }}", `unexpected ".1A"`, `write index .Env "1A"`},
		{"{{ .Env.A\u00a0| upper }}", "1:10: a character that cannot be seen, U+00A0", invisibleHint},
		{"{{\u200b.Env.A }}", "1:3: a character that cannot be seen, U+200B", invisibleHint},
		{`{{ "a" "b" }}`, `"a" is a value, and takes no arguments`, beforeHint},
		{`{{ .Env "A" }}`, ".Env is a dictionary, and takes no arguments", `a variable of the environment is .Env.NAME, or index .Env "NAME"`},
		{`{{ default("x") }}`, `unexpected "("`, `a blank stands between a function and its values, and no comma between them: {{ default "x" .Env.A }}`},
		{"{{ list 1, 2 }}", `1:10: unexpected ","`, "a blank stands between values, and no comma: {{ list 1 2 }}"},
		{"{{ .Env.A ?? 1 }}", `unexpected "?"`, `what counts for a missing value is said by default: {{ .Env.A | default "x" }}`},
		{`{{ .Env.A ? "b" : "c" }}`, `unexpected "?"`, `write ternary "yes" "no" CONDITION, or {{ if … }}yes{{ else }}no{{ end }}`},
		{"{{ .Env.A + 1 }}", `unexpected "+"`, sumsHint},
		{"{{ 2 * 3 }}", `unexpected "*"`, sumsHint},
		{"{{ “a” }}", `1:4: unexpected "“"`, `"straight" quotes or backquotes stand around a text`},
		{"{{ # so }}", `unexpected "#"`, commentHint},
		{"{{ /* so */ }}", `unexpected "/"`, commentHint},
		{"{{/* so */ }}", "a comment is not closed at once after its end", commentHint},
		{"{{> part }}", `unexpected ">"`, `another template is written by include "part" .`},
		{"{{ x = 1 }}", `unexpected "="`, setHint},
		{"{{ $x = 1 }}", `undefined variable "$x"`, setHint},
		{"{{ range $i in .Env.A }}{{ end }}", `undefined variable "$i"`, loopHint},
		{"{{ range i, e := .Env.A }}{{ end }}", `unexpected ","`, loopHint},
		{"{{ .Env.A; .Env.B }}", `unexpected ";"`, "an action holds one thing: write {{ … }}{{ … }}"},
		{"{{.Env.A}", `unexpected "}"`, "an action is closed by }}"},
		{"\n{{ .Env.A\n\n", "2:1: an action is not closed", "an action is closed by }}"},
		{"{{-.Env.A-}}", `unexpected "-.En"`, "a blank stands between the minus and what follows or precedes it: {{- .Env.A -}}"},
		{`{{ (env "A" "x").upper }}`, "there is no (…).upper", textFieldHint},
		{`{{ "it\'s" }}`, "a text has a backslash before a letter that has no meaning there", `\" \\ \n and \t may stand in a text in double quotes; in backquotes a backslash is nothing but one`},
		{"{{ if .Env.JSON }}x", "nothing closes this if", "an {{ if }}, {{ range }}, {{ with }} or {{ define }} has no {{ end }}"},
		{"{{ .Values.x }}", "there is no .Values.x", goneHelmHint},
		{"{{ .Environment.A }}", "there is no .Environment.A", "a variable of the environment is .Env.A"},
		{"{{ .Hostname }}", "there is no .Hostname", levelsHint},
		{`{{ secret "db/creds" }}`, "the variable db/creds is not set", `set it, or give a default: {{ (index .Env "db/creds") | default "…" }}`},
		{"{{ if .Env.JSON }}{{ elif .Env.JSON }}{{ end }}", "there is no function elif", elseHint},
		{"{{ endif }}", "there is no function endif", closedHint},
		{"{{ Env.A }}", "there is no function Env", "a variable of the environment is .Env.A"},
		{"{{ if .Env.JSON }}x{{- end if }}", `unexpected "if"`, closedHint},
		{"{{ | upper }}", `unexpected "|"`, "a value stands before |: {{ .Env.A | upper }}"},
		{"{{ `abc }}", "a text has no closing quote", "a text in backquotes ends with one, on any line"},
		{"{{ A: 1 }}", "expected :=", setHint},
		{`{{ if eq "x" "x" then }}{{ end }}`, "there is no function then", conditionHint},
		{`{{ "x"|e }}`, "there is no function e", escapedByHint},
		{`{{ "x" | basename }}`, "there is no function basename", "write base PATH"},
		{`{{ .Env.JSON or "x" }}`, ".JSON is a value, and takes no arguments", beforeHint},
		{"{{ math.Add 1 2 }}", "there is no function math", "write add A B"},
		{`{{ net.LookupIP "x" }}`, "there is no function net", ""},
		{"{{ test }}", "there is no function test", ""},
		{"{{ null }}", "there is no function null", nullHint},
		{"{{ uper .Env.JSON }}", "there is no function uper", "did you mean upper?"},
	}
	for _, r := range rows {
		_, err := renderText(t, r.text, exampleData())
		var problems render.Problems
		if !errors.As(err, &problems) || problems[0].Hint != r.hint || !strings.Contains(err.Error(), r.said) {
			t.Errorf("%s: %v (hint %q), want %q with the hint %q", r.text, err, problems[0].Hint, r.said, r.hint)
		}
	}
}

// What is written about in the delimiters of a template is written in those of hints.
func TestSlipsInOtherDelimiters(t *testing.T) {
	set := Set{Templates: []Template{{Dest: "/out", Name: "out.tmpl", Text: "<<# if >>", Left: "<<", Right: ">>", Mode: render.Keep}}}
	_, err := Build(set, exampleData())
	var problems render.Problems
	if !errors.As(err, &problems) || problems[0].Hint != commentHint {
		t.Errorf("%v, want the hint %s", err, commentHint)
	}
}
