package language

import (
	"errors"
	"regexp"
	"slices"
	"strings"
	"text/template/parse"

	"slipway/render"
)

// text/template ends at the first action that fails. So that one report holds every mistake
// of a template, it is then executed again without that action, until nothing fails. What it
// writes is of no use by then; only its problems are.

// mostResumed bounds how often a template is executed again.
const mostResumed = 100

// stopped says whether the author, or a bound, has ended the template, so that nothing after
// it is to be looked at.
func stopped(err error, text string) bool {
	return errors.Is(err, errTooLong) || strings.HasPrefix(text, "error calling fail:") || strings.HasPrefix(text, "exceeded maximum template depth")
}

// executed is one try: the text, and whether the template ran to its end. What failed is
// recorded, and without is the template to go on with, nil where there is none.
func (f *frame) executed(c *compiled, dot any) (text string, without *compiled) {
	funcs, err := f.functions()
	var out output
	if err == nil {
		t, terr := c.template(funcs)
		if err = terr; err == nil {
			out.Grow(len(c.text) + len(c.text)/4)
			if err = t.Execute(&out, dot); err == nil {
				return out.String(), nil
			}
		}
	}
	m := execErrorText.FindStringSubmatch(err.Error())
	f.executionError(err, m)
	if m == nil || f.ex.canary || stopped(err, m[4]) {
		return "", nil
	}
	return "", f.without(c, offsetOf(c.text, m[1], m[2]))
}

// without returns c without the action at an offset, nil if there is none. What the action
// declares is empty then, and what is said of it follows from its failure.
func (f *frame) without(c *compiled, offset int) *compiled {
	d := dropper{offset: parse.Pos(offset)}
	for _, tree := range c.trees {
		d.find(tree.Root)
	}
	if d.pipe == nil {
		return nil
	}
	for _, v := range d.pipe.Decl {
		f.ex.lost = append(f.ex.lost, v.Ident[0])
	}
	out := *c
	out.trees = make(map[string]*parse.Tree, len(c.trees))
	for name, tree := range c.trees {
		copied := *tree
		copied.Root = d.list(tree.Root)
		out.trees[name] = &copied
	}
	return &out
}

// lostIn says whether a source line uses a template variable whose declaration failed.
func (ex *execution) lostIn(line string) bool {
	return slices.ContainsFunc(ex.lost, func(name string) bool {
		return regexp.MustCompile(regexp.QuoteMeta(name) + `\b`).MatchString(line)
	})
}

// dropper takes one action out of trees. It changes no node: trees are shared.
type dropper struct {
	offset parse.Pos
	pipe   *parse.PipeNode // the last one that begins before the offset
}

func (d *dropper) find(l *parse.ListNode) {
	if l == nil {
		return
	}
	for _, n := range l.Nodes {
		pipe, branch := parts(n)
		if pipe != nil && pipe.Pos <= d.offset && (d.pipe == nil || pipe.Pos > d.pipe.Pos) {
			d.pipe = pipe
		}
		if branch != nil {
			d.find(branch.List)
			d.find(branch.ElseList)
		}
	}
}

// parts are the pipeline of a node and what stands within it, nil where it has none.
func parts(n parse.Node) (*parse.PipeNode, *parse.BranchNode) {
	switch n := n.(type) {
	case *parse.ActionNode:
		return n.Pipe, nil
	case *parse.TemplateNode:
		return n.Pipe, nil
	case *parse.IfNode:
		return n.Pipe, &n.BranchNode
	case *parse.WithNode:
		return n.Pipe, &n.BranchNode
	case *parse.RangeNode:
		return n.Pipe, &n.BranchNode
	}
	return nil, nil
}

func (d *dropper) list(l *parse.ListNode) *parse.ListNode {
	if l == nil {
		return nil
	}
	out := *l
	out.Nodes = make([]parse.Node, 0, len(l.Nodes))
	for _, n := range l.Nodes {
		if pipe, branch := parts(n); pipe != nil && pipe == d.pipe {
			out.Nodes = append(out.Nodes, d.instead(n, pipe, branch)...)
			continue
		}
		switch n := n.(type) {
		case *parse.IfNode:
			copied := *n
			copied.List, copied.ElseList = d.list(n.List), d.list(n.ElseList)
			out.Nodes = append(out.Nodes, &copied)
		case *parse.WithNode:
			copied := *n
			copied.List, copied.ElseList = d.list(n.List), d.list(n.ElseList)
			out.Nodes = append(out.Nodes, &copied)
		case *parse.RangeNode:
			copied := *n
			copied.List, copied.ElseList = d.list(n.List), d.list(n.ElseList)
			out.Nodes = append(out.Nodes, &copied)
		default:
			out.Nodes = append(out.Nodes, n)
		}
	}
	return &out
}

// instead is what stands in the place of a node that failed: its declarations, and of an if
// both branches, of with and range, whose dot is not known, the else.
func (d *dropper) instead(n parse.Node, pipe *parse.PipeNode, branch *parse.BranchNode) []parse.Node {
	var out []parse.Node
	_, loop := n.(*parse.RangeNode)
	if len(pipe.Decl) > 0 && !pipe.IsAssign && !loop {
		out = append(out, emptyDeclaration(pipe))
	}
	if branch == nil {
		return out
	}
	if _, both := n.(*parse.IfNode); both && branch.List != nil {
		out = append(out, branch.List.Nodes...)
	}
	if branch.ElseList != nil {
		out = append(out, branch.ElseList.Nodes...)
	}
	return out
}

// emptyDeclaration declares the variables of a pipeline as "".
func emptyDeclaration(pipe *parse.PipeNode) parse.Node {
	empty := &parse.StringNode{NodeType: parse.NodeString, Pos: pipe.Pos, Quoted: `""`}
	cmd := &parse.CommandNode{NodeType: parse.NodeCommand, Pos: pipe.Pos, Args: []parse.Node{empty}}
	return &parse.ActionNode{NodeType: parse.NodeAction, Pos: pipe.Pos, Line: pipe.Line, Pipe: &parse.PipeNode{
		NodeType: parse.NodePipe, Pos: pipe.Pos, Line: pipe.Line, Decl: pipe.Decl, Cmds: []*parse.CommandNode{cmd},
	}}
}

// tooManyMistakes says that a template was not looked at to its end.
func (f *frame) tooManyMistakes() {
	f.problem(&render.Problem{
		Kind: render.KindExecute, Pos: render.Pos{File: f.c.name}, Text: "the rest of the template has not been looked at: it has too many mistakes", Hint: "mend these first",
	})
}
