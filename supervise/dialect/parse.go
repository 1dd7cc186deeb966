package dialect

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// parser reads one file into a document, as Python's RawConfigParser does with
// strict=False and the inline comment prefixes ; and #.
type parser struct {
	doc  *Document
	file string
	bad  *Report

	sec    *Section
	key    Key
	open   bool     // key is being read
	pieces []string // its lines
	more   []cell
	indent int // of the key's own line, in characters
}

// parse reads text into doc. Lines that are neither header nor setting are all
// reported; a file that does not begin with a header is given up at once.
func parse(doc *Document, file, here, text string, bad *Report) {
	if !utf8.ValidString(text) {
		line, col := firstInvalid(text)
		bad.Add(&Problem{Pos: Pos{File: file, Line: line, Col: col}, Kind: KindEncoding, Text: "expected UTF-8 text",
			Hint: "convert the file to UTF-8"})
		return
	}
	if doc.here == nil {
		doc.here = make(map[string]string)
	}
	doc.here[file] = here
	p := &parser{doc: doc, file: file, bad: bad}
	for n := 1; text != ""; n++ {
		var line string
		line, text = cutLine(text)
		if !p.line(line, n) {
			return
		}
	}
	p.flush()
}

// cutLine splits at "\n", "\r\n" or a lone "\r", which Python reads alike.
func cutLine(s string) (line, rest string) {
	i := strings.IndexAny(s, "\r\n")
	if i < 0 {
		return s, ""
	}
	if s[i] == '\r' && i+1 < len(s) && s[i+1] == '\n' {
		return s[:i], s[i+2:]
	}
	return s[:i], s[i+1:]
}

func (p *parser) line(line string, n int) bool {
	lead := len(line) - len(trimLeft(line))
	content := line
	comment := commentStart(line)
	if comment >= 0 {
		content = line[:comment]
	}
	if lead < len(line) && (line[lead] == ';' || line[lead] == '#') {
		comment, content = 0, ""
	}
	content = Trim(content)
	if content == "" {
		// A blank line belongs to the value, one with a comment does not.
		if comment < 0 && p.open {
			p.pieces = append(p.pieces, "")
			p.more = append(p.more, cell{n, 1})
		}
		return true
	}
	indent := utf8.RuneCountInString(line[:lead])
	if comment > 0 {
		p.doc.cutShort(content, line[comment:], Pos{File: p.file, Line: n, Col: comment + 1})
	}
	if p.open && indent > p.indent {
		p.pieces = append(p.pieces, content)
		p.more = append(p.more, cell{n, lead + 1})
		return true
	}
	p.indent = indent
	at := Pos{File: p.file, Line: n, Col: lead + 1}
	// The header is greedy as in Python 3.11: up to the last bracket.
	if end := strings.LastIndexByte(content, ']'); content[0] == '[' && end > 1 {
		p.flush()
		p.sec = p.doc.section(content[1:end], at)
		return true
	}
	if p.sec == nil {
		p.noHeader(content, at)
		return false
	}
	p.setting(content, at)
	return true
}

func (p *parser) noHeader(content string, at Pos) {
	x := &Problem{Pos: at, Kind: KindSyntax,
		Text: "expected a section header such as [program:web], got " + Quote(content)}
	if strings.HasPrefix(content, "\ufeff") {
		x.Hint = "the file begins with a byte order mark: save it without"
	}
	p.bad.Add(x)
}

func (p *parser) setting(content string, at Pos) {
	i := strings.IndexAny(content, "=:")
	name := ""
	if i >= 0 {
		name = trimRight(content[:i])
	}
	if name == "" {
		x := &Problem{Pos: at, Section: p.sec.Name, Kind: KindSyntax, Text: "expected key = value, got " + Quote(content)}
		if p.open && i < 0 {
			x.Hint = "indent the line to continue the value of " + p.key.Name
		}
		p.bad.Add(x)
		return
	}
	p.flush()
	rest := trimLeft(content[i+1:])
	value := at
	value.Col += len(content) - len(rest)
	p.key = Key{Name: strings.ToLower(name), Pos: at, ValuePos: value}
	p.pieces = append(p.pieces[:0], rest)
	p.more = nil
	p.open = true
}

// flush ends the key that is being read.
func (p *parser) flush() {
	if !p.open {
		return
	}
	p.open = false
	if len(p.pieces) == 1 {
		p.key.Value = p.pieces[0]
	} else {
		p.key.Value = trimRight(strings.Join(p.pieces, "\n"))
		more := p.more
		p.key.more = &more
	}
	p.sec.put(p.key, p.doc.next())
}

// commentStart gives the index at which an inline comment begins, or -1.
//
// ; or # begin one at the start of the line or after white space. The two are
// searched in rounds, one occurrence of each per round, and the search ends
// with the first round that found one, so "a;b ;c #d" is cut at the #.
func commentStart(line string) int {
	found := -1
	next := [2]int{}
	live := [2]bool{true, true}
	for found < 0 && (live[0] || live[1]) {
		for i, prefix := range [2]byte{';', '#'} {
			if !live[i] {
				continue
			}
			j := strings.IndexByte(line[next[i]:], prefix)
			if j < 0 {
				live[i] = false
				continue
			}
			j += next[i]
			next[i] = j + 1
			if (found < 0 || j < found) && (j == 0 || endsInSpace(line[:j])) {
				found = j
			}
		}
	}
	return found
}

func endsInSpace(s string) bool {
	r, _ := utf8.DecodeLastRuneInString(s)
	return IsSpace(r)
}

// IsSpace is Python's str.isspace, which also knows the separators 0x1c-0x1f.
func IsSpace(r rune) bool {
	if r < utf8.RuneSelf {
		return r == ' ' || r >= '\t' && r <= '\r' || r >= 0x1c && r <= 0x1f
	}
	return unicode.IsSpace(r)
}

// Trim takes away what Python counts as white space.
func Trim(s string) string      { return strings.TrimFunc(s, IsSpace) }
func trimLeft(s string) string  { return strings.TrimLeftFunc(s, IsSpace) }
func trimRight(s string) string { return strings.TrimRightFunc(s, IsSpace) }

func firstInvalid(text string) (line, col int) {
	line, start := 1, 0
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRuneInString(text[i:])
		if r == utf8.RuneError && n == 1 {
			return line, i - start + 1
		}
		i += n
		if r == '\n' {
			line, start = line+1, i
		}
	}
	return line, 1
}
