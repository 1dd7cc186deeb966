package language

import (
	"fmt"

	"slipway/render"
	"slipway/render/pattern"
	"slipway/render/porting"
)

// Check is [Build] that also reports what [Lint] finds, in the same order of
// destinations and places. There is a plan also with an error, [render.Problems]: it tells
// which files are made, as far as that is known, and not what is in them.
func Check(set Set, data Data) (*render.Plan, error) {
	plan, problems := build(set, data)
	problems = append(problems, conditions(set, data)...)
	for _, p := range Lint(set) {
		if !told(problems, p) {
			problems = append(problems, p)
		}
	}
	sortProblems(problems)
	return plan, problems.Err()
}

// told says whether the template has failed because of the call that p is about.
func told(problems render.Problems, p *render.Problem) bool {
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
func Lint(set Set) render.Problems {
	var out render.Problems
	for _, t := range set.Templates {
		out = append(out, lint(t.Dest, t)...)
	}
	for _, t := range set.Partials {
		out = append(out, lint(t.Name, t)...)
	}
	sortProblems(out)
	return out
}

func lint(dest string, t Template) render.Problems {
	var out render.Problems
	if t.delims() != (delims{}) {
		return nil // no other tool has those
	}
	for _, c := range foreignCalls(t.Text) {
		line, col, source := render.LineAt(t.Text, c.Start)
		out = append(out, &render.Problem{
			Kind: render.KindSyntax, Dest: dest, Pos: render.Pos{File: t.Name, Line: line, Col: col}, Line: source, Name: c.Args[0], Hint: c.hint(),
			Text: fmt.Sprintf("%s is called as in %s, and means something else here", c.Args[0], c.tool),
		})
	}
	return out
}

// foreignCall is a call as another tool understands it.
type foreignCall struct {
	porting.Call
	tool porting.Tool
}

// hint is how the call is written here, or why it cannot be.
func (c foreignCall) hint() string {
	switch {
	case c.Instead != "" && c.Piped:
		return "write {{ … | " + c.Instead + " }}"
	case c.Instead != "":
		return "write {{ " + c.Instead + " }}"
	}
	return fmt.Sprintf("%s's %s %s", c.tool, c.Args[0], c.Note)
}

// foreignCalls finds the calls of functions of ours that can only be meant in the
// order of another tool. What both tools have in common is confd's.
func foreignCalls(text string) []foreignCall {
	var out []foreignCall
	for _, tool := range []porting.Tool{porting.Confd, porting.Dockerize} {
		for _, c := range porting.Calls(tool, text) {
			if isForeign(tool, c.Args) {
				out = append(out, foreignCall{c, tool})
			}
		}
	}
	return out
}

// isForeign says whether a call of a function that exists here as well can only be
// meant in the tool's order: by the number of its arguments, or because the constant
// that belongs in front stands behind a value that is none.
func isForeign(tool porting.Tool, args []string) bool {
	constant := func(s string) bool { return s[0] == '"' || s[0] == '`' || s[0] >= '0' && s[0] <= '9' }
	switch args[0] {
	case "replace":
		return tool == porting.Confd && len(args) == 5
	case "get":
		return tool == porting.Confd && len(args) == 2 && constant(args[1])
	case "contains":
		return tool == porting.Dockerize && len(args) == 3 && (args[1] == ".Env" || args[1] == "$.Env")
	case "default":
		return tool == porting.Dockerize && len(args) == 3 && !constant(args[1]) && constant(args[2])
	case "join", "split", "trimSuffix":
		return tool == porting.Confd && len(args) == 3 && !constant(args[1]) && constant(args[2])
	}
	return false
}

// foreignCallAt is the hint for a call that has failed at a place because it is
// written as for another tool, or "".
func foreignCallAt(text string, pos render.Pos) string {
	hint, size := "", 0
	for _, c := range foreignCalls(text) {
		line, col, _ := render.LineAt(text, c.Start)
		endLine, endCol, _ := render.LineAt(text, c.End)
		before := pos.Line < line || pos.Line == line && pos.Col < col
		after := pos.Line > endLine || pos.Line == endLine && pos.Col >= endCol
		if !before && !after && (hint == "" || c.End-c.Start < size) {
			hint, size = c.hint(), c.End-c.Start // the innermost
		}
	}
	return hint
}

// placeholder is the Nth value of a call in the spelling of rules.
var placeholder = pattern.Lazy(`[#$][1-9]`)

// spelledHere is the hint for a call of a function that only another tool has, or "".
func spelledHere(text, name string, offset int) string {
	for _, tool := range porting.Languages() {
		spelling, known := porting.Spelling(tool, name)
		if !known {
			continue
		}
		for _, c := range porting.Calls(tool, text) {
			if c.Start == offset && (c.Instead != "" || c.Note != "") {
				return foreignCall{c, tool}.hint()
			}
		}
		if spelling != "" { // called in a way that the tool does not know either
			return fmt.Sprintf("%s's %s is %s here", tool, name, placeholder.ReplaceAllStringFunc(spelling, func(n string) string {
				return string("ABCDEFGHI"[n[1]-'1'])
			}))
		}
	}
	return ""
}
