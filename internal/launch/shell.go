package launch

import "strings"

// certain are the commands that a script of the shell runs whatever happens before: neither
// those of a condition's branches, nor any after a test, nor one for which there is another.
// A name that the shell makes at run time is not among them, nor is a builtin.
func certain(script string) []string {
	r := scriptReader{text: script}
	var out []string
	for {
		list, more := r.list()
		out = append(out, list...)
		if !more {
			return out
		}
	}
}

// scriptReader reads a script up to what it does not follow: compound commands, functions,
// here documents, a change of PATH.
type scriptReader struct {
	text string
	at   int
	end  bool // the rest is not followed
}

// list reads commands up to the end of a line or a semicolon.
func (r *scriptReader) list() (names []string, more bool) {
	tested, other := false, false
	for {
		name, after := r.command()
		switch {
		case after == "||":
			other = true
		case tested || name == "":
		case tests[name]:
			tested = true
		case !builtins[name]:
			names = append(names, name)
		}
		if (after == "&&" || after == "||" || after == "|") && !r.end {
			continue
		}
		if other {
			names = nil
		}
		return names, after != "" && !r.end
	}
}

// tests are commands after which && is a condition.
var tests = words("[ test command type hash which")

var builtins = words(". : alias bg cd echo eval exit export false fc fg getopts jobs kill local printf pwd read readonly return set shift source " +
	"times trap true ulimit umask unalias unset wait")

// compound are the words after which commands are run under a condition.
var compound = words("if then else elif fi while until for do done case esac function select } break continue")

// passing are the words whose argument is the command.
var passing = words("! { time exec")

func words(list string) map[string]bool {
	out := map[string]bool{}
	for _, w := range strings.Fields(list) {
		out[w] = true
	}
	return out
}

// command reads one command. name is "" where it is not known; after is the operator behind
// it, "" at the end.
func (r *scriptReader) command() (name, after string) {
	for first := true; ; {
		word, operator, plain := r.word()
		switch {
		case operator != "":
			if operator == "(" && first && name == "" {
				continue // a subshell
			}
			if operator == "(" || operator == "<<" {
				r.end = true
				return "", ""
			}
			if operator == "<" || operator == ">" {
				r.word()
				continue
			}
			return name, operator
		case word == "" && r.at >= len(r.text):
			return name, ""
		case !first:
		case !plain:
			first = false
		case compound[word]:
			r.end = true
			return "", ""
		case passing[word]:
		case isAssignment(word):
			r.end = r.end || strings.HasPrefix(word, "PATH=")
		default:
			name, first = word, false
			r.end = r.end || word == "exit" || word == "return" || word == "." || word == "source" || word == "export" || word == "set"
		}
		if r.end && name == "" {
			return "", ""
		}
	}
}

func isAssignment(word string) bool {
	name, _, ok := strings.Cut(word, "=")
	return ok && name != "" && strings.Trim(name, "_abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") == "" && (name[0] < '0' || name[0] > '9')
}

// word reads a word or an operator. plain says that the word is what the shell makes of it.
func (r *scriptReader) word() (word, operator string, plain bool) {
	for r.at < len(r.text) {
		rest := r.text[r.at:]
		switch {
		case strings.HasPrefix(rest, "\\\n"):
			r.at += 2
			continue
		case rest[0] == ' ', rest[0] == '\t':
			r.at++
			continue
		case rest[0] == '#':
			if i := strings.IndexByte(rest, '\n'); i >= 0 {
				r.at += i
			} else {
				r.at = len(r.text)
			}
			continue
		}
		for _, op := range []string{"&&", "||", "&>", "<<", ">>", ">&", "<&", ">|", "&", "|", ";", "\n", "(", ")", "<", ">"} {
			if !strings.HasPrefix(rest, op) {
				continue
			}
			r.at += len(op)
			switch op {
			case "&", "\n", ";", ")":
				return "", ";", false
			case ">>", ">&", "<&", ">|", "&>":
				return "", ">", false
			}
			return "", op, false
		}
		break
	}
	return r.plainWord()
}

func (r *scriptReader) plainWord() (word, operator string, plain bool) {
	var out strings.Builder
	plain = true
	quote := byte(0)
	for ; r.at < len(r.text); r.at++ {
		c := r.text[r.at]
		switch {
		case quote != 0 && c == quote:
			quote = 0
		case quote == '\'':
			out.WriteByte(c)
		case c == '\\' && r.at+1 < len(r.text):
			r.at++
			out.WriteByte(r.text[r.at])
		case c == '$', c == '`':
			plain = false
			r.substitution(c)
		case quote != 0:
			out.WriteByte(c)
		case c == '"', c == '\'':
			quote = c
		case strings.IndexByte(" \t\n;&|()<>", c) >= 0:
			if text := out.String(); (c == '<' || c == '>') && text != "" && strings.Trim(text, "0123456789") == "" {
				return r.word() // 2>file: the number is that of a descriptor
			}
			return out.String(), "", plain && !replaced(out.String())
		case strings.IndexByte("*?~", c) >= 0, c == '[' && out.Len() > 0:
			plain = false
			out.WriteByte(c)
		default:
			out.WriteByte(c)
		}
	}
	r.end = r.end || quote != 0
	return out.String(), "", plain && !replaced(out.String())
}

// replaced says whether slipway puts the path of a file into a word.
func replaced(word string) bool {
	return strings.Contains(word, "{file}") || strings.Contains(word, "{staged:")
}

// substitution passes over $(…) and `…`, of which nothing is known.
func (r *scriptReader) substitution(c byte) {
	rest := r.text[r.at+1:]
	if c == '`' {
		if i := strings.IndexByte(rest, '`'); i >= 0 {
			r.at += 1 + i
			return
		}
		r.at, r.end = len(r.text), true
		return
	}
	if !strings.HasPrefix(rest, "(") {
		return
	}
	depth := 0
	for i := range len(rest) {
		switch rest[i] {
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				r.at += 1 + i
				return
			}
		}
	}
	r.at, r.end = len(r.text), true
}
