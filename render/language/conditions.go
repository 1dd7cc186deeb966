package language

import (
	"fmt"
	"slices"
	"strings"
	"text/template/parse"

	"slipway/render"
)

// An if takes every text but the empty one for true, "false" among them. A check of an image
// finds the conditions that are variables with such a value.

// conditions marks the reads of variables that are the whole condition of an if, or a part
// of it that and, or and not join.
func (w *rewriter) conditions(p *parse.PipeNode) {
	if len(p.Cmds) != 1 {
		return
	}
	cmd := p.Cmds[0]
	args := cmd.Args
	switch callee(cmd) {
	case "and", "or", "not":
		args = args[1:]
	case "":
		if len(args) != 1 {
			return
		}
	default:
		return
	}
	for _, arg := range args {
		switch n := arg.(type) {
		case *parse.FieldNode, *parse.VariableNode:
			w.asked[n] = true
		case *parse.PipeNode:
			w.conditions(n)
		}
	}
}

// conditions finds the variables whose value says no where an if takes it for yes.
func conditions(set Set, data Data) render.Problems {
	reg := newRegistry()
	var out render.Problems
	for _, list := range [][]Template{set.Templates, set.Partials} {
		for _, t := range list {
			c, _ := compile(t.Name, t.Text, t.delims(), reg) // Build reports what cannot be parsed
			if c == nil {
				continue
			}
			for _, r := range c.refs {
				text, secret, ok := data.get(r.name)
				if !r.cond || !ok || secret || !saysNo(text) {
					continue
				}
				pos, line := c.at(r.offset)
				out = append(out, &render.Problem{
					Kind: render.KindValue, Dest: t.Dest, Pos: pos, Line: line, Name: r.name,
					Text: fmt.Sprintf("the variable %s is %q, and if takes it for true: only an empty text is false", r.name, text),
					Hint: fmt.Sprintf("write {{ if toBool .Env.%s }}", r.name),
				})
			}
		}
	}
	return out
}

// saysNo says whether a text is a word for false. 0 and 1 are also counts, of which an if
// asks whether there is one.
func saysNo(text string) bool {
	return slices.Contains([]string{"false", "no", "off", "n", "f"}, strings.ToLower(strings.TrimSpace(text)))
}
