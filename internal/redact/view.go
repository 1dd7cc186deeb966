package redact

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// view is a text as somebody reads it who undoes what has been done to parts of it.
type view struct {
	text     string
	at       []span // where each byte of text stands in what is redacted; nil: at its own place
	squeezed bool   // lines were joined
}

// place is where a part of the view stands, which is not empty.
func (v view) place(s span) span {
	if v.at == nil {
		return s
	}
	return span{v.at[s.from].from, v.at[s.to-1].to}
}

// depth is how many things may have been done to a secret, one after the other: to a URL in
// JSON within JSON three.
const depth = 3

// views are the ways to read a text: as it is, and with what was done to it undone, in each
// order. plus: + may stand for a blank.
func views(text string, plus bool) []view {
	all := []view{{text: text}}
	if !strings.ContainsAny(text, "\\&%\n+'") {
		return all
	}
	undo := []func(view) (view, bool){backslashes, quotes, entities, func(v view) (view, bool) { return percent(v, false) }}
	if plus {
		undo = append(undo, func(v view) (view, bool) { return percent(v, true) })
	}
	known := map[string]bool{text: true}
	begin := 0
	for range depth {
		end := len(all)
		for _, v := range all[begin:end] {
			for _, f := range undo {
				if next, changed := f(v); changed && !known[next.text] {
					known[next.text] = true
					all = append(all, next)
				}
			}
		}
		begin = end
	}
	for _, v := range all { // JSON makes \n of a line break
		if next, changed := squeeze(v); changed && !known[next.text] {
			known[next.text] = true
			all = append(all, next)
		}
	}
	return all
}

// undoing builds a view of a view.
type undoing struct {
	was     view
	b       strings.Builder
	places  []span
	at      int // how far was is copied
	changed bool
}

// put copies what is before i, then s in place of the n bytes at i.
func (u *undoing) put(i, n int, s string) {
	if !u.changed {
		u.changed = true
		u.b.Grow(len(u.was.text))
		u.places = make([]span, 0, len(u.was.text))
	}
	u.copy(i)
	for range len(s) {
		u.places = append(u.places, u.was.place(span{i, i + n}))
	}
	u.b.WriteString(s)
	u.at = i + n
}

func (u *undoing) copy(to int) {
	for i := u.at; i < to; i++ {
		u.places = append(u.places, u.was.place(span{i, i + 1}))
	}
	u.b.WriteString(u.was.text[u.at:to])
}

func (u *undoing) view() (view, bool) {
	if !u.changed {
		return u.was, false
	}
	u.copy(len(u.was.text))
	return view{text: u.b.String(), at: u.places}, true
}

// squeeze joins lines: base64 has some of 64 or 76 digits, and a terminal breaks them anywhere.
func squeeze(v view) (view, bool) {
	u := undoing{was: v}
	for i := 0; i < len(v.text); i++ {
		if c := v.text[i]; c == '\n' || c == '\r' {
			u.put(i, 1, "")
		}
	}
	v, changed := u.view()
	v.squeezed = changed
	return v, changed
}

// percent undoes the escapes of URLs; plus: + is a blank, as in a query.
func percent(v view, plus bool) (view, bool) {
	u := undoing{was: v}
	for i := 0; i < len(v.text); i++ {
		switch c := v.text[i]; {
		case c == '+' && plus:
			u.put(i, 1, " ")
		case c == '%':
			if b, ok := number(v.text, i+1, 2, 16); ok {
				u.put(i, 3, string([]byte{byte(b)}))
				i += 2
			}
		}
	}
	return u.view()
}

// number reads n digits at i.
func number(text string, i, n, base int) (int, bool) {
	if i+n > len(text) {
		return 0, false
	}
	v, err := strconv.ParseUint(text[i:i+n], base, 31)
	return int(v), err == nil && text[i] != '+'
}

// entities undoes those of XML and HTML.
func entities(v view) (view, bool) {
	u := undoing{was: v}
	for i := 0; i < len(v.text); i++ {
		if v.text[i] != '&' {
			continue
		}
		end := strings.IndexByte(v.text[i:min(len(v.text), i+12)], ';')
		if end < 0 {
			continue
		}
		if s := entity(v.text[i+1 : i+end]); s != "" {
			u.put(i, end+1, s)
			i += end
		}
	}
	return u.view()
}

func entity(name string) string {
	switch name {
	case "amp":
		return "&"
	case "lt":
		return "<"
	case "gt":
		return ">"
	case "quot":
		return `"`
	case "apos":
		return "'"
	}
	digits, ok := strings.CutPrefix(name, "#")
	base := 10
	if ok && len(digits) > 1 && (digits[0] == 'x' || digits[0] == 'X') {
		digits, base = digits[1:], 16
	}
	if n, ok2 := number(digits, 0, len(digits), base); ok && ok2 && n > 0 {
		return string(rune(n))
	}
	return ""
}

// backslashes undoes the escapes of Go, C, JSON and shells.
func backslashes(v view) (view, bool) {
	u := undoing{was: v}
	for i := 0; i < len(v.text); i++ {
		if v.text[i] != '\\' {
			continue
		}
		if s, n := escape(v.text[i:]); n > 0 {
			u.put(i, n, s)
			i += n - 1
		}
	}
	return u.view()
}

// quotes undoes the two ways in which a shell has a quote within quotes.
func quotes(v view) (view, bool) {
	u := undoing{was: v}
	for i := 0; i < len(v.text); i++ {
		for _, way := range []string{`'\''`, `'"'"'`} {
			if v.text[i] == way[0] && strings.HasPrefix(v.text[i:], way) {
				u.put(i, len(way), "'")
				i += len(way) - 1
				break
			}
		}
	}
	return u.view()
}

// escape is what the escape at the begin of text stands for, and its length; 0 if it is none.
func escape(text string) (string, int) {
	if len(text) < 2 {
		return "", 0
	}
	const letters, meanings = "abefnrtv", "\a\b\x1b\f\n\r\t\v"
	c := text[1]
	if i := strings.IndexByte(letters, c); i >= 0 {
		return meanings[i : i+1], 2
	}
	switch {
	case c == 'x':
		if n, ok := number(text, 2, 2, 16); ok {
			return string([]byte{byte(n)}), 4
		}
	case c == 'u' || c == 'U':
		size := 4
		if c == 'U' {
			size = 8
		}
		n, ok := number(text, 2, size, 16)
		if !ok {
			break
		}
		if low, ok := surrogate(text, n); ok {
			return string(low), 12
		}
		return string(rune(n)), 2 + size
	case '0' <= c && c <= '7':
		if n, ok := number(text, 1, 3, 8); ok && n < 256 {
			return string([]byte{byte(n)}), 4
		}
	}
	if c >= utf8.RuneSelf {
		return "", 0
	}
	return text[1:2], 2
}

// surrogate joins two escapes of JSON.
func surrogate(text string, high int) (rune, bool) {
	if high < 0xd800 || high > 0xdbff || !strings.HasPrefix(text[6:], `\u`) {
		return 0, false
	}
	low, ok := number(text, 8, 4, 16)
	if !ok || low < 0xdc00 || low > 0xdfff {
		return 0, false
	}
	return rune(high-0xd800)<<10 + rune(low-0xdc00) + 0x10000, true
}
