package ported

import (
	"math/rand/v2"
	"strings"
)

// generator makes small templates of a tool's functions. A production is a text in which
// {str}, {int}, {bool}, {list} and {name} stand for others.
type generator struct {
	*rand.Rand
	productions map[string][]string
}

func (g *generator) pick(kind string) string {
	all := g.productions[kind]
	return all[g.IntN(len(all))]
}

// expand makes a text of a kind. The first production of a kind has to be a leaf.
func (g *generator) expand(kind string, depth int) string {
	text := g.pick(kind)
	if depth <= 0 {
		text = g.productions[kind][0]
		if leaves := g.productions[kind+"0"]; leaves != nil {
			text = leaves[g.IntN(len(leaves))]
		}
	}
	var out strings.Builder
	for {
		start := strings.IndexByte(text, '<')
		if start < 0 {
			return out.String() + text
		}
		end := start + strings.IndexByte(text[start:], '>')
		if end < start {
			return out.String() + text
		}
		out.WriteString(text[:start])
		name := text[start+1 : end]
		if g.productions[name] == nil {
			out.WriteString(text[start : end+1])
		} else {
			out.WriteString(g.expand(name, depth-1))
		}
		text = text[end+1:]
	}
}

// template is some statements, with text between them.
func (g *generator) template() string {
	var out strings.Builder
	for range 1 + g.IntN(3) {
		out.WriteString(g.expand("statement", 3))
		out.WriteString([]string{"", "\n", " é ", "{ $x }"}[g.IntN(4)])
	}
	return out.String()
}

// values are what a variable or a key can be; absent leaves it out.
var values = []string{
	"", "a", "yes", "1", "t", "on", "true", "TRUE", "False", "0", "no", "8080", "-3", "80O0", "a,b,c", "a b c", "x=1", "/etc/x.conf", "http://u@h:80/p?q=1#f", "a.suffix",
	`{"a":"1","b":["x","y"],"c":{"d":"e"}}`, `["x","y"]`, `{"a":`, "naïve ☃ 日本", "line\nline", "{{ .Env.A }}", "%s", `quote " ' back\slash`, "aGVsbG8=", "$HOME", "<a&b>", "\t",
}

const absent = "\x00absent"

func (g *generator) value(large bool) string {
	switch n := g.IntN(len(values) + 8); {
	case n < len(values):
		return values[n]
	case n == len(values) && large:
		return strings.Repeat("0123456789abcde\n", 200<<10/16)
	}
	return absent
}

func (g *generator) values(names []string) map[string]string {
	out := map[string]string{}
	large := g.IntN(40) == 0
	for _, n := range names {
		if v := g.value(large); v != absent {
			out[n] = v
		}
	}
	return out
}

var variables = []string{"A", "B", "C", "D_E"}

var storeKeys = []string{"/a", "/b/c", "/b/d", "/b/e/f", "/up/1", "/up/2", "/up/10", "/a/x"}
