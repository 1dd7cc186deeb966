package language

import (
	"fmt"
	"maps"
	"strings"
	"text/template/parse"

	"slipway/render"
)

// An address may be read here and written far away: through a variable of the template, the
// dot of with and range, the argument of a define, a dictionary. Where services.go does not
// see what becomes of it, the template is executed once more with a decoy in its place. What
// then holds the decoy as a whole would have held the address. Who takes it apart by a part
// that stands in the template, or puts it together again, is told from who does neither by
// more decoys: each round has another part of the address changed, and what writes the
// address writes the decoys of all rounds.

// meaning is what a template means by a variable that is called as a port.
type meaning uint8

const (
	unseen meaning = iota // it is not known where the value gets to
	meant                 // a port
	apart                 // the address
)

// decoys are what stands in for addresses in an execution, by the place that reads them.
type decoys struct {
	part part // what is not that of the address
	of   map[decoyPlace]decoy
}

// part is a part of an address.
type part uint8

const (
	theHost part = iota
	theScheme
	thePort
)

type decoyPlace struct {
	file   string
	offset int
	name   string
}

type decoy struct {
	text, real, port string
	frame            *frame
	at               int
}

// carried is an address for a template of which it is not known what it does with it.
func (f *frame) carried(at int, name, text, port string) string {
	f.ex.carries = true
	if f.ex.decoys == nil {
		return text
	}
	place := decoyPlace{f.c.name, f.c.refs[at].offset, name}
	d, known := f.ex.decoys.of[place]
	if !known {
		d = decoy{text: f.ex.decoys.next(text, port), real: text, port: port, frame: f, at: at}
		f.ex.decoys.of[place] = d
	}
	return d.text
}

// next is a decoy for an address, other than those before.
func (d *decoys) next(address, port string) string {
	scheme, rest, _ := strings.Cut(address, "://")
	host := strings.TrimSuffix(rest, ":"+port)
	n := len(d.of)
	if d.part == thePort {
		return fmt.Sprintf("%s://%s:%d", scheme, host, 100000+n) // nothing listens there
	}
	if host = fmt.Sprintf("198.18.%d.%d", n/200, n%200+1); strings.HasPrefix(rest, "[") { // networks of nobody
		host = fmt.Sprintf("[2001:db8::%x]", n+1)
	}
	if d.part == theScheme {
		scheme = "decoy"
	}
	return scheme + "://" + host + ":" + port
}

// named is .Env for who takes variables out of it by their names.
func (f *frame) named(at int, dot any) any {
	env, ok := dot.(Env)
	if !ok {
		return dot
	}
	var out Env
	for _, name := range f.ex.b.addresses {
		text, isText := env[name].(string)
		port, is := IsAddress(name, text)
		if !isText || !is {
			continue
		}
		text = f.carried(at, name, text, port)
		if f.ex.decoys == nil {
			continue
		}
		if out == nil {
			out = maps.Clone(env)
		}
		out[name] = text
	}
	if out == nil {
		return env
	}
	return out
}

// carriedPorts are the addresses that got into the output of an execution as they are.
func (b *builder) carriedPorts(ex *execution, c *compiled, item any, idx int) render.Problems {
	if !ex.carries {
		return nil
	}
	written := b.writtenDecoys(ex, c, item, idx, theHost)
	for _, part := range []part{theScheme, thePort} {
		if len(written) == 0 {
			return nil
		}
		also := b.writtenDecoys(ex, c, item, idx, part)
		maps.DeleteFunc(written, func(place decoyPlace, _ decoy) bool {
			_, ok := also[place]
			return !ok
		})
	}
	var out render.Problems
	for place, d := range written {
		d.frame.ex.problems = nil
		d.frame.noPort(d.at, place.name, d.real, d.port)
		out = append(out, d.frame.ex.problems...)
	}
	sortProblems(out)
	return out
}

func (b *builder) writtenDecoys(ex *execution, c *compiled, item any, idx int, changed part) map[decoyPlace]decoy {
	again := b.execution(ex.dest, item, idx)
	again.decoys = &decoys{part: changed, of: map[decoyPlace]decoy{}}
	text := (&frame{ex: again, c: c}).run(&Scope{ex: again})
	out := map[decoyPlace]decoy{}
	for place, d := range again.decoys.of {
		forms := []string{d.text, strings.ReplaceAll(d.text, ":", `\:`)} // the redactor knows more of them
		if render.NewRedactor(forms).Redact(text) != text {
			out[place] = d
		}
	}
	return out
}

// Who writes the name of a variable beside its value copies the environment, as a file of
// NAME=VALUE lines does, and has it as it is.

// takesByName says whether what reads .Env takes variables out of it, and does not copy it.
func (w *rewriter) takesByName(cmd *parse.CommandNode) bool {
	switch fn := callee(cmd); {
	case w.copies > 0:
		return false
	case fn == "index", fn == "get":
		return len(cmd.Args) < 3 || !w.writesBeside(cmd.Args[2])
	case strings.HasPrefix(fn, "to"), strings.HasPrefix(fn, "mustTo"):
		return false
	default:
		return !w.reg.escapers[fn]
	}
}

// writesBeside says whether the loop around writes an expression.
func (w *rewriter) writesBeside(n parse.Node) bool {
	return len(w.beside) > 0 && w.beside[len(w.beside)-1][n.String()]
}

// expressions are the dots, variables and fields that the actions of a list write.
func expressions(l *parse.ListNode, into map[string]bool) {
	if l == nil {
		return
	}
	for _, n := range l.Nodes {
		if action, ok := n.(*parse.ActionNode); ok && len(action.Pipe.Decl) == 0 {
			operands(action.Pipe, into)
		}
		if _, branch := parts(n); branch != nil {
			expressions(branch.List, into)
			expressions(branch.ElseList, into)
		}
	}
}

func operands(p *parse.PipeNode, into map[string]bool) {
	for _, cmd := range p.Cmds {
		lookup := callee(cmd) == "index" || callee(cmd) == "get"
		for i, arg := range cmd.Args {
			switch arg := arg.(type) {
			case *parse.PipeNode:
				operands(arg, into)
			case *parse.DotNode, *parse.VariableNode, *parse.FieldNode:
				if !lookup || i != 2 {
					into[arg.String()] = true
				}
			}
		}
	}
}

// loop rewrites a range.
func (w *rewriter) loop(n *parse.RangeNode) {
	beside := map[string]bool{}
	expressions(n.List, beside)
	copies := len(n.Pipe.Decl) == 2 && beside[n.Pipe.Decl[0].Ident[0]]
	if copies {
		w.copies++
	}
	w.pipe(n.Pipe, asked)
	if copies {
		w.copies--
	}
	w.beside = append(w.beside, beside)
	w.list(n.List)
	w.beside = w.beside[:len(w.beside)-1]
	w.list(n.ElseList)
}
