package dialect

import (
	"slipway/supervise/system"

	"slices"
	"strings"
	"unicode/utf8"
)

// glob finds the paths that match, sorted, as Python's glob.glob does: * ? and
// [..] in every part of the path, ** like *, names that begin with a dot only
// where the pattern does, neither ~ nor braces nor escapes.
func glob(sys system.System, pattern string) []string {
	if !hasMagic(pattern) {
		if strings.HasSuffix(pattern, "/") {
			if sys.IsDir(pattern) {
				return []string{pattern}
			}
		} else if sys.Exists(pattern) {
			return []string{pattern}
		}
		return nil
	}
	dir, base := Dirname(pattern), pattern[strings.LastIndexByte(pattern, '/')+1:]
	dirs := []string{dir}
	if dir != pattern && hasMagic(dir) {
		dirs = glob(sys, dir)
	}
	var found []string
	for _, d := range dirs {
		found = append(found, globIn(sys, d, base)...)
	}
	slices.Sort(found)
	return found
}

func globIn(sys system.System, dir, base string) (found []string) {
	if !hasMagic(base) {
		full := Join(dir, base)
		if base == "" && sys.IsDir(dir) || base != "" && sys.Exists(full) {
			return []string{full}
		}
		return nil
	}
	list := dir
	if list == "" {
		list = "."
	}
	for _, name := range sys.ReadDir(list) {
		if strings.HasPrefix(name, ".") && !strings.HasPrefix(base, ".") {
			continue
		}
		if match(base, name) {
			found = append(found, Join(dir, name))
		}
	}
	return found
}

func hasMagic(s string) bool { return strings.ContainsAny(s, "*?[") }

// match is Python's fnmatch for one part of a path. It backtracks only to the
// last star, so its time is bounded by the product of the lengths.
func match(pattern, name string) bool {
	p, n, star, mark := 0, 0, -1, 0
	for n < len(name) {
		r, size := utf8.DecodeRuneInString(name[n:])
		if p < len(pattern) {
			if pattern[p] == '*' {
				star, mark = p, n
				p++
				continue
			}
			if ok, width := matchOne(pattern[p:], r); ok {
				p += width
				n += size
				continue
			}
		}
		if star < 0 {
			return false
		}
		_, size = utf8.DecodeRuneInString(name[mark:])
		mark += size
		p, n = star+1, mark
	}
	return strings.Trim(pattern[p:], "*") == ""
}

// matchOne matches one character; width is how much of the pattern that took.
func matchOne(pattern string, r rune) (ok bool, width int) {
	switch pattern[0] {
	case '?':
		return true, 1
	case '[':
		if end := classEnd(pattern); end > 0 {
			return inClass(pattern[1:end], r), end + 1
		}
	}
	want, size := utf8.DecodeRuneInString(pattern)
	return want == r, size
}

// classEnd gives the index of the bracket that closes a class, or -1: a first
// ] belongs to the class, an unclosed [ is an ordinary character.
func classEnd(s string) int {
	i := 1
	if i < len(s) && s[i] == '!' {
		i++
	}
	if i < len(s) && s[i] == ']' {
		i++
	}
	for ; i < len(s); i++ {
		if s[i] == ']' {
			return i
		}
	}
	return -1
}

func inClass(class string, r rune) bool {
	negate := class[0] == '!'
	rs := []rune(strings.TrimPrefix(class, "!"))
	found := false
	for i := 0; i < len(rs); i++ {
		if i+2 < len(rs) && rs[i+1] == '-' {
			found = found || rs[i] <= r && r <= rs[i+2]
			i += 2
			continue
		}
		found = found || rs[i] == r
	}
	return found != negate
}
