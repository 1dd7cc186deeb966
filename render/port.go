package render

import (
	"fmt"
	"strings"
)

// Ported is a template of another tool in our spelling.
type Ported struct {
	Text string
	// Notes are the places that a person has to look at: calls that have no
	// mechanical equivalent. They are left as they were.
	Notes []PortNote
}

// PortNote is one place that was not converted, or that was converted with a difference.
type PortNote struct {
	Pos  Pos
	Call string // as written
	Text string
}

func (n PortNote) String() string { return fmt.Sprintf("%s: %s: %s", n.Pos, n.Call, n.Text) }

// Tool is a tool whose templates can be ported.
type Tool string

// The tools.
const (
	Confd     Tool = "confd"
	Dockerize Tool = "dockerize"
)

// portRule says how one function of another tool is spelled here. The first form
// that fits the number of arguments is taken; one argument less than Args counts as
// given by the pipeline, and fits only if the last one stays last.
type portRule struct {
	forms []portForm
	note  string // why there is no form, or what differs
}

type portForm struct {
	args int
	text string // $1, $2, … are the arguments
}

func form(args int, text string) portRule {
	return portRule{forms: []portForm{{args, text}}}
}

func same(note string) portRule { return portRule{note: note} }

// portRules returns the functions of a tool that mean something else here, or are
// spelled otherwise. What is not listed is the same function.
func portRules(tool Tool) map[string]portRule {
	swapped := func(name string) portRule { return form(2, name+" $2 $1") }
	rules := map[string]portRule{
		"split": swapped("splitList"), "replace": form(4, "replace $2 $3 $1"), "toUpper": form(1, "upper $1"), "toLower": form(1, "lower $1"),
		"isTrue": form(1, "eq (lower $1) \"true\""), "parseBool": form(1, "eq (lower $1) \"true\""), "parseInt": form(1, "int64 $1"), "parseUrl": form(1, "urlParse $1"),
		"base64Encode": form(1, "b64enc $1"), "base64Decode": form(1, "b64dec $1"),
	}
	switch tool {
	case Dockerize:
		rules["default"] = swapped("default")
		rules["contains"] = form(2, "hasKey $1 $2")
		rules["exists"] = same("asks whether a file exists while rendering; slipway does not look at files, declare it as a variable")
		rules["jsonQuery"] = same("has no equivalent: use fromJson and index")
		rules["loop"] = portRule{forms: []portForm{{1, "until (int $1)"}, {2, "untilStep (int $1) (int $2) 1"}, {3, "untilStep (int $1) (int $2) (int $3)"}}}
	case Confd:
		rules["getv"] = portRule{forms: []portForm{{1, "kv $1"}, {2, "kvOr $1 $2"}}}
		rules["exists"] = form(1, "kvExists $1")
		rules["getenv"] = portRule{forms: []portForm{{1, "env $1 \"\""}, {2, "env $1 $2"}}}
		rules["ls"] = form(1, "kvList $1")
		rules["get"] = same("returns a pair: kv gives its .Value; its .Key is the argument")
		rules["gets"] = same("matches a pattern: kvTree gives all keys below a prefix, with .Name, .Key (below the prefix) and .Value")
		rules["getvs"] = same("matches a pattern: range over kvTree and take .Value")
		for _, n := range []string{"cget", "cgetv", "cgets", "cgetvs"} {
			rules[n] = same("is encrypted with crypt: put the secret under a secret prefix or in a secret file")
		}
		rules["lsdir"] = same("lists folders only: kvList lists keys as well")
		rules["join"] = swapped("join")
		rules["contains"] = swapped("contains")
		rules["trimSuffix"] = swapped("trimSuffix")
		rules["json"], rules["jsonArray"] = form(1, "fromJson $1"), form(1, "fromJson $1")
		rules["map"] = same("is dict here, with the same arguments")
		rules["datetime"] = same("reads the clock, so the file would change at every render")
		for _, n := range []string{"lookupIP", "lookupIPV4", "lookupIPV6", "lookupSRV"} {
			rules[n] = same("asks the DNS: declare [link:NAME] and use link or links")
		}
		rules["fileExists"] = same("asks whether a file exists while rendering; slipway does not look at files")
		rules["seq"] = form(2, "untilStep (int $1) (int (add1 $2)) 1")
		rules["sortByLength"], rules["sortKVByLength"] = same("has no equivalent: sortAlpha sorts by the alphabet"), same("has no equivalent: kvTree is sorted by key")
	}
	return rules
}

// Port converts the calls of a template that can be converted mechanically. key
// maps a constant key of confd, nil leaves it; it is for the prefix of a resource.
func Port(tool Tool, name, text string, key func(string) string) Ported {
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
	notes []PortNote
	calls []portCall
}

// portCall is a call that a rule is about.
type portCall struct {
	at, end int      // within the text
	args    []string // the function, then its operands, converted
	piped   bool     // its last operand comes from a pipeline
	instead string   // our spelling, or ""
	note    string   // why there is none
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
	call := portCall{at: start + words[0][0], end: start + last, args: args, piped: piped, note: rule.note}
	for _, f := range rule.forms {
		if new, fits := f.apply(p.keys(args), piped); fits {
			call.instead = new
			p.calls = append(p.calls, call)
			return head + lead + new + tail
		}
	}
	p.calls = append(p.calls, call)
	note := rule.note
	if note == "" {
		note = "its arguments are in another order here, and the last one comes from a pipeline: write it as a plain call"
	}
	line, col, _ := lineAt(p.text, call.at)
	p.notes = append(p.notes, PortNote{Pos: Pos{File: p.name, Line: line, Col: col}, Call: strings.TrimSpace(rest[:last]), Text: note})
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
