package datafile

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// parseProperties reads a Java properties file, as java.util.Properties does
// from a reader: UTF-8, escapes, lines that go on after a backslash. A dot in a
// key is a level of the tree; a key that has keys below it as well is the
// element "" of its map.
func parseProperties(data []byte) (any, error) {
	tree := map[string]any{}
	seen := map[string]int{}
	lines := strings.Split(strings.ReplaceAll(strings.ReplaceAll(string(data), "\r\n", "\n"), "\r", "\n"), "\n")
	for i := 0; i < len(lines); i++ {
		first := i + 1
		line := strings.TrimLeft(lines[i], " \t\f")
		if line == "" || line[0] == '#' || line[0] == '!' {
			continue
		}
		for goesOn(line) {
			line = line[:len(line)-1]
			if i++; i == len(lines) {
				break
			}
			line += strings.TrimLeft(lines[i], " \t\f")
		}
		rawKey, rawValue := splitProperty(line)
		key, err := unescapeProperty(rawKey)
		if err != nil {
			return nil, &Error{Line: first, Text: err.Error()}
		}
		value, err := unescapeProperty(rawValue)
		if err != nil {
			return nil, &Error{Line: first, Text: err.Error()}
		}
		if before := seen[key]; before > 0 {
			return nil, &Error{Line: first, Text: fmt.Sprintf("key %q occurs twice, first on line %d", key, before)}
		}
		seen[key] = first
		insert(tree, strings.Split(key, "."), value)
	}
	return tree, nil
}

// goesOn reports whether a line ends with an odd number of backslashes.
func goesOn(line string) bool {
	n := len(line) - len(strings.TrimRight(line, `\`))
	return n%2 == 1
}

// splitProperty cuts at the first =, : or blank that is not escaped.
func splitProperty(line string) (key, value string) {
	end := len(line)
	for i := 0; i < len(line); i++ {
		if line[i] == '\\' {
			i++
			continue
		}
		if strings.IndexByte("=: \t\f", line[i]) >= 0 {
			end = i
			break
		}
	}
	rest := strings.TrimLeft(line[end:], " \t\f")
	if rest != "" && (rest[0] == '=' || rest[0] == ':') {
		rest = strings.TrimLeft(rest[1:], " \t\f")
	}
	return line[:end], rest
}

func unescapeProperty(s string) (string, error) {
	if strings.IndexByte(s, '\\') < 0 {
		return s, nil
	}
	var out []byte
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' {
			out = append(out, s[i])
			continue
		}
		if i++; i == len(s) {
			break
		}
		switch s[i] {
		case 't':
			out = append(out, '\t')
		case 'n':
			out = append(out, '\n')
		case 'r':
			out = append(out, '\r')
		case 'f':
			out = append(out, '\f')
		case 'u':
			r, n, err := unicodeEscape(s[i-1:])
			if err != nil {
				return "", err
			}
			out = utf8.AppendRune(out, r)
			i += n - 2
		default:
			out = append(out, s[i])
		}
	}
	return string(out), nil
}

// unicodeEscape reads the \uXXXX that s begins with, or two for a character
// beyond U+FFFF, and returns its length.
func unicodeEscape(s string) (rune, int, error) {
	unit := func(s string) (rune, bool) {
		if len(s) < 6 || s[:2] != `\u` {
			return 0, false
		}
		n, err := strconv.ParseUint(s[2:6], 16, 16)
		return rune(n), err == nil
	}
	r, ok := unit(s)
	if !ok {
		return 0, 0, fmt.Errorf(`\u needs four hexadecimal digits`)
	}
	if utf16.IsSurrogate(r) {
		if low, ok := unit(s[6:]); ok {
			return utf16.DecodeRune(r, low), 12, nil
		}
	}
	return r, 6, nil
}

func insert(m map[string]any, path []string, value string) {
	for _, p := range path[:len(path)-1] {
		sub, ok := m[p].(map[string]any)
		if !ok {
			sub = map[string]any{}
			if text, ok := m[p].(string); ok {
				sub[""] = text
			}
			m[p] = sub
		}
		m = sub
	}
	last := path[len(path)-1]
	if sub, ok := m[last].(map[string]any); ok {
		m, last = sub, ""
	}
	m[last] = value
}
