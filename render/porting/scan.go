package porting

import "strings"

const blanks = " \t\r\n"

func isComment(body string) bool { return strings.HasPrefix(strings.TrimLeft(body, "-"+blanks), "/*") }

// actionEnd finds what closes an action, past strings and comments.
func actionEnd(text string, i int, right string) int {
	if isComment(text[i:]) {
		if n := strings.Index(text[i:], "*/"); n >= 0 {
			i += n
		}
	}
	for i < len(text) {
		if strings.HasPrefix(text[i:], right) {
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

// commands returns the spans of the commands of a pipeline.
func commands(body string) [][2]int {
	var out [][2]int
	from, depth := 0, 0
	for i := 0; i < len(body); {
		switch body[i] {
		case '(':
			depth++
		case ')':
			depth--
		case '|':
			if depth == 0 {
				out = append(out, [2]int{from, i})
				from = i + 1
			}
		}
		i = max(skipLiteral(body, i), i+1)
	}
	return append(out, [2]int{from, len(body)})
}

// operands returns the spans of the words of a command.
func operands(s string) [][2]int {
	var out [][2]int
	for i := 0; i < len(s); {
		if strings.IndexByte(blanks, s[i]) >= 0 {
			i++
			continue
		}
		start, depth := i, 0
		for i < len(s) && (depth > 0 || strings.IndexByte(blanks, s[i]) < 0) {
			switch s[i] {
			case '(':
				depth++
			case ')':
				depth--
			}
			i = max(skipLiteral(s, i), i+1)
		}
		i = min(i, len(s))
		if s[start:i] == "-" && strings.Trim(s[i:], blanks) == "" { // the trim mark before the end
			break
		}
		out = append(out, [2]int{start, i})
	}
	return out
}

// splitHead cuts off what may stand before a pipeline: a trim mark, keywords, the name of
// a template, and the variables that are set.
func splitHead(body string) (head, rest string) {
	n := len(body) - len(strings.TrimLeft(body, blanks))
	if len(body) > n+1 && body[n] == '-' && strings.IndexByte(blanks, body[n+1]) >= 0 {
		n++
	}
	for {
		trimmed := strings.TrimLeft(body[n:], blanks)
		at := len(body) - len(trimmed)
		word := trimmed
		if i := strings.IndexAny(trimmed, blanks); i >= 0 {
			word = trimmed[:i]
		}
		switch word {
		case "if", "else", "range", "with":
			n = at + len(word)
			continue
		case "template", "block", "define":
			n = at + len(word)
			if words := operands(body[n:]); len(words) > 0 {
				n += words[0][1]
			}
			return body[:n], body[n:]
		}
		if strings.HasPrefix(trimmed, "$") {
			n = at + assignment(trimmed)
		}
		return body[:n], body[n:]
	}
}

// assignment is the length of "$a, $b :=" or "$a =" at the start of a text, or 0.
func assignment(text string) int {
	i := strings.IndexByte(text, '=')
	if i < 0 {
		return 0
	}
	names := strings.TrimRight(strings.TrimSuffix(text[:i], ":"), blanks)
	for _, name := range strings.Split(names, ",") {
		name = strings.Trim(name, blanks)
		if len(name) < 2 || name[0] != '$' || strings.ContainsAny(name, blanks+`("'|.`+"`") {
			return 0
		}
	}
	return i + 1
}
