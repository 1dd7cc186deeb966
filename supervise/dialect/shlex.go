package dialect

import (
	"strings"
	"unicode/utf8"
)

// The errors of SplitCommand, in the words of Python's shlex: they end up in the
// spawn error of a process, which clients show and scripts look for.
const (
	errNoClosingQuote = splitError("No closing quotation")
	errNoEscaped      = splitError("No escaped character")
)

type splitError string

func (e splitError) Error() string { return string(e) }

// SplitCommand splits a command line into words as a POSIX shell does: quotes
// and backslashes, but neither comments nor expansions. A backslash at the end
// of a line stands for the newline itself, as in Python's shlex.split, which is
// what Supervisor uses.
func SplitCommand(s string) ([]string, error) {
	var words []string
	var word []byte
	started := false
	for i := 0; i < len(s); i++ {
		switch c := s[i]; c {
		case ' ', '\t', '\r', '\n':
			if started {
				words = append(words, string(word))
				word, started = word[:0], false
			}
		case '\\':
			if i++; i >= len(s) {
				return nil, errNoEscaped
			}
			word, started = append(word, s[i]), true
		case '\'':
			end := strings.IndexByte(s[i+1:], '\'')
			if end < 0 {
				return nil, errNoClosingQuote
			}
			word, started = append(word, s[i+1:i+1+end]...), true
			i += end + 1
		case '"':
			var err error
			if word, i, err = doubleQuoted(word, s, i+1); err != nil {
				return nil, err
			}
			started = true
		default:
			word, started = append(word, c), true
		}
	}
	if started {
		words = append(words, string(word))
	}
	return words, nil
}

// doubleQuoted appends up to the closing quote, whose index it returns.
func doubleQuoted(word []byte, s string, i int) ([]byte, int, error) {
	for ; i < len(s); i++ {
		switch s[i] {
		case '"':
			return word, i, nil
		case '\\':
			if i++; i >= len(s) {
				return nil, 0, errNoEscaped
			}
			if s[i] != '"' && s[i] != '\\' {
				word = append(word, '\\')
			}
		}
		word = append(word, s[i])
	}
	return nil, 0, errNoClosingQuote
}

// token is a word or a character of an environment= value.
type token struct {
	text string
	at   int
}

// lexer cuts an environment= value into tokens as Python's shlex.shlex does
// with the extra word characters /.+-():. Supervisor up to 4.3 uses it in its
// old mode, 4.4 in POSIX mode.
type lexer struct {
	s     string
	i     int
	posix bool
}

func (l *lexer) all() ([]token, error) {
	var tokens []token
	for {
		t, ok, err := l.next()
		if err != nil {
			return nil, err
		}
		if !ok {
			return tokens, nil
		}
		tokens = append(tokens, t)
	}
}

func (l *lexer) next() (t token, ok bool, err error) {
	l.skip()
	if l.i >= len(l.s) {
		return token{}, false, nil
	}
	if l.posix {
		return l.posixToken()
	}
	return l.oldToken()
}

// skip passes over white space and comments.
func (l *lexer) skip() {
	for l.i < len(l.s) {
		switch l.s[l.i] {
		case ' ', '\t', '\r', '\n':
			l.i++
		case '#':
			l.comment()
		default:
			return
		}
	}
}

func (l *lexer) comment() {
	if n := strings.IndexByte(l.s[l.i:], '\n'); n >= 0 {
		l.i += n + 1
	} else {
		l.i = len(l.s)
	}
}

// oldToken: quotes stay in the token; they group only at its start, and within
// a word they are letters.
func (l *lexer) oldToken() (token, bool, error) {
	start := l.i
	c := l.s[start]
	if c == '"' || c == '\'' {
		end := strings.IndexByte(l.s[start+1:], c)
		if end < 0 {
			return token{}, false, errNoClosingQuote
		}
		l.i = start + end + 2
		return token{l.s[start:l.i], start}, true, nil
	}
	if !isWord(l.s[start:], false) {
		_, n := utf8.DecodeRuneInString(l.s[start:])
		l.i += n
		return token{l.s[start:l.i], start}, true, nil
	}
	for l.i < len(l.s) && (isWord(l.s[l.i:], false) || l.s[l.i] == '"' || l.s[l.i] == '\'') {
		l.i++
	}
	return token{l.s[start:l.i], start}, true, nil
}

// posixToken: quotes and backslashes are taken away, and pieces join.
func (l *lexer) posixToken() (token, bool, error) {
	start := l.i
	var word []byte
	for l.i < len(l.s) {
		switch c := l.s[l.i]; {
		case c == '\\':
			if l.i+1 >= len(l.s) {
				return token{}, false, errNoEscaped
			}
			_, n := utf8.DecodeRuneInString(l.s[l.i+1:])
			word = append(word, l.s[l.i+1:l.i+1+n]...)
			l.i += 1 + n
		case c == '\'':
			end := strings.IndexByte(l.s[l.i+1:], '\'')
			if end < 0 {
				return token{}, false, errNoClosingQuote
			}
			word = append(word, l.s[l.i+1:l.i+1+end]...)
			l.i += end + 2
		case c == '"':
			var end int
			var err error
			if word, end, err = doubleQuoted(word, l.s, l.i+1); err != nil {
				return token{}, false, err
			}
			l.i = end + 1
		case isWord(l.s[l.i:], true):
			_, n := utf8.DecodeRuneInString(l.s[l.i:])
			word = append(word, l.s[l.i:l.i+n]...)
			l.i += n
		case l.i == start: // a character of its own
			_, n := utf8.DecodeRuneInString(l.s[l.i:])
			l.i += n
			return token{l.s[start:l.i], start}, true, nil
		default:
			return token{string(word), start}, true, nil
		}
	}
	return token{string(word), start}, true, nil
}

// isWord tells whether s begins with a word character; in POSIX mode Latin-1
// letters are some.
func isWord(s string, posix bool) bool {
	c := s[0]
	switch {
	case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9':
		return true
	case c < utf8.RuneSelf:
		return strings.IndexByte("_/.+-():", c) >= 0
	}
	r, _ := utf8.DecodeRuneInString(s)
	return posix && r >= 0xc0 && r <= 0xff && r != 0xd7 && r != 0xf7
}
