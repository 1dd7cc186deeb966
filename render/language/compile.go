package language

import (
	"fmt"
	"sort"
	"strconv"
	"strings"
	"text/template"
	"text/template/parse"

	"slipway/render"
	"slipway/render/pattern"
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
	optional bool    // the value may be absent: it has a default, or is being asked for
	name     string  // the variable, when it is written out
	fallback string  // the default, when it is written out
	fn       string  // the function, "" for .Env.NAME
	whole    bool    // .Env itself; no call has this place
	must     bool    // an argument of required, which reports its absence in its own words
	port     meaning // what is meant, if the variable is called as a port
	cond     bool    // a condition of if asks for the variable alone
	path     string  // what a chain of fields starts from, as it is written: ".Data.app"
}

// Hidden names. text/template calls only what is named as an identifier, and so must
// these be; the mark is a letter that no name of a template begins with.
const (
	hiddenMark = "ǃ"
	envField   = hiddenMark + "env"     // .Env.NAME
	fieldPath  = hiddenMark + "field"   // .a.b, $a.b and (…).b
	written    = hiddenMark + "written" // what an action writes
	envNamed   = hiddenMark + "named"   // .Env for who takes variables out of it

	mainTree = hiddenMark // the text outside of every define
)

// absence says what may become of a value that is not there.
type absence uint8

const (
	needed    absence = iota // it must be there
	asked                    // a condition asks whether it is
	defaulted                // a default takes its place, or required reports it
)

// parseError finds the line in an error of text/template/parse, which has it
// only as text: "template: NAME:LINE: MESSAGE". The name is always ours.
var parseError = pattern.Lazy(`(?s)^template: ` + mainTree + `:(\d+)(?::(\d+))?: (.*)$`)

var environName = pattern.Lazy(`^[A-Z][A-Z0-9_]*$`)

// compile parses text and rewrites it. Its problems have no Dest yet.
func compile(name, text string, d delims, reg *registry) (*compiled, render.Problems) {
	if d.dialect != "" {
		return compileEnvsubst(name, text, d, reg)
	}
	c := &compiled{name: name, text: text, trees: map[string]*parse.Tree{}, used: map[string]int{}}
	problems := c.parsed(d)
	if c.trees == nil {
		return nil, problems
	}
	w := newRewriter(c, reg)
	w.problems = problems
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

// syntaxProblem is what a parser says about text, which is that of the template but for
// actions that were taken out. next is the text to go on with, without the action taken, ""
// if there is none.
func (c *compiled) syntaxProblem(text string, err error, d delims) (p *render.Problem, next, taken string) {
	p = &render.Problem{Kind: render.KindSyntax, Pos: render.Pos{File: c.name}, Text: err.Error()}
	m := parseError.FindStringSubmatch(err.Error())
	if m == nil {
		return p, "", ""
	}
	p.Pos.Line, _ = strconv.Atoi(m[1])
	p.Line = lineNumber(c.text, p.Pos.Line)
	p.Text = m[3]
	left, right := d.both()
	if a, without, ok := mistaken(text, p.Pos.Line, err, d); ok {
		next, taken = without, text[a.start:a.end]
		p.Pos, p.Line = c.at(columnIn(text, a, p.Text))
	} else if a, word, ok := unclosed(text, left, right); ok && strings.Contains(p.Text, "unexpected EOF") {
		next = text + left + "end" + right
		p.Pos, p.Line = c.at(a.start)
		p.Text = "nothing closes this " + word
	} else if i := strings.LastIndex(p.Line, left); i >= 0 {
		p.Pos.Col = i + 1
	}
	if m := openedAt.FindStringSubmatch(p.Text); m != nil { // the parser looks from the end of the file
		if line, _ := strconv.Atoi(m[1]); line != p.Pos.Line {
			p.Pos, p.Line = c.at(max(strings.LastIndex(c.upTo(line), left), 0))
		}
	}
	action := taken
	if action == "" {
		action = strings.TrimSpace(p.Line)
		if i := strings.LastIndex(action, left); i >= 0 {
			action = action[i:]
		}
	}
	p.Text, p.Hint = parserWords(p.Text), slipHint(m[3], standard(action, left, right))
	return p, next, taken
}

// standard is an action in the delimiters that hints speak of.
func standard(action, left, right string) string {
	if rest, ok := strings.CutPrefix(action, left); ok {
		action = "{{" + rest
	}
	if rest, ok := strings.CutSuffix(action, right); ok {
		action = rest + "}}"
	}
	return action
}

// upTo is the text up to the end of a line.
func (c *compiled) upTo(line int) string {
	lines := strings.SplitAfterN(c.text, "\n", line+1)
	return strings.Join(lines[:min(line, len(lines))], "")
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
			if hint := spokenElsewhere(c.text, name, offset); hint != "" {
				p.Hint = hint
			} else if hint := spelledHere(c.text, name, offset); hint != "" {
				p.Hint = hint
			} else if environName.MatchString(name) {
				p.Hint = "a variable of the environment is .Env." + name
			} else if n := sources.Nearest(name, reg.names()); n != "" && isMeant(name, n, c.text[offset+len(name):]) {
				p.Hint = fmt.Sprintf("did you mean %s?", n)
			}
		}
		out = append(out, p)
	}
	return out
}

// template makes an executable template with the functions that it uses.
func (c *compiled) template(funcs template.FuncMap) (*template.Template, error) {
	t := template.New(mainTree).Funcs(funcs).Option("missingkey=error")
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
	asPort   map[parse.Node]meaning // of reads of variables that are called as ports
	beside   []map[string]bool      // what the loops around write
	copies   int                    // within the pipeline of a loop that copies the environment
	asked    map[parse.Node]bool    // reads that are the condition of an if
}

func newRewriter(c *compiled, reg *registry) *rewriter {
	return &rewriter{c: c, reg: reg, asPort: map[parse.Node]meaning{}, asked: map[parse.Node]bool{}}
}

func (w *rewriter) list(l *parse.ListNode) {
	if l == nil {
		return
	}
	for _, n := range l.Nodes {
		switch n := n.(type) {
		case *parse.ActionNode:
			if len(n.Pipe.Decl) == 0 {
				w.ports(n.Pipe, meant)
			}
			w.pipe(n.Pipe, needed)
			w.written(n.Pipe)
		case *parse.IfNode:
			w.conditions(n.Pipe)
			w.branch(&n.BranchNode)
		case *parse.WithNode:
			w.branch(&n.BranchNode)
		case *parse.RangeNode:
			w.loop(n)
		case *parse.TemplateNode:
			w.pipe(n.Pipe, needed)
		case *parse.ListNode:
			w.list(n)
		}
	}
}

// branch rewrites if and with. Their conditions ask whether a value is
// there, so it may be absent.
func (w *rewriter) branch(b *parse.BranchNode) {
	w.pipe(b.Pipe, asked)
	w.list(b.List)
	w.list(b.ElseList)
}

// written lets the result of an action pass [printed]. A variable alone is a text.
func (w *rewriter) written(p *parse.PipeNode) {
	if len(p.Decl) > 0 {
		return
	}
	if last := p.Cmds[len(p.Cmds)-1]; len(last.Args) == 1 {
		if inner, ok := last.Args[0].(*parse.PipeNode); ok && callee(inner.Cmds[0]) == envField && len(inner.Cmds) == 1 {
			return
		}
	}
	w.note(written, int(p.Pos))
	p.Cmds = append(p.Cmds, &parse.CommandNode{
		NodeType: parse.NodeCommand, Pos: p.Pos,
		Args: []parse.Node{&parse.IdentifierNode{NodeType: parse.NodeIdentifier, Pos: p.Pos, Ident: written}},
	})
}

// pipe rewrites a pipeline.
func (w *rewriter) pipe(p *parse.PipeNode, optional absence) {
	if p == nil {
		return
	}
	w.ports(p, unseen)
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
		w.command(cmd, opt, fallback, i > 0)
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

// toleratesAbsence says what a function makes of an argument that is not there.
func toleratesAbsence(fn string, reg *registry) absence {
	switch fn {
	case "default", "required":
		return defaulted
	case "coalesce", "empty":
		return asked
	}
	if f := reg.ours[fn]; f != nil && f.Absent {
		return asked
	}
	return needed
}

// command rewrites one command of a pipeline. optional is about its value; piped says that
// it gets the value of the one before.
func (w *rewriter) command(cmd *parse.CommandNode, optional absence, fallback string, piped bool) {
	w.literals(cmd)
	fn := callee(cmd)
	if fn == "" {
		w.method(cmd, optional, fallback, piped)
		return
	}
	// index .Env "NAME" is .Env.NAME in other words.
	if fn == "index" && len(cmd.Args) == 3 && isEnv(cmd.Args[1]) {
		if s, ok := cmd.Args[2].(*parse.StringNode); ok {
			cmd.Args = w.envCall(cmd, int(cmd.Position()), dollarOrDot(cmd.Args[1]), s.Text, optional != needed, fallback, "index")
			return
		}
	}
	w.note(fn, int(cmd.Args[0].Position()))
	if !w.takesByName(cmd) {
		w.copies++
		defer func() { w.copies-- }()
	}
	absent := toleratesAbsence(fn, w.reg)
	before, argFallback := len(w.c.refs), ""
	if fn == "default" && len(cmd.Args) == 3 {
		argFallback = literal(cmd.Args[1])
	}
	for i := 1; i < len(cmd.Args); i++ {
		opt := absent
		switch fn {
		case "or":
			opt = optional
			if i < len(cmd.Args)-1 {
				opt = max(opt, asked)
			}
		case "and", "not":
			opt = optional
		}
		cmd.Args[i] = w.arg(cmd.Args[i], opt, argFallback)
	}
	if fn == "required" {
		w.must(before)
	}
	if f := w.reg.ours[fn]; f != nil && f.Located {
		r := ref{port: w.asPort[cmd], offset: int(cmd.Position()), optional: optional == defaulted || optional == asked && !f.Required, fn: fn, fallback: fallback}
		if strings.HasPrefix(fn, "env") && fn != "env" && f.Reads == readsVariableOr { // a typed accessor
			r.port = meant
		}
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
func (w *rewriter) arg(n parse.Node, optional absence, fallback string) parse.Node {
	if isEnv(n) {
		r := ref{offset: int(n.Position()), whole: true, optional: true}
		if w.copies > 0 {
			w.c.refs = append(w.c.refs, r)
			return n
		}
		w.note(envNamed, r.offset)
		cmd := &parse.CommandNode{NodeType: parse.NodeCommand, Pos: n.Position(), Args: []parse.Node{
			&parse.IdentifierNode{NodeType: parse.NodeIdentifier, Pos: n.Position(), Ident: envNamed}, w.place(r), n,
		}}
		return &parse.PipeNode{NodeType: parse.NodePipe, Pos: n.Position(), Cmds: []*parse.CommandNode{cmd}}
	}
	switch n := n.(type) {
	case *parse.FieldNode:
		if len(n.Ident) >= 2 && n.Ident[0] == "Env" {
			// The parser places a chain of fields at its second element.
			n.Pos -= parse.Pos(len(".") + len(n.Ident[0]))
			dot := &parse.DotNode{NodeType: parse.NodeDot, Pos: n.Pos}
			return w.envRead(n, dot, n.Ident[1], n.Ident[2:], optional, fallback)
		}
		if len(n.Ident) >= 2 {
			n.Pos -= parse.Pos(len(".") + len(n.Ident[0]))
		}
		return w.fields(n.Pos, &parse.DotNode{NodeType: parse.NodeDot, Pos: n.Pos}, "", n.Ident, optional)
	case *parse.VariableNode:
		if len(n.Ident) >= 3 && n.Ident[0] == "$" && n.Ident[1] == "Env" {
			n.Pos -= parse.Pos(len(n.Ident[0]))
			root := &parse.VariableNode{NodeType: parse.NodeVariable, Pos: n.Pos, Ident: n.Ident[:1]}
			return w.envRead(n, root, n.Ident[2], n.Ident[3:], optional, fallback)
		}
		if len(n.Ident) >= 2 {
			n.Pos -= parse.Pos(len(n.Ident[0]))
			root := &parse.VariableNode{NodeType: parse.NodeVariable, Pos: n.Pos, Ident: n.Ident[:1]}
			return w.fields(n.Pos, root, n.Ident[0], n.Ident[1:], optional)
		}
	case *parse.PipeNode:
		w.pipe(n, optional)
	case *parse.ChainNode:
		return w.fields(n.Pos, w.arg(n.Node, optional, ""), "(…)", n.Field, optional)
	case *parse.IdentifierNode: // a function without arguments
		w.note(n.Ident, int(n.Pos))
		if f := w.reg.ours[n.Ident]; f != nil && f.Located {
			cmd := &parse.CommandNode{NodeType: parse.NodeCommand, Pos: n.Pos, Args: []parse.Node{n, w.place(ref{offset: int(n.Pos), fn: n.Ident})}}
			return &parse.PipeNode{NodeType: parse.NodePipe, Pos: n.Pos, Cmds: []*parse.CommandNode{cmd}}
		}
	}
	return n
}

// method rewrites a command that is no call of a function. With arguments it is a method,
// which text/template has to call: what it is called on is rewritten.
func (w *rewriter) method(cmd *parse.CommandNode, optional absence, fallback string, piped bool) {
	for i := 1; i < len(cmd.Args); i++ {
		cmd.Args[i] = w.arg(cmd.Args[i], needed, "")
	}
	if len(cmd.Args) == 1 && !piped {
		cmd.Args[0] = w.arg(cmd.Args[0], optional, fallback)
		return
	}
	switch n := cmd.Args[0].(type) {
	case *parse.FieldNode:
		if last := len(n.Ident) - 1; last > 0 {
			on := &parse.FieldNode{NodeType: parse.NodeField, Pos: n.Pos, Ident: n.Ident[:last]}
			cmd.Args[0] = &parse.ChainNode{NodeType: parse.NodeChain, Pos: n.Pos, Node: w.arg(on, needed, ""), Field: n.Ident[last:]}
		}
	case *parse.VariableNode:
		if last := len(n.Ident) - 1; last > 1 {
			on := &parse.VariableNode{NodeType: parse.NodeVariable, Pos: n.Pos, Ident: n.Ident[:last]}
			cmd.Args[0] = &parse.ChainNode{NodeType: parse.NodeChain, Pos: n.Pos, Node: w.arg(on, needed, ""), Field: n.Ident[last:]}
		}
	case *parse.ChainNode:
		if last := len(n.Field) - 1; last > 0 {
			on := &parse.ChainNode{NodeType: parse.NodeChain, Pos: n.Pos, Node: n.Node, Field: n.Field[:last]}
			cmd.Args[0] = &parse.ChainNode{NodeType: parse.NodeChain, Pos: n.Pos, Node: w.arg(on, needed, ""), Field: n.Field[last:]}
			return
		}
		n.Node = w.arg(n.Node, needed, "")
	default:
		cmd.Args[0] = w.arg(n, needed, "")
	}
}

// fields is a chain of fields of base as a call of the hidden function that takes them.
// path is base as it is written.
func (w *rewriter) fields(pos parse.Pos, base parse.Node, path string, names []string, optional absence) parse.Node {
	w.c.used[fieldPath] = int(pos)
	at := w.place(ref{offset: int(pos), optional: optional != needed, fn: fieldPath, path: path})
	args := []parse.Node{&parse.IdentifierNode{NodeType: parse.NodeIdentifier, Pos: pos, Ident: fieldPath}, at, base}
	for _, name := range names {
		args = append(args, &parse.StringNode{NodeType: parse.NodeString, Pos: pos, Quoted: strconv.Quote(name), Text: name})
	}
	cmd := &parse.CommandNode{NodeType: parse.NodeCommand, Pos: pos, Args: args}
	return &parse.PipeNode{NodeType: parse.NodePipe, Pos: pos, Cmds: []*parse.CommandNode{cmd}}
}

func (w *rewriter) envRead(n parse.Node, dot parse.Node, name string, rest []string, optional absence, fallback string) parse.Node {
	cmd := &parse.CommandNode{
		NodeType: parse.NodeCommand, Pos: n.Position(),
		Args: w.envCall(n, int(n.Position()), dot, name, optional != needed, fallback, ""),
	}
	pipe := &parse.PipeNode{NodeType: parse.NodePipe, Pos: n.Position(), Cmds: []*parse.CommandNode{cmd}}
	if len(rest) == 0 {
		return pipe
	}
	return w.fields(n.Position(), pipe, ".Env."+name, rest, optional)
}

func (w *rewriter) envCall(n parse.Node, offset int, dot parse.Node, name string, optional bool, fallback, fn string) []parse.Node {
	w.c.used[envField] = offset
	pos := parse.Pos(offset)
	return []parse.Node{
		&parse.IdentifierNode{NodeType: parse.NodeIdentifier, Pos: pos, Ident: envField},
		w.place(ref{offset: offset, optional: optional, name: name, fallback: fallback, fn: fn, port: w.asPort[n], cond: w.asked[n]}),
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

// builtins are the functions that are text/template's own: neither index, which has to
// report missing keys, nor what writes text (printed.go), nor slice, which is sprig's.
var builtins = map[string]bool{
	"and": true, "or": true, "not": true, "call": true, "len": true,
	"eq": true, "ge": true, "gt": true, "le": true, "lt": true, "ne": true,
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
