package language

import (
	"fmt"
	"strings"

	"slipway/render"
	"slipway/render/pattern"
)

// stranger is how another language of templates writes what has a meaning there. Here it is
// text, and goes into the file as it stands.
type stranger struct {
	written *pattern.Pattern
	whose   string
	hint    string
}

var strangers = []stranger{
	{
		pattern.Lazy(`\{%[-+]?\s*(?:if|elif|else|endif|for|endfor|set|include|import|extends|block|endblock|macro|endmacro|raw|unless|endunless|case|assign)\b[^%{}]*%\}`),
		"Jinja, Twig or Liquid", "here it is {{ if .Env.A }} … {{ else }} … {{ end }}, {{ range LIST }} … {{ end }}",
	},
	{pattern.Lazy(`<%[-=]?\s[^%]*%>`), "ERB", "here it is {{ .Env.NAME }}, {{ if .Env.A }} … {{ end }}"},
	{pattern.Lazy(`\{[ \t]+\{[ \t]*-?[ \t]*(?:\.[A-Z]|(?:if|range|with|env|kv|include)[ \t]+[.$"(])[^{}\n]*\}[ \t]+\}`), "an action, but for the blanks between its braces", "write {{ … }}"},
}

var shellReference = pattern.Lazy(`\$\{([A-Za-z_]\w*)(?::?[-=?+][^}]*)?\}`)

// Strangers finds what templates of ours have that another language would replace. It may be
// meant for whoever reads the file, so it is worth a note and no more, each kind once in a
// template. A ${NAME} is found if isSet knows it as a variable, and nothing in the template is
// ours: scripts and many formats have references of their own.
func Strangers(set Set, isSet func(name string) bool) render.Problems {
	var out render.Problems
	for _, list := range [][]Template{set.Templates, set.Partials} {
		for _, t := range list {
			if t.delims() != (delims{}) {
				continue
			}
			out = append(out, strangersIn(t, isSet)...)
		}
	}
	sortProblems(out)
	return out
}

func strangersIn(t Template, isSet func(name string) bool) render.Problems {
	var out render.Problems
	text := []byte(t.Text)
	actions := actionsOf(t.Text, "{{", "}}")
	for _, a := range actions { // of as many bytes, so that places stay
		for i := a.start; i < a.end; i++ {
			if text[i] != '\n' {
				text[i] = 0
			}
		}
	}
	note := func(at int, said, hint string) {
		line, col, source := render.LineAt(t.Text, at)
		out = append(out, &render.Problem{
			Kind: render.KindSyntax, Dest: t.Dest, Pos: render.Pos{File: t.Name, Line: line, Col: col}, Line: source, Text: said, Hint: hint,
		})
	}
	for _, s := range strangers {
		if m := s.written.FindIndex(text); m != nil {
			note(m[0], fmt.Sprintf("%s looks like %s, and goes into the file as it stands", shortened(string(text[m[0]:m[1]])), s.whose), s.hint)
		}
	}
	if len(actions) > 0 || strings.HasPrefix(t.Text, "#!") {
		return out
	}
	for _, m := range shellReference.FindAllSubmatchIndex(text, -1) {
		if name := string(text[m[2]:m[3]]); isSet(name) {
			note(m[0], fmt.Sprintf("%s goes into the file as it stands, and nothing in the template is replaced", shortened(string(text[m[0]:m[1]]))),
				fmt.Sprintf("write {{ .Env.%s }}, or dialect = envsubst in [template:%s]", name, t.Dest))
			break
		}
	}
	return out
}

// shortened is a text on one line that is not long.
func shortened(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	if runes := []rune(text); len(runes) > 40 {
		text = string(runes[:40]) + "…"
	}
	return text
}
