package porting

import (
	"fmt"
	"strings"

	"slipway/render"
)

// Ported is a template of another tool in our spelling.
type Ported struct {
	Text string
	// Notes are the places that a person has to look at: calls that have no
	// mechanical equivalent. They are left as they were.
	Notes []Note
}

// Note is one place that was not converted, or that was converted with a difference.
type Note struct {
	Pos  render.Pos
	Call string // as written
	Text string
}

func (n Note) String() string { return fmt.Sprintf("%s: %s: %s", n.Pos, n.Call, n.Text) }

// Text converts the calls of a template that can be converted mechanically. key
// maps a constant key of confd, nil leaves it; it is for the prefix of a resource.
func Text(tool Tool, name, text string, key func(string) string) Ported {
	p := porter{rules: portRules(tool), name: name, text: text, key: key}
	return Ported{Text: p.all(), Notes: p.notes}
}

// all converts the whole text.
func (p *porter) all() string {
	var out strings.Builder
	text, at := p.text, 0
	for {
		start := strings.Index(text[at:], "{{")
		if start < 0 {
			out.WriteString(text[at:])
			return out.String()
		}
		start += at
		end := actionEnd(text, start+2)
		out.WriteString(text[at : start+2])
		body := text[start+2 : end]
		if strings.HasPrefix(strings.TrimLeft(body, "- "), "/*") {
			out.WriteString(body)
		} else {
			p.pos = start + 2
			out.WriteString(p.pipeline(body, 0))
		}
		at = end
	}
}

// actionEnd finds the }} that closes an action, past strings and comments.
func actionEnd(text string, i int) int {
	if strings.HasPrefix(strings.TrimLeft(text[i:], "- "), "/*") {
		if n := strings.Index(text[i:], "*/"); n >= 0 {
			i += n
		}
	}
	for i < len(text) {
		if strings.HasPrefix(text[i:], "}}") {
			return i
		}
		i = max(skipLiteral(text, i), i+1)
	}
	return len(text)
}

// skipLiteral returns the end of the string or character that starts at i, or i.
func skipLiteral(text string, i int) int {
	quote := text[i]
	if quote != '"' && quote != '\'' && quote != '`' {
		return i
	}
	for j := i + 1; j < len(text); j++ {
		switch {
		case text[j] == '\\' && quote != '`':
			j++
		case text[j] == quote:
			return j + 1
		}
	}
	return len(text)
}

type porter struct {
	rules map[string]portRule
	name  string
	text  string
	key   func(string) string
	pos   int // of the text being converted, within p.text
	notes []Note
	calls []Call
}

// Call is a call of a function that means something else here, or is spelled otherwise.
type Call struct {
	Start, End int      // within the text
	Args       []string // the function, then its operands, converted
	Piped      bool     // its last operand comes from a pipeline
	Instead    string   // our spelling, or ""
	Note       string   // why there is none
}

// Calls lists the calls in a template of a tool that are not the same here.
func Calls(tool Tool, text string) []Call {
	p := porter{rules: portRules(tool), text: text}
	p.all()
	return p.calls
}

// Spelling is how a function of the tool is spelled here: "" for one that has no
// equivalent. known says that the tool has it, and that it is not the same here.
func Spelling(tool Tool, name string) (text string, known bool) {
	rule, known := portRules(tool)[name]
	if len(rule.forms) > 0 {
		text = rule.forms[0].text
	}
	return text, known
}

// pipeline converts commands that are joined by |, at a depth of parentheses.
func (p *porter) pipeline(body string, offset int) string {
	var out strings.Builder
	piped := false
	for from := 0; ; {
		end := from
		for depth := 0; end < len(body) && (body[end] != '|' || depth > 0); {
			switch body[end] {
			case '(':
				depth++
			case ')':
				depth--
			}
			end = max(skipLiteral(body, end), end+1)
		}
		out.WriteString(p.command(body[from:min(end, len(body))], offset+from, piped))
		if end >= len(body) {
			return out.String()
		}
		out.WriteByte('|')
		from, piped = end+1, true
	}
}

// command converts one command: keywords and assignments in front of it, its
// function, and its operands, the parenthesised ones first.
func (p *porter) command(body string, offset int, piped bool) string {
	head, rest := splitHead(body)
	words := operands(rest)
	if len(words) == 0 {
		return body
	}
	args := make([]string, 0, len(words))
	out := head
	last := 0
	for _, w := range words {
		text := rest[w[0]:w[1]]
		if text[0] == '(' {
			closing := strings.LastIndexByte(text, ')')
			if closing > 0 {
				text = "(" + p.pipeline(text[1:closing], offset+len(head)+w[0]+1) + text[closing:]
			}
		}
		args = append(args, text)
		out += rest[last:w[0]] + text
		last = w[1]
	}
	tail := rest[last:]
	out += tail
	rule, ok := p.rules[args[0]]
	if !ok {
		return out
	}
	lead := rest[:words[0][0]]
	start := p.pos + offset + len(head)
	call := Call{Start: start + words[0][0], End: start + last, Args: args, Piped: piped, Note: rule.note}
	for _, f := range rule.forms {
		if new, fits := f.apply(p.keys(args), piped); fits {
			call.Instead = new
			p.calls = append(p.calls, call)
			return head + lead + new + tail
		}
	}
	p.calls = append(p.calls, call)
	note := rule.note
	if note == "" {
		note = "its arguments are in another order here, and the last one comes from a pipeline: write it as a plain call"
	}
	line, col, _ := render.LineAt(p.text, call.Start)
	p.notes = append(p.notes, Note{Pos: render.Pos{File: p.name, Line: line, Col: col}, Call: strings.TrimSpace(rest[:last]), Text: note})
	return out
}

// keys puts the prefix of the resource in front of a constant key.
func (p *porter) keys(args []string) []string {
	if p.key == nil || len(args) < 2 {
		return args
	}
	switch args[0] {
	case "getv", "exists", "ls":
		if k := args[1]; len(k) > 1 && k[0] == '"' && k[len(k)-1] == '"' {
			args = append([]string{args[0], `"` + p.key(k[1:len(k)-1]) + `"`}, args[2:]...)
		}
	}
	return args
}

// apply writes the form, if it fits. A value from the pipeline becomes the last
// argument, so it fits only where the form ends with its last argument.
func (f portForm) apply(args []string, piped bool) (string, bool) {
	given := len(args) - 1
	text := f.text
	if piped {
		given++
		lastArg := fmt.Sprintf(" $%d", f.args)
		if !strings.HasSuffix(text, lastArg) {
			return "", false
		}
		text = strings.TrimSuffix(text, lastArg)
	}
	if given != f.args {
		return "", false
	}
	for i := 1; i < len(args); i++ {
		text = strings.ReplaceAll(text, fmt.Sprintf("$%d", i), "\x00"+fmt.Sprint(i)+"\x00")
	}
	for i := 1; i < len(args); i++ {
		text = strings.ReplaceAll(text, "\x00"+fmt.Sprint(i)+"\x00", args[i])
	}
	return text, true
}

// splitHead cuts off what may stand before a command: a trim mark, keywords, and
// the variables that are set.
func splitHead(body string) (head, rest string) {
	n := len(body) - len(strings.TrimLeft(body, " \t\r\n"))
	if strings.HasPrefix(body[n:], "- ") || strings.HasPrefix(body[n:], "-\n") {
		n++
	}
	for {
		trimmed := strings.TrimLeft(body[n:], " \t\r\n")
		at := len(body) - len(trimmed)
		word := trimmed
		if i := strings.IndexAny(trimmed, " \t\r\n"); i >= 0 {
			word = trimmed[:i]
		}
		switch word {
		case "if", "else", "range", "with":
			n = at + len(word)
			continue
		}
		if strings.HasPrefix(trimmed, "$") {
			if i := strings.Index(trimmed, ":="); i > 0 && strings.Trim(trimmed[:i], "$_,abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 ") == "" {
				n = at + i + 2
			}
		}
		return body[:n], body[n:]
	}
}

// operands returns the spans of the words of a command.
func operands(s string) [][2]int {
	var out [][2]int
	for i := 0; i < len(s); {
		if strings.IndexByte(" \t\r\n", s[i]) >= 0 {
			i++
			continue
		}
		start, depth := i, 0
		for i < len(s) && (depth > 0 || strings.IndexByte(" \t\r\n", s[i]) < 0) {
			switch s[i] {
			case '(':
				depth++
			case ')':
				depth--
			}
			i = max(skipLiteral(s, i), i+1)
		}
		i = min(i, len(s))
		if s[start:i] == "-" && strings.TrimSpace(s[i:]) == "" { // the trim mark before }}
			break
		}
		out = append(out, [2]int{start, i})
	}
	return out
}
