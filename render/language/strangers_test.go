package language

import (
	"fmt"
	"strings"
	"testing"

	"slipway/templates"
)

// What other languages of templates replace is found where nothing of ours would.
func TestStrangers(t *testing.T) {
	for _, row := range []struct{ name, text, want string }{
		{"Jinja", "a\n{% if A %}x{% endif %}", `2:1: {% if A %} looks like Jinja, Twig or Liquid`},
		{"Jinja's loop", "{%- for x in y -%}x{%- endfor -%}", `1:1: {%- for x in y -%} looks like Jinja`},
		{"ERB", "x <%= ENV['A'] %>", `1:3: <%= ENV['A'] %> looks like ERB`},
		{"blanks between braces", "{{ .Env.A }}\n { { .Env.A } }", `2:2: { { .Env.A } } looks like an action, but for the blanks`},
		{"envsubst", "listen ${PORT};", `1:8: ${PORT} goes into the file as it stands`},
		{"envsubst with a default", "listen ${PORT:-80};", `1:8: ${PORT:-80} goes into the file as it stands`},
		{"one that is not set, and one that is", "${NOPE} ${PORT}", `1:9: ${PORT} goes`},
		{"each kind once", "{% if a %}{% if b %}<%= c %>", `1:1: {% if a %} looks like Jinja, Twig or Liquid, and goes into the file as it stands; 1:21: <%= c %> looks like ERB`},

		{"of the program that reads it", "${catalina.home} ${NOPE} $PORT", ""},
		{"a script", "#!/bin/sh\necho ${PORT}", ""},
		{"a template of ours", "{{ .Env.A }} ${PORT}", ""},
		{"in an action", "{{ \"{% if a %}<%= b %>\" }}{{/* { { .x } } */}}", ""},
		{"a format of logs", "LogFormat \"%h {%Y} %{Host}i %>s %b\"", ""},
		{"JSON", `{ "a": { "b": { "c": 1 } } }`, ""},
		{"blocks of a language", "server { location / { root x; } }\nf() { { echo a; } }", ""},
		{"percent", "{%} <%> 100 % {% x %}", ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			var got []string
			set := Set{Templates: []Template{{Dest: "/x", Name: "x", Text: row.text}}}
			for _, p := range Strangers(set, func(name string) bool { return name == "PORT" }) {
				got = append(got, fmt.Sprintf("%d:%d: %s", p.Pos.Line, p.Pos.Col, p.Text))
				if p.Hint == "" {
					t.Errorf("%s has no hint", p.Text)
				}
			}
			if s := strings.Join(got, "; "); row.want == "" && s != "" || !strings.HasPrefix(s, row.want) {
				t.Errorf("Strangers(%q) = %q, want %q", row.text, s, row.want)
			}
		})
	}
	set := Set{Templates: []Template{{Dest: "/x", Name: "x", Text: "${PORT} {% if a %}", Dialect: DialectEnvsubst}}}
	if found := Strangers(set, func(string) bool { return true }); len(found) > 0 {
		t.Errorf("found in a template of another dialect: %v", found)
	}
}

func TestNoStrangersShip(t *testing.T) {
	for _, b := range templates.All() {
		for _, p := range Strangers(Set{Templates: []Template{{Dest: b.Dest, Name: b.Name, Text: b.Text}}}, func(string) bool { return true }) {
			t.Error(p)
		}
	}
}
