package porting

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"slipway/render"
)

// Ported is a template of another tool in our spelling.
type Ported struct {
	Text string
	// Notes are the places that a person has to look at: calls that have no
	// mechanical equivalent, which are left as they were, and differences.
	Notes []Note
}

// Note is one place that was not converted, or that was converted with a difference.
type Note struct {
	Pos  render.Pos
	Call string // as written
	Text string
}

func (n Note) String() string { return fmt.Sprintf("%s: %s: %s", n.Pos, n.Call, n.Text) }

// Options say what a template does not say itself.
type Options struct {
	Prefix      string // of the keys, as in a resource of confd
	Left, Right string // the delimiters of actions; "" is {{ and }}
	// Variables limits what envsubst replaces, and Shell reads ${NAME:-word} as a shell does.
	Variables []string
	Shell     bool
}

// Text converts the calls of a template that mean something else here, or are spelled
// otherwise. What is no call stays to the byte.
func Text(tool Tool, name, text string, o Options) Ported {
	if tool == Envsubst {
		return envsubstText(name, text, o)
	}
	p := porter{tool: tool, known: known(tool), rules: tool.rules(), name: name, text: text, prefix: o.Prefix, told: map[string]bool{}, templates: map[string]int{}, defined: map[string]bool{}}
	if tool == Confd {
		p.keys = keyFunctions
	}
	p.left, p.right = delimiters(o)
	return Ported{Text: p.all(), Notes: p.notes}
}

func delimiters(o Options) (left, right string) {
	if left, right = o.Left, o.Right; left == "" {
		left = "{{"
	}
	if right == "" {
		right = "}}"
	}
	return left, right
}

// Call is a call of a function that means something else here, or is spelled otherwise.
type Call struct {
	Start, End int      // within the text
	Args       []string // the function, then its operands, converted
	Piped      bool     // its last operand comes from a pipeline, and is not among Args
	Instead    string   // our spelling, or ""
	Note       string   // why there is none
}

// Calls lists the calls in a template of a tool that are not the same here.
func Calls(tool Tool, text string) []Call {
	p := porter{rules: tool.rules(), text: text, left: "{{", right: "}}", told: map[string]bool{}, templates: map[string]int{}, defined: map[string]bool{}}
	p.all()
	return p.calls
}

// Spelling is how a function of the tool is spelled here: "" for one that has no
// equivalent. known says that the tool has it, and that it is not the same here.
func Spelling(tool Tool, name string) (text string, known bool) {
	r, known := find(tool.rules(), name)
	if len(r.forms) > 0 {
		text = r.forms[0].text
	}
	return text, known
}

type porter struct {
	tool        Tool
	known       map[string]bool // what is the same here; nil leaves out who calls what is not
	rules       map[string]rule
	keys        map[string]string // functions whose first argument is below the prefix
	name        string
	text        string
	prefix      string
	left, right string
	pos         int // of the action being converted, within text
	notes       []Note
	told        map[string]bool // the functions whose difference was said in this file
	calls       []Call
	templates   map[string]int // the names that {{ template }} uses, with their first places
	defined     map[string]bool
}

// named remembers what a template, a block or a define names.
func (p *porter) named(head string, offset int) {
	words := operands(head)
	for i := 0; i+1 < len(words); i++ {
		name, ok := quoted(head[words[i+1][0]:words[i+1][1]])
		switch word := head[words[i][0]:words[i][1]]; {
		case !ok:
		case word == "template":
			if _, known := p.templates[name]; !known {
				p.templates[name] = p.pos + offset + words[i][0]
			}
		case word == "define", word == "block":
			p.defined[name] = true
		}
	}
}

// undefined says which templates the file uses that it does not define: other tools take
// them from files that stand in their command lines.
func (p *porter) undefined() {
	for _, name := range slices.Sorted(maps.Keys(p.templates)) {
		if !p.defined[name] {
			p.note(p.templates[name], "template "+strconv.Quote(name), "is not defined in this file: make it a partial, and write {{ include \"NAME\" . }}")
		}
	}
}

// all converts the whole text.
func (p *porter) all() string {
	var out strings.Builder
	defer p.undefined()
	text, at := p.text, 0
	for {
		start := strings.Index(text[at:], p.left)
		if start < 0 {
			out.WriteString(text[at:])
			return out.String()
		}
		start += at + len(p.left)
		end := actionEnd(text, start, p.right)
		out.WriteString(text[at:start])
		body := text[start:end]
		if isComment(body) {
			out.WriteString(body)
		} else {
			p.pos = start
			out.WriteString(p.pipeline(body, 0))
		}
		at = end
	}
}

// pipeline converts commands that are joined by |.
func (p *porter) pipeline(body string, offset int) string {
	head, rest := splitHead(body)
	p.named(head, offset)
	offset += len(head)
	out := ""
	for i, span := range commands(rest) {
		text := rest[span[0]:span[1]]
		if i == 0 {
			out, _ = p.command(text, offset, "")
			continue
		}
		lead := out[:len(out)-len(strings.TrimLeft(out, blanks))]
		converted, whole := p.command(text, offset+span[0], operand(out))
		if whole {
			out = lead + strings.TrimLeft(converted, blanks)
		} else {
			out += "|" + converted
		}
	}
	return head + out
}

// operand makes a pipeline an argument.
func operand(pipeline string) string {
	text := strings.Trim(pipeline, blanks)
	if words := operands(text); len(words) == 1 && len(commands(text)) == 1 {
		return text
	}
	return "(" + text + ")"
}

// command converts one command. before is what the pipeline brings, "" for the first one;
// whole says that the result has taken it in.
func (p *porter) command(text string, offset int, before string) (out string, whole bool) {
	words := operands(text)
	if len(words) == 0 {
		return text, false
	}
	c := call{piped: before != ""}
	last := 0
	for i, w := range words {
		word := text[w[0]:w[1]]
		converted := p.operand(word, offset+w[0], i)
		c.args, c.raw = append(c.args, converted), append(c.raw, word)
		out += text[last:w[0]] + converted
		last = w[1]
	}
	tail := text[last:]
	r, ok := find(p.rules, c.args[0])
	if !ok {
		p.unknown(c.args[0], offset+words[0][0])
		return out + tail, false
	}
	found := Call{Start: p.pos + offset + words[0][0], End: p.pos + offset + last, Args: c.args, Piped: c.piped, Note: r.note}
	if c.piped {
		c.args = append(c.args[:len(c.args):len(c.args)], before)
	}
	instead, stays, decided := p.apply(r, c)
	found.Instead = instead
	if !decided || instead != "" {
		p.calls = append(p.calls, found)
	}
	switch {
	case !decided:
		note := r.note
		if note == "" {
			note = "is not called with so many arguments there: write it by hand"
		}
		p.note(found.Start, strings.Trim(text[:last], blanks), note)
		return out + tail, false
	case instead == "":
		return out + tail, false
	}
	if r.differs != "" && !p.told[c.args[0]] {
		p.told[c.args[0]] = true
		p.note(found.Start, strings.Trim(text[:last], blanks), r.differs)
	}
	if r.warn != nil {
		if text := r.warn(c); text != "" {
			p.note(found.Start, strings.Join(c.raw, " "), text)
		}
	}
	return text[:words[0][0]] + instead + tail, c.piped && !stays
}

// operand converts one word of a command: what stands in parentheses is a pipeline, and a
// function without arguments is a call.
func (p *porter) operand(word string, offset, nth int) string {
	if word[0] == '(' {
		if closing := strings.LastIndexByte(word, ')'); closing > 0 {
			return "(" + p.pipeline(word[1:closing], offset+1) + word[closing:]
		}
	}
	if nth == 0 {
		return word
	}
	if _, ok := find(p.rules, word); ok {
		converted, _ := p.command(word, offset, "")
		return converted
	}
	p.unknown(word, offset)
	return word
}

// unknown notes a function that is none of the tool's.
func (p *porter) unknown(name string, offset int) {
	if p.known == nil || !isFunction(name) || p.known[name] {
		return
	}
	p.note(p.pos+offset, name, fmt.Sprintf("is no function of %s that is known here: look what it is to give, and write that", p.tool))
}

// apply asks the rule.
func (p *porter) apply(r rule, c call) (text string, stays, decided bool) {
	if kind := p.keys[c.args[0]]; kind == "key" && p.prefix != "" && len(c.args) > 1 {
		c.piped = c.piped && len(c.args) > 2 // a key from the pipeline is taken out of it
		c.args = append([]string{c.args[0], p.key(c.args[1])}, c.args[2:]...)
	}
	if r.special != nil {
		if text, ok := r.special(c); ok {
			return text, false, true
		}
	}
	for _, f := range r.forms {
		text, stays, fits := f.apply(c)
		if fits {
			return strings.Replace(text, "PREFIX", strconv.Quote(wholeKey(p.prefix, "")), 1), stays, true
		}
	}
	return "", false, false
}

// key puts the prefix in front of a key.
func (p *porter) key(arg string) string {
	if key, ok := quoted(arg); ok {
		return strconv.Quote(wholeKey(p.prefix, key))
	}
	if wholeKey(p.prefix, "") == "/" {
		return arg
	}
	return "(print " + strconv.Quote(wholeKey(p.prefix, "")+"/") + " " + arg + ")"
}

func (p *porter) note(offset int, what, text string) {
	line, col, _ := render.LineAt(p.text, offset)
	p.notes = append(p.notes, Note{Pos: render.Pos{File: p.name, Line: line, Col: col}, Call: what, Text: text})
}
