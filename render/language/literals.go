package language

import (
	"fmt"
	"strings"
	"text/template/parse"

	"slipway/render"
	"slipway/render/pattern"
)

// octal is a number that begins with a zero, as modes of files are written.
var octal = pattern.Lazy(`^[-+]?0[0-9_]+$`)

// literals refuses what stands for another value than people see: 'a', which is the number
// 97 and not a text, and 0644, which is 420. And env.A, where env is a function.
func (w *rewriter) literals(cmd *parse.CommandNode) {
	for _, arg := range cmd.Args {
		switch n := arg.(type) {
		case *parse.NumberNode:
			switch {
			case strings.HasPrefix(n.Text, "'"):
				w.refuse(n, n.Text, quotesHint, "%s is a text in single quotes", n.Text)
			case octal.MatchString(n.Text) && n.IsInt:
				digits := strings.TrimLeft(n.Text, "+-0")
				w.refuse(n, n.Text, fmt.Sprintf("write %q for a text, or 0o%s for the number", n.Text, digits), "%s is a number in base 8: %d", n.Text, n.Int64)
			}
		case *parse.ChainNode:
			id, ok := n.Node.(*parse.IdentifierNode)
			if !ok || id.Ident != "env" {
				continue
			}
			hint := "a variable of the environment is .Env." + n.Field[0]
			if here := ofGo[n.Field[0]]; here != "" {
				hint = "write " + here
			}
			w.refuse(id, id.Ident, hint, "env is a function, and has no .%s", strings.Join(n.Field, "."))
		}
	}
}

func (w *rewriter) refuse(n parse.Node, name, hint, format string, args ...any) {
	pos, line := w.c.at(int(n.Position()))
	w.problems = append(w.problems, &render.Problem{Kind: render.KindSyntax, Pos: pos, Line: line, Name: name, Hint: hint, Text: fmt.Sprintf(format, args...)})
}
