package format

import "strings"

// Pattern tells the first lines of records. It is a regular expression of single
// characters and classes with a count each, without groups, so that it is a set of at most
// 63 positions in one word, a line is looked at once, and nothing that PID 1 links grows by
// a library.
type Pattern struct{ ways []way }

// way is one of the alternatives: what the characters of a line must be, one after another.
type way struct {
	anchored bool // at the beginning of the line
	end      bool // at its end
	atoms    []atom
}

// atom is one place of an alternative.
type atom struct {
	set    [4]uint64 // the bytes that fit
	option bool      // it may be missing
	repeat bool      // it may come again
}

const maxAtoms = 63

func (a *atom) add(from, to byte) {
	for c := int(from); c <= int(to); c++ {
		a.set[c>>6] |= 1 << (c & 63)
	}
}

func (a *atom) invert() {
	for i := range a.set {
		a.set[i] = ^a.set[i]
	}
}

func (a *atom) fits(c byte) bool { return a.set[c>>6]>>(c&63)&1 == 1 }

// Compile reads a pattern. What is wrong with it is said in words, with a hint.
func Compile(text string) (p *Pattern, wrong, hint string) {
	p = &Pattern{}
	c := compiler{rest: text}
	for {
		w := c.way()
		if c.wrong != "" {
			return nil, c.wrong, c.hint
		}
		p.ways = append(p.ways, w)
		if c.rest == "" {
			return p, "", ""
		}
		c.rest = c.rest[1:] // the bar
	}
}

// compiler is what is left of a pattern.
type compiler struct {
	rest        string
	wrong, hint string
}

func (c *compiler) fail(wrong, hint string) {
	if c.wrong == "" {
		c.wrong, c.hint = wrong, hint
	}
	c.rest = ""
}

// way reads up to a bar.
func (c *compiler) way() (w way) {
	if strings.HasPrefix(c.rest, "^") {
		w.anchored = true
		c.rest = c.rest[1:]
	}
	for c.rest != "" && c.rest[0] != '|' {
		if c.rest[0] == '$' && (len(c.rest) == 1 || c.rest[1] == '|') {
			w.end = true
			c.rest = c.rest[1:]
			continue
		}
		a := c.atom()
		w.atoms = append(w.atoms, c.counted(a)...)
		if len(w.atoms) > maxAtoms {
			c.fail("it is longer than 63 characters", "a first line is told by its beginning")
		}
	}
	return w
}

// take takes one byte off.
func (c *compiler) take() byte {
	if c.rest == "" {
		return 0
	}
	b := c.rest[0]
	c.rest = c.rest[1:]
	return b
}

// atom reads what one character must be.
func (c *compiler) atom() (a atom) {
	switch b := c.take(); b {
	case '(', ')':
		c.fail("it has a group", "write alternatives of the whole as A|B, and a class such as [0-9] with a count such as {4}")
	case '^', '$':
		c.fail(`"`+string(b)+`" is in the middle`, `write \`+string(b)+` for the character itself`)
	case '*', '+', '?', '{':
		c.fail(`there is nothing before "`+string(b)+`"`, `write \`+string(b)+` for the character itself`)
	case '.':
		a.add(0, 255)
	case '[':
		a = c.class()
	case '\\':
		a = c.escape()
	default:
		a.add(b, b)
	}
	return a
}

// escape reads what follows a backslash.
func (c *compiler) escape() (a atom) {
	if c.rest == "" {
		c.fail(`it ends with "\"`, "")
		return a
	}
	b := c.take()
	switch b | 0x20 {
	case 'd':
		a.add('0', '9')
	case 'w':
		a.add('0', '9')
		a.add('a', 'z')
		a.add('A', 'Z')
		a.add('_', '_')
	case 's':
		a.add('\t', '\r')
		a.add(' ', ' ')
	default:
		switch {
		case b == 't':
			a.add('\t', '\t')
		case b >= '0' && b <= '9' || b|0x20 >= 'a' && b|0x20 <= 'z':
			c.fail(`"\`+string(b)+`" is not understood`, `there are \d, \w, \s, their opposites \D, \W, \S, and \t`)
		default:
			a.add(b, b)
		}
		return a
	}
	if b < 'a' {
		a.invert()
	}
	return a
}

// class reads what follows an opening bracket.
func (c *compiler) class() (a atom) {
	opposite := strings.HasPrefix(c.rest, "^")
	if opposite {
		c.rest = c.rest[1:]
	}
	for first := true; ; first = false {
		switch {
		case c.rest == "":
			c.fail(`"[" has no "]"`, "")
			return a
		case strings.HasPrefix(c.rest, "[:"):
			c.fail(`"[:" is not understood`, `write a-z or \d`)
			return a
		}
		b := c.take()
		switch {
		case b == ']' && !first:
			if opposite {
				a.invert()
			}
			return a
		case b >= 0x80:
			c.fail("a class has a character that is not ASCII", "")
			return a
		case b == '\\':
			one := c.escape()
			for i := range a.set {
				a.set[i] |= one.set[i]
			}
		case len(c.rest) > 1 && c.rest[0] == '-' && c.rest[1] != ']':
			to := c.rest[1]
			c.rest = c.rest[2:]
			if to < b {
				c.fail(`the range "`+string(b)+`-`+string(to)+`" is empty`, "")
				return a
			}
			a.add(b, to)
		default:
			a.add(b, b)
		}
	}
}

// counted reads how often an atom comes.
func (c *compiler) counted(a atom) []atom {
	least, most := 1, 1 // 0: any number
	if c.rest != "" {
		switch c.rest[0] {
		case '*':
			least, most = 0, 0
		case '+':
			most = 0
		case '?':
			least = 0
		case '{':
			return c.braces(a)
		default:
			return []atom{a}
		}
		c.rest = c.rest[1:]
	}
	return times(a, least, most)
}

// braces reads {N}, {N,} or {N,M}.
func (c *compiler) braces(a atom) []atom {
	inside, rest, ok := strings.Cut(c.rest[1:], "}")
	low, high, two := strings.Cut(inside, ",")
	least, fine := number(low)
	most := least
	if two && high == "" {
		most = 0
	} else if two {
		var other bool
		most, other = number(high)
		fine = fine && other
	}
	if endless := two && high == ""; !ok || !fine || !endless && (most == 0 || most < least) {
		c.fail(`"{`+inside+`}" is no count`, "write {N}, {N,} or {N,M}, with numbers up to 63")
		return nil
	}
	c.rest = rest
	return times(a, least, most)
}

func number(s string) (n int, ok bool) {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' || n > maxAtoms {
			return 0, false
		}
		n = 10*n + int(s[i]-'0')
	}
	return n, s != "" && n <= maxAtoms
}

// times repeats an atom; most is 0 for any number.
func times(a atom, least, most int) (list []atom) {
	for range least {
		list = append(list, a)
	}
	if most == 0 {
		if least == 0 {
			a.option = true
			list = append(list, a)
		}
		list[len(list)-1].repeat = true
		return list
	}
	a.option = true
	for range most - least {
		list = append(list, a)
	}
	return list
}

// Match reports whether a line is the first of a record.
func (p *Pattern) Match(line []byte) bool {
	for i := range p.ways {
		if p.ways[i].match(line) {
			return true
		}
	}
	return false
}

// match keeps the set of the places that can come next, a bit each; the last bit is that all
// have come.
func (w *way) match(line []byte) bool {
	done := uint64(1) << len(w.atoms)
	start := w.skip(1)
	at := start
	for _, c := range line {
		if at&done != 0 && !w.end {
			return true
		}
		next := uint64(0)
		for i := range w.atoms {
			if at>>i&1 == 0 || !w.atoms[i].fits(c) {
				continue
			}
			next |= 2 << i
			if w.atoms[i].repeat {
				next |= 1 << i
			}
		}
		at = w.skip(next)
		if !w.anchored {
			at |= start
		} else if at == 0 {
			return false
		}
	}
	return at&done != 0
}

// skip adds the places behind those that may be missing.
func (w *way) skip(at uint64) uint64 {
	for i := range w.atoms {
		if w.atoms[i].option && at>>i&1 == 1 {
			at |= 2 << i
		}
	}
	return at
}
