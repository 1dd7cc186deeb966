package language

import (
	"slices"
	"strconv"
	"strings"
	"text/template/parse"

	"slipway/render"
	"slipway/render/pattern"
)

// text/template parses up to the first mistake. So that one report holds every mistake of a
// template, the action of it is taken out, and the rest is parsed again. The text keeps its
// length up to the end, so that all places stay what they are.

// mostMended bounds how often a template is parsed again.
const mostMended = 50

// parsed parses a text. The trees are nil if no way was found around a mistake: then the
// rest was not looked at, which the last problem says.
func (c *compiled) parsed(d delims) render.Problems {
	text := c.text
	var problems render.Problems
	lost := map[string]bool{} // template variables of actions that were taken out
	for range mostMended {
		trees := map[string]*parse.Tree{}
		tree := parse.New(mainTree)
		tree.Mode = parse.SkipFuncCheck
		_, err := tree.Parse(text, d.left, d.right, trees)
		if err == nil {
			if _, ok := trees[mainTree]; !ok {
				trees[mainTree] = tree // empty templates are not added by Parse
			}
			c.trees = trees
			return problems
		}
		p, next, taken := c.syntaxProblem(text, err, d)
		if m := undefined.FindStringSubmatch(p.Text); m == nil || !lost[m[1]] {
			problems = append(problems, p)
		}
		if text = next; text == "" {
			break
		}
		for _, names := range declares.FindAllStringSubmatch(taken, -1) {
			lost[names[1]], lost[names[2]] = true, true
		}
	}
	c.trees = nil
	last := problems[len(problems)-1]
	last.Text += "; the rest of the template has not been looked at"
	return problems
}

var (
	undefined = pattern.Lazy(`undefined variable "(\$[^"]*)"`)
	declares  = pattern.Lazy(`(\$\w+)\s*(?:,\s*(\$\w+)\s*)?:?=`)
)

// mistaken finds the action that a parser complains about on a line: without it, the
// complaint is gone. The text is then that without it.
func mistaken(text string, line int, err error, d delims) (span, string, bool) {
	left, right := d.both()
	var there []span
	for _, a := range actionsOf(text, left, right) {
		from, _, _ := render.LineAt(text, a.start)
		if to, _, _ := render.LineAt(text, a.end-1); from <= line && line <= to {
			there = append(there, a)
		}
	}
	for _, a := range there {
		if without := replaced(text, a, neutral(text[a.start:a.end], left, right)); without != text && !failsAlike(without, err, d) {
			return a, without, true
		}
	}
	for _, a := range slices.Backward(there) { // one end or else is too many
		word := keyword(text[a.start:a.end], left)
		if without := replaced(text, a, blanks(text[a.start:a.end])); (word == "end" || word == "else") && !failsAlike(without, err, d) {
			return a, without, true
		}
	}
	return span{}, "", false
}

func replaced(text string, a span, by string) string { return text[:a.start] + by + text[a.end:] }

// blanks is a text of nothing but blanks and the line breaks of another.
func blanks(text string) string {
	out := []byte(text)
	for i := range out {
		if out[i] != '\n' {
			out[i] = ' '
		}
	}
	return string(out)
}

// failsAlike says whether a text has the mistake still that it was to lose.
func failsAlike(text string, before error, d delims) bool {
	tree := parse.New(mainTree)
	tree.Mode = parse.SkipFuncCheck
	_, err := tree.Parse(text, d.left, d.right, map[string]*parse.Tree{})
	return err != nil && err.Error() == before.Error()
}

// neutral is an action that opens or closes what the other does, and says nothing, of the
// same length and with the same line breaks.
func neutral(action, left, right string) string {
	word, keep := keyword(action, left), ""
	switch word {
	case "if", "with", "range":
		keep = left + word + " 1"
	case "else", "end":
		keep = left + word
	case "define", "block":
		return action
	}
	if len(keep)+len(right) > len(action) {
		return action
	}
	if keep == "" {
		right = ""
	}
	return keep + blanks(action[len(keep):len(action)-len(right)]) + right
}

// span is an action within a text, with its delimiters.
type span struct{ start, end int }

// actionsOf finds the actions of a text. What stands in quotes or in a comment closes none;
// a quote that is not closed on its line is none.
func actionsOf(text, left, right string) []span {
	var out []span
	for at := 0; ; {
		from := strings.Index(text[at:], left)
		if from < 0 {
			return out
		}
		from += at
		end := actionEnd(text, from+len(left), right)
		if end < 0 {
			return out
		}
		out = append(out, span{from, end})
		at = end
	}
}

func actionEnd(text string, at int, right string) int {
	if rest := strings.TrimLeft(text[at:], "- \t"); strings.HasPrefix(rest, "/*") {
		if close := strings.Index(rest, "*/"); close >= 0 {
			at = len(text) - len(rest) + close
		}
	}
	for at < len(text) {
		if strings.HasPrefix(text[at:], right) {
			return at + len(right)
		}
		switch text[at] {
		case '"', '\'':
			at = quoteEnd(text, at)
		case '`':
			if close := strings.IndexByte(text[at+1:], '`'); close >= 0 {
				at += close + 1
			}
		}
		at++
	}
	return -1
}

// quoteEnd is the place of the quote that closes the one at a place, or that place.
func quoteEnd(text string, at int) int {
	for i := at + 1; i < len(text) && text[i] != '\n'; i++ {
		switch text[i] {
		case '\\':
			i++
		case text[at]:
			return i
		}
	}
	return at
}

// quoted are the ways in which messages of a parser show what they are about.
var quoted = []*pattern.Pattern{
	pattern.Lazy(`U\+[0-9A-F]+ '(.)'`),
	pattern.Lazy(`"((?:[^"\\]|\\.)+)"`),
	pattern.Lazy(`constant: (.+)$`),
	pattern.Lazy(`<(.)>`),
}

// columnIn is the offset of what a message is about within an action, that of the action if
// it is not told.
func columnIn(text string, a span, message string) int {
	if i, ok := unpaired(text[a.start:a.end], message); ok {
		return a.start + i
	}
	if m := invisible.FindStringSubmatch(message); m != nil {
		if r, err := strconv.ParseInt(m[1], 16, 32); err == nil {
			if i := strings.IndexRune(text[a.start:a.end], rune(r)); i >= 0 {
				return a.start + i
			}
		}
	}
	for _, q := range quoted {
		if m := q.FindStringSubmatch(message); m != nil {
			if i := strings.Index(text[a.start:a.end], m[1]); i >= 0 {
				return a.start + i
			}
		}
	}
	return a.start
}

// unpaired is where the parenthesis or the quote stands that has no partner, if the message is
// about one.
func unpaired(action, message string) (int, bool) {
	var open []int // parentheses
	for i := 0; i < len(action); i++ {
		switch c := action[i]; c {
		case '(':
			open = append(open, i)
		case ')':
			if len(open) == 0 {
				return i, message == "unexpected right paren"
			}
			open = open[:len(open)-1]
		case '"', '\'', '`':
			end := pairedQuote(action, i)
			if end < 0 {
				return i, strings.HasPrefix(message, "unterminated ")
			}
			i = end
		}
	}
	if len(open) > 0 && message == "unclosed left paren" {
		return open[len(open)-1], true
	}
	return 0, false
}

// pairedQuote is where a quote ends that begins at i, -1 if it does not end.
func pairedQuote(action string, i int) int {
	for n := i + 1; n < len(action); n++ {
		switch {
		case action[n] == action[i]:
			return n
		case action[i] == '`':
		case action[n] == '\n':
			return -1
		case action[n] == '\\':
			n++
		}
	}
	return -1
}

// unclosed is the last action that opens a block which nothing closes.
func unclosed(text, left, right string) (span, string, bool) {
	type opener struct {
		span
		word string
	}
	var open []opener
	for _, a := range actionsOf(text, left, right) {
		switch word := keyword(text[a.start:a.end], left); word {
		case "if", "with", "range", "define", "block":
			open = append(open, opener{a, word})
		case "end":
			open = open[:max(len(open)-1, 0)]
		}
	}
	if len(open) == 0 {
		return span{}, "", false
	}
	last := open[len(open)-1]
	return last.span, last.word, true
}

// keyword is the word that an action begins with.
func keyword(action, left string) string {
	word := strings.TrimLeft(strings.TrimPrefix(action[len(left):], "-"), " \t\r\n")
	return word[:len(word)-len(strings.TrimLeft(word, "abcdefghijklmnopqrstuvwxyz"))]
}
