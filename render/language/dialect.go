package language

import (
	"fmt"
	"strings"
	"text/template/parse"

	"slipway/render"
	"slipway/render/porting"
)

// The dialects of templates: ours, and that of envsubst without and with the forms of a
// shell. "" is ours.
const (
	DialectOurs     = "slipway"
	DialectEnvsubst = "envsubst"
	DialectShell    = "shell"
)

// compileEnvsubst makes a template of a text in which $NAME and ${NAME} are variables. Each
// of them is an action of ours whose place is that of the dollar.
func compileEnvsubst(name, text string, d delims, reg *registry) (*compiled, render.Problems) {
	c := &compiled{name: name, text: text, trees: map[string]*parse.Tree{}, used: map[string]int{}}
	tree := parse.New(mainTree)
	tree.Root = &parse.ListNode{NodeType: parse.NodeList}
	c.trees[mainTree] = tree
	w := newRewriter(c, reg)
	literal := func(from, to int) {
		if from < to {
			tree.Root.Nodes = append(tree.Root.Nodes, &parse.TextNode{NodeType: parse.NodeText, Pos: parse.Pos(from), Text: []byte(text[from:to])})
		}
	}
	at := 0
	for _, r := range porting.References(text, strings.Fields(d.variables), d.dialect == DialectShell) {
		if r.Left {
			continue
		}
		literal(at, r.Start)
		at = r.End
		if r.Bad != "" {
			pos, line := c.at(r.Start)
			w.problems = append(w.problems, &render.Problem{
				Kind: render.KindSyntax, Pos: pos, Line: line, Name: r.Name, Text: fmt.Sprintf("%s cannot be read: %s", text[r.Start:r.End], r.Bad),
				Hint: "set a default in [env:" + r.Name + "], or write a template in slipway's own language",
			})
			continue
		}
		action := parse.New(mainTree)
		action.Mode = parse.SkipFuncCheck
		if _, err := action.Parse(r.Action(), "", "", map[string]*parse.Tree{}); err != nil { // cannot happen
			pos, line := c.at(r.Start)
			w.problems = append(w.problems, &render.Problem{Kind: render.KindSyntax, Pos: pos, Line: line, Name: r.Name, Text: err.Error()})
			continue
		}
		refs := len(c.refs)
		w.list(action.Root)
		for i := refs; i < len(c.refs); i++ {
			c.refs[i].offset = r.Start
		}
		tree.Root.Nodes = append(tree.Root.Nodes, action.Root.Nodes...)
	}
	literal(at, len(text))
	return c, w.problems
}
