package render

import (
	"errors"
	"fmt"
)

// Check is [Build] that also reports what [Lint] finds, in the same order of
// destinations and places.
func Check(set Set, data Data) (*Plan, error) {
	plan, err := Build(set, data)
	var problems Problems
	if err != nil && !errors.As(err, &problems) {
		return nil, err
	}
	for _, p := range Lint(set) {
		if !told(problems, p) {
			problems = append(problems, p)
		}
	}
	if len(problems) == 0 {
		return plan, nil
	}
	sortProblems(problems)
	return nil, problems
}

// told says whether the template has failed because of the call that p is about.
func told(problems Problems, p *Problem) bool {
	for _, q := range problems {
		if q.Dest == p.Dest && q.Pos.File == p.Pos.File && q.Pos.Line == p.Pos.Line && q.Hint == p.Hint {
			return true
		}
	}
	return false
}

// Lint finds calls in the order or the spelling of other tools in templates of
// ours: they parse, and mean something else. dockerize's default takes the value
// first, confd's and dockerize's split, replace and join take the text first.
func Lint(set Set) Problems {
	var out Problems
	for _, t := range set.Templates {
		out = append(out, lint(t.Dest, t)...)
	}
	for _, t := range set.Partials {
		out = append(out, lint(t.Name, t)...)
	}
	sortProblems(out)
	return out
}

func lint(dest string, t Template) Problems {
	var out Problems
	if t.delims() != (delims{}) {
		return nil // no other tool has those
	}
	for _, c := range foreignCalls(t.Text) {
		line, col, source := lineAt(t.Text, c.at)
		out = append(out, &Problem{
			Kind: KindSyntax, Dest: dest, Pos: Pos{File: t.Name, Line: line, Col: col}, Line: source, Name: c.args[0], Hint: c.hint(),
			Text: fmt.Sprintf("%s is called as in %s, and means something else here", c.args[0], c.tool),
		})
	}
	return out
}

// foreignCall is a call as another tool understands it.
type foreignCall struct {
	portCall
	tool Tool
}

// hint is how the call is written here, or why it cannot be.
func (c foreignCall) hint() string {
	switch {
	case c.instead != "" && c.piped:
		return "write {{ … | " + c.instead + " }}"
	case c.instead != "":
		return "write {{ " + c.instead + " }}"
	}
	return fmt.Sprintf("%s's %s %s", c.tool, c.args[0], c.note)
}

// foreignCalls finds the calls of functions of ours that can only be meant in the
// order of another tool. What both tools have in common is confd's.
func foreignCalls(text string) []foreignCall {
	var out []foreignCall
	for _, tool := range []Tool{Confd, Dockerize} {
		for _, c := range callsOf(tool, text) {
			if isForeign(tool, c.args) {
				out = append(out, foreignCall{c, tool})
			}
		}
	}
	return out
}

// callsOf lists the calls that the tool's rules are about.
func callsOf(tool Tool, text string) []portCall {
	p := porter{rules: portRules(tool), text: text}
	p.all()
	return p.calls
}

// isForeign says whether a call of a function that exists here as well can only be
// meant in the tool's order: by the number of its arguments, or because the constant
// that belongs in front stands behind a value that is none.
func isForeign(tool Tool, args []string) bool {
	constant := func(s string) bool { return s[0] == '"' || s[0] == '`' || s[0] >= '0' && s[0] <= '9' }
	switch args[0] {
	case "replace":
		return tool == Confd && len(args) == 5
	case "get":
		return tool == Confd && len(args) == 2 && constant(args[1])
	case "contains":
		return tool == Dockerize && len(args) == 3 && (args[1] == ".Env" || args[1] == "$.Env")
	case "default":
		return tool == Dockerize && len(args) == 3 && !constant(args[1]) && constant(args[2])
	case "join", "split", "trimSuffix":
		return tool == Confd && len(args) == 3 && !constant(args[1]) && constant(args[2])
	}
	return false
}

// foreignCallAt is the hint for a call that has failed at a place because it is
// written as for another tool, or "".
func foreignCallAt(text string, pos Pos) string {
	hint, size := "", 0
	for _, c := range foreignCalls(text) {
		line, col, _ := lineAt(text, c.at)
		endLine, endCol, _ := lineAt(text, c.end)
		before := pos.Line < line || pos.Line == line && pos.Col < col
		after := pos.Line > endLine || pos.Line == endLine && pos.Col >= endCol
		if !before && !after && (hint == "" || c.end-c.at < size) {
			hint, size = c.hint(), c.end-c.at // the innermost
		}
	}
	return hint
}

// spelledHere is the hint for a call of a function that only another tool has, or "".
func spelledHere(text, name string, offset int) string {
	for _, tool := range []Tool{Confd, Dockerize} {
		rule, known := portRules(tool)[name]
		if !known {
			continue
		}
		for _, c := range callsOf(tool, text) {
			if c.at == offset && (c.instead != "" || c.note != "") {
				return foreignCall{c, tool}.hint()
			}
		}
		if len(rule.forms) > 0 { // called in a way that the tool does not know either
			return fmt.Sprintf("%s's %s is %s here", tool, name, rule.forms[0].text)
		}
	}
	return ""
}
