package language

import (
	"fmt"
	"regexp"
	"sort"
	"strconv"
	"strings"
	"text/template"
	"text/template/parse"

	"slipway/render"
	"slipway/sources"
)

// A compiled template is a parsed one in which every way of reading a
// variable, .Env.NAME among them, has become a call of a function that knows
// its place. That is what makes it possible to report all missing variables
// with line and column in one run, to know which values went into which file,
// and to hand text/template only the functions that are used.
type compiled struct {
	name  string // as errors show it
	text  string
	trees map[string]*parse.Tree // the main one and those of its define actions
	refs  []ref
	used  map[string]int // functions, with the offset of their first use
}

// ref is a call that knows its place; the index into compiled.refs is handed
// to the function as a hidden first argument.
type ref struct {
	offset   int
	optional bool   // the value may be absent: it has a default, or is being asked for
	name     string // the variable, when it is written out
	fallback string // the default, when it is written out
	fn       string // the function, "" for .Env.NAME
	whole    bool   // .Env itself; no call has this place
	must     bool   // an argument of required, which reports its absence in its own words
}

// The hidden function behind .Env.NAME.
const envField = "slipway_env_field"

// parseError finds the line in an error of text/template/parse, which has it
// only as text: "template: NAME:LINE: MESSAGE". The name is always ours.
var parseError = regexp.MustCompile(`(?s)^template: t:(\d+)(?::(\d+))?: (.*)$`)

// compile parses text and rewrites it. Its problems have no Dest yet.
func compile(name, text string, d delims, reg *registry) (*compiled, render.Problems) {
	c := &compiled{name: name, text: text, trees: map[string]*parse.Tree{}, used: map[string]int{}}
	tree := parse.New("t")
	tree.Mode = parse.SkipFuncCheck
	if _, err := tree.Parse(text, d.left, d.right, c.trees); err != nil {
		return nil, render.Problems{c.syntaxProblem(err)}
	}
	if _, ok := c.trees["t"]; !ok {
		c.trees["t"] = tree // empty templates are not added by Parse
	}
	w := rewriter{c: c, reg: reg}
	names := make([]string, 0, len(c.trees))
	for n := range c.trees {
		names = append(names, n)
	}
	sort.Strings(names)
	for _, n := range names {
		w.list(c.trees[n].Root)
	}
	w.problems = append(w.problems, c.unknownFunctions(reg)...)
	return c, w.problems
}

func (c *compiled) syntaxProblem(err error) *render.Problem {
	p := &render.Problem{Kind: render.KindSyntax, Pos: render.Pos{File: c.name}, Text: err.Error()}
	m := parseError.FindStringSubmatch(err.Error())
	if m == nil {
		return p
	}
	p.Pos.Line, _ = strconv.Atoi(m[1])
	p.Line = lineNumber(c.text, p.Pos.Line)
	p.Text = m[3]
	switch {
	case strings.Contains(p.Text, "unexpected EOF"):
		p.Hint = "an {{ if }}, {{ range }}, {{ with }} or {{ define }} has no {{ end }}"
	case strings.Contains(p.Text, "unexpected \"}\""), strings.Contains(p.Text, "unclosed action"):
		p.Hint = "an action is closed by }} on the same line"
	case strings.Contains(p.Text, "undefined variable"):
		p.Hint = "template variables are set by {{ $name := … }} before they are used; environment variables are .Env.NAME"
	}
	return p
}

func (c *compiled) at(offset int) (render.Pos, string) {
	line, col, source := render.LineAt(c.text, offset)
	return render.Pos{File: c.name, Line: line, Col: col}, source
}

// unknownFunctions reports every function that does not exist or is refused.
func (c *compiled) unknownFunctions(reg *registry) render.Problems {
	var out render.Problems
	for name, offset := range c.used {
		if reg.has(name) {
			continue
		}
		pos, line := c.at(offset)
		p := &render.Problem{Kind: render.KindSyntax, Pos: pos, Line: line, Name: name}
		if why, refused := reg.refused[name]; refused {
			p.Text = fmt.Sprintf("the function %s is not available: %s", name, why.reason)
			p.Hint = why.instead
		} else {
			p.Text = fmt.Sprintf("there is no function %s", name)
			if hint := spelledHere(c.text, name, offset); hint != "" {
				p.Hint = hint
			} else if n := sources.Nearest(name, reg.names()); n != "" {
				p.Hint = fmt.Sprintf("did you mean %s?", n)
			}
		}
		out = append(out, p)
	}
	return out
}

// template makes an executable template with the functions that it uses.
func (c *compiled) template(funcs template.FuncMap) (*template.Template, error) {
	t := template.New("t").Funcs(funcs).Option("missingkey=error")
	for name, tree := range c.trees {
		if _, err := t.AddParseTree(name, tree); err != nil {
			return nil, err
		}
	}
	return t, nil
}

// rewriter walks the trees of one template.
type rewriter struct {
	c        *compiled
	reg      *registry
	problems render.Problems
}

func (w *rewriter) list(l *parse.ListNode) {
	if l == nil {
		return
	}
	for _, n := range l.Nodes {
		switch n := n.(type) {
		case *parse.ActionNode:
			w.pipe(n.Pipe, false)
		case *parse.IfNode:
			w.branch(&n.BranchNode)
		case *parse.WithNode:
			w.branch(&n.BranchNode)
		case *parse.RangeNode:
			w.branch(&n.BranchNode)
		case *parse.TemplateNode:
			w.pipe(n.Pipe, false)
		case *parse.ListNode:
			w.list(n)
		}
	}
}

// branch rewrites if, with and range. Their conditions ask whether a value is
// there, so it may be absent.
func (w *rewriter) branch(b *parse.BranchNode) {
	w.pipe(b.Pipe, true)
	w.list(b.List)
	w.list(b.ElseList)
}

// pipe rewrites a pipeline. optional says that its value may be absent.
func (w *rewriter) pipe(p *parse.PipeNode, optional bool) {
	if p == nil {
		return
	}
	for i, cmd := range p.Cmds {
		opt := optional
		fallback := ""
		if i+1 < len(p.Cmds) {
			next := p.Cmds[i+1]
			fn := callee(next)
			opt = toleratesAbsence(fn, w.reg)
			if fn == "default" && len(next.Args) == 2 {
				fallback = literal(next.Args[1])
			}
		}
		before := len(w.c.refs)
		w.command(cmd, opt, fallback)
		if i+1 < len(p.Cmds) && callee(p.Cmds[i+1]) == "required" {
			w.must(before)
		}
	}
}

func (w *rewriter) must(from int) {
	for i := from; i < len(w.c.refs); i++ {
		w.c.refs[i].must = true
	}
}

func callee(cmd *parse.CommandNode) string {
	if id, ok := cmd.Args[0].(*parse.IdentifierNode); ok {
		return id.Ident
	}
	return ""
}

func toleratesAbsence(fn string, reg *registry) bool {
	switch fn {
	case "default", "coalesce", "empty":
		return true
	}
	f := reg.ours[fn]
	return f != nil && f.Absent
}

// command rewrites one command of a pipeline. optional is about its value.
func (w *rewriter) command(cmd *parse.CommandNode, optional bool, fallback string) {
	fn := callee(cmd)
	if fn == "" {
		for i, a := range cmd.Args {
			cmd.Args[i] = w.arg(a, optional && len(cmd.Args) == 1, fallback)
		}
		return
	}
	// index .Env "NAME" is .Env.NAME in other words.
	if fn == "index" && len(cmd.Args) == 3 && isEnv(cmd.Args[1]) {
		if s, ok := cmd.Args[2].(*parse.StringNode); ok {
			cmd.Args = w.envCall(int(cmd.Position()), dollarOrDot(cmd.Args[1]), s.Text, optional, fallback, "index")
			return
		}
	}
	w.note(fn, int(cmd.Args[0].Position()))
	absent := toleratesAbsence(fn, w.reg)
	before, argFallback := len(w.c.refs), ""
	if fn == "default" && len(cmd.Args) == 3 {
		argFallback = literal(cmd.Args[1])
	}
	for i := 1; i < len(cmd.Args); i++ {
		opt := absent
		switch fn {
		case "or":
			opt = optional || i < len(cmd.Args)-1
		case "and", "not":
			opt = optional
		}
		cmd.Args[i] = w.arg(cmd.Args[i], opt, argFallback)
	}
	if fn == "required" {
		w.must(before)
	}
	if f := w.reg.ours[fn]; f != nil && f.Located {
		r := ref{offset: int(cmd.Position()), optional: optional, fn: fn, fallback: fallback}
		if f.Reads != readsNothing && len(cmd.Args) > 1 {
			r.name = literal(cmd.Args[1])
			if s, ok := cmd.Args[1].(*parse.StringNode); ok {
				r.name = s.Text
			}
			if f.Reads == readsVariableOr && len(cmd.Args) > 2 {
				r.optional, r.fallback = true, literal(cmd.Args[2])
			}
			if fn == "required" {
				r.name = ""
			}
		}
		cmd.Args = append([]parse.Node{cmd.Args[0], w.place(r)}, cmd.Args[1:]...)
	}
}

func (w *rewriter) note(fn string, offset int) {
	if _, seen := w.c.used[fn]; !seen && !builtins[fn] {
		w.c.used[fn] = offset
	}
}

// place records r and returns the hidden argument that names it.
func (w *rewriter) place(r ref) parse.Node {
	w.c.refs = append(w.c.refs, r)
	n := len(w.c.refs) - 1
	return &parse.NumberNode{NodeType: parse.NodeNumber, Pos: parse.Pos(r.offset), IsInt: true, Int64: int64(n), Text: strconv.Itoa(n)}
}

// arg rewrites an operand.
func (w *rewriter) arg(n parse.Node, optional bool, fallback string) parse.Node {
	if isEnv(n) {
		w.c.refs = append(w.c.refs, ref{offset: int(n.Position()), whole: true, optional: true})
		return n
	}
	switch n := n.(type) {
	case *parse.FieldNode:
		if len(n.Ident) >= 2 && n.Ident[0] == "Env" {
			// The parser places a chain of fields at its second element.
			n.Pos -= parse.Pos(len(".") + len(n.Ident[0]))
			dot := &parse.DotNode{NodeType: parse.NodeDot, Pos: n.Pos}
			return w.envRead(n, dot, n.Ident[1], n.Ident[2:], optional, fallback)
		}
	case *parse.VariableNode:
		if len(n.Ident) >= 3 && n.Ident[0] == "$" && n.Ident[1] == "Env" {
			n.Pos -= parse.Pos(len(n.Ident[0]))
			root := &parse.VariableNode{NodeType: parse.NodeVariable, Pos: n.Pos, Ident: n.Ident[:1]}
			return w.envRead(n, root, n.Ident[2], n.Ident[3:], optional, fallback)
		}
	case *parse.PipeNode:
		w.pipe(n, optional)
	case *parse.ChainNode:
		n.Node = w.arg(n.Node, false, "")
	case *parse.IdentifierNode: // a function without arguments
		w.note(n.Ident, int(n.Pos))
		if f := w.reg.ours[n.Ident]; f != nil && f.Located {
			cmd := &parse.CommandNode{NodeType: parse.NodeCommand, Pos: n.Pos, Args: []parse.Node{n, w.place(ref{offset: int(n.Pos), fn: n.Ident})}}
			return &parse.PipeNode{NodeType: parse.NodePipe, Pos: n.Pos, Cmds: []*parse.CommandNode{cmd}}
		}
	}
	return n
}

func (w *rewriter) envRead(n parse.Node, dot parse.Node, name string, rest []string, optional bool, fallback string) parse.Node {
	cmd := &parse.CommandNode{
		NodeType: parse.NodeCommand, Pos: n.Position(),
		Args: w.envCall(int(n.Position()), dot, name, optional, fallback, ""),
	}
	pipe := &parse.PipeNode{NodeType: parse.NodePipe, Pos: n.Position(), Cmds: []*parse.CommandNode{cmd}}
	if len(rest) == 0 {
		return pipe
	}
	return &parse.ChainNode{NodeType: parse.NodeChain, Pos: n.Position(), Node: pipe, Field: rest}
}

func (w *rewriter) envCall(offset int, dot parse.Node, name string, optional bool, fallback, fn string) []parse.Node {
	w.c.used[envField] = offset
	pos := parse.Pos(offset)
	return []parse.Node{
		&parse.IdentifierNode{NodeType: parse.NodeIdentifier, Pos: pos, Ident: envField},
		w.place(ref{offset: offset, optional: optional, name: name, fallback: fallback, fn: fn}),
		dot,
		&parse.StringNode{NodeType: parse.NodeString, Pos: pos, Quoted: strconv.Quote(name), Text: name},
	}
}

// isEnv says whether n is .Env or $.Env.
func isEnv(n parse.Node) bool {
	switch n := n.(type) {
	case *parse.FieldNode:
		return len(n.Ident) == 1 && n.Ident[0] == "Env"
	case *parse.VariableNode:
		return len(n.Ident) == 2 && n.Ident[0] == "$" && n.Ident[1] == "Env"
	}
	return false
}

func dollarOrDot(n parse.Node) parse.Node {
	if v, ok := n.(*parse.VariableNode); ok {
		return &parse.VariableNode{NodeType: parse.NodeVariable, Pos: v.Pos, Ident: v.Ident[:1]}
	}
	return &parse.DotNode{NodeType: parse.NodeDot, Pos: n.Position()}
}

// literal returns a constant operand as it would print, "" for others.
func literal(n parse.Node) string {
	switch n := n.(type) {
	case *parse.StringNode:
		return n.Text
	case *parse.NumberNode:
		return n.Text
	case *parse.BoolNode:
		return strconv.FormatBool(n.True)
	}
	return ""
}

// builtins are text/template's own functions, index and slice apart: those we
// bring ourselves, because a missing key must not be silent.
var builtins = map[string]bool{
	"and": true, "or": true, "not": true, "call": true, "html": true, "js": true, "len": true, "print": true, "printf": true,
	"println": true, "urlquery": true, "eq": true, "ge": true, "gt": true, "le": true, "lt": true, "ne": true,
}

// lineNumber returns line n of text, counted from 1.
func lineNumber(text string, n int) string {
	for ; n > 1; n-- {
		i := strings.IndexByte(text, '\n')
		if i < 0 {
			return ""
		}
		text = text[i+1:]
	}
	if i := strings.IndexByte(text, '\n'); i >= 0 {
		text = text[:i]
	}
	return strings.TrimSuffix(text, "\r")
}
