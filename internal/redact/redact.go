// Package redact takes secrets out of texts for people. It is the one place that knows in
// which forms a secret can stand in a text, for PID 1 as for everything before it, and a
// leaf: what encodes, such as encoding/base64, is more than PID 1 should hold.
//
// A secret is found as it is, and where quotes, backslashes, percent signs or entities
// (Go, C, JSON, shells, URLs, XML, HTML) have changed it: a text is read in these ways and
// searched each time. One of [Encoded] bytes and more is found as base64 as well, within a
// longer encoded text too, as hexadecimal digits, where a line is broken within it, and
// where it was cut. What overlaps is taken out as a whole.
package redact

import (
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Mark stands where a secret was.
const Mark = "«redacted»"

// Bounds of what is looked for, in bytes.
const (
	// Plain is the length from which on a secret is taken out wherever it stands. A shorter
	// one goes only where it is quoted, lest every 1 of a text goes.
	Plain = 4
	// Encoded is the length from which on a secret is found where it is encoded, broken or
	// cut.
	Encoded = 8
)

// Redactor takes secrets out of texts. It is safe for use by several goroutines; nil is
// one without secrets.
type Redactor struct {
	begin [1 << 16 / 64]uint64 // bit set: a pattern begins with these two bytes
	short map[string][]pattern // by the whole text: all shorter than Encoded
	long  map[string][]*long   // by their first Encoded bytes
	sizes []int                // of short, descending
	plus  bool                 // a secret has a blank, which a URL writes as +
	mu    sync.Mutex           // of what is found out late about long
}

// pattern is a short text to be found. Of a quoted one the quotes stay.
type pattern struct{ quotes int }

// long is one form of a secret. Its text is made when it is needed: an image can have
// megabytes of secrets that no text ever names.
type long struct {
	form   form
	secret string
	size   int    // of the text; 0: not known yet
	hash   uint64 // of the text
	power  uint64 // base to the size
}

// New returns a redactor of secrets, and of the passwords in those that are URLs.
// Without any it is nil: PID 1 of most containers knows none, and a table of two-byte
// beginnings is 8 KiB.
func New(secrets []string) *Redactor {
	if !slices.ContainsFunc(secrets, func(s string) bool { return s != "" }) {
		return nil
	}
	r := &Redactor{short: map[string][]pattern{}, long: map[string][]*long{}}
	known := map[string]bool{"": true}
	for _, s := range secrets {
		r.add(s, known)
		for _, p := range Passwords(s) {
			r.add(p, known)
			if plain, changed := percent(view{text: p}, false); changed {
				r.add(plain.text, known)
			}
		}
		if len(s) < Encoded {
			continue
		}
		// Programs print what they complain about line by line.
		for line := range strings.SplitSeq(s, "\n") {
			if line = strings.TrimSpace(line); len(line) >= Encoded {
				r.add(line, known)
			}
		}
	}
	for text := range r.short {
		if !slices.Contains(r.sizes, len(text)) {
			r.sizes = append(r.sizes, len(text))
		}
	}
	slices.Sort(r.sizes)
	return r
}

func (r *Redactor) add(s string, known map[string]bool) {
	if known[s] {
		return
	}
	known[s] = true
	r.plus = r.plus || strings.Contains(s, " ")
	switch {
	case len(s) < Plain:
		r.addShort(strconv.Quote(s), pattern{quotes: 1})
		r.addShort("'"+s+"'", pattern{quotes: 1})
	case len(s) < Encoded:
		r.addShort(s, pattern{})
	default:
		for _, f := range forms {
			r.addLong(&long{form: f, secret: s})
		}
	}
}

func (r *Redactor) addShort(text string, p pattern) {
	if len(text) >= 2*Encoded { // four bytes, each as \x00
		return
	}
	r.mark(text)
	r.short[text] = append(r.short[text], p)
}

func (r *Redactor) addLong(l *long) {
	head := string(l.form.text(l.secret, Encoded))
	r.mark(head)
	r.long[head] = append(r.long[head], l)
}

func (r *Redactor) mark(text string) {
	n := uint(text[0])<<8 | uint(text[1])
	r.begin[n/64] |= 1 << (n % 64)
}

// span is a part of a text.
type span struct{ from, to int }

// Redact returns text without secrets.
func (r *Redactor) Redact(text string) string {
	if r == nil || len(r.short)+len(r.long) == 0 {
		return text
	}
	var found []span
	for _, v := range views(text, r.plus) {
		for _, s := range r.search(v.text, v.squeezed) {
			found = append(found, v.place(s))
		}
	}
	if len(found) == 0 {
		return text
	}
	return without(text, found)
}

// Values returns text without the values, however short they are, as they stand in it.
func Values(text string, values []string) string {
	var found []span
	for _, v := range values {
		for at := 0; v != ""; at++ {
			i := strings.Index(text[at:], v)
			if i < 0 {
				break
			}
			at += i
			found = append(found, span{at, at + len(v)})
		}
	}
	return without(text, found)
}

// without returns text with Mark in place of spans, those that overlap together.
func without(text string, found []span) string {
	slices.SortFunc(found, func(a, b span) int { return a.from - b.from })
	var b strings.Builder
	at := 0
	for i := 0; i < len(found); {
		whole := found[i]
		for i++; i < len(found) && found[i].from < whole.to; i++ {
			whole.to = max(whole.to, found[i].to)
		}
		b.WriteString(text[at:whole.from])
		b.WriteString(Mark)
		at = whole.to
	}
	b.WriteString(text[at:])
	return b.String()
}

// search finds the patterns in a text; in a squeezed one only long ones.
func (r *Redactor) search(text string, squeezed bool) []span {
	var found []span
	var sums sums
	for i := 0; i+1 < len(text); i++ {
		if n := uint(text[i])<<8 | uint(text[i+1]); r.begin[n/64]&(1<<(n%64)) == 0 {
			continue
		}
		for _, size := range r.sizes {
			if squeezed || i+size > len(text) {
				break
			}
			for _, p := range r.short[text[i:i+size]] {
				found = append(found, span{i + p.quotes, i + size - p.quotes})
			}
		}
		if i+Encoded > len(text) {
			continue
		}
		candidates := r.long[text[i:i+Encoded]]
		if len(candidates) == 0 {
			continue
		}
		sums.of(text)
		cut := cutAt(text, i)
		for _, l := range candidates {
			if to, ok := r.match(l, text, i, cut, sums); ok {
				found = append(found, l.form.widen(text, span{i, to}, l.secret))
			}
		}
	}
	return found
}

// cutAt is where the text that begins at i was cut, before the next ellipsis; -1 if nowhere.
func cutAt(text string, i int) int {
	if n := strings.Index(text[i:min(len(text), i+mostCut)], ellipsis); n >= 0 {
		return i + n
	}
	return -1
}

const (
	ellipsis = "…"
	mostCut  = 4 << 10 // no text of ours is cut behind more of a secret
)

// match reports whether l stands at i, whole or cut, and where it ends.
func (r *Redactor) match(l *long, text string, i, cut int, sums sums) (to int, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if l.size == 0 {
		all := l.form.text(l.secret, -1)
		l.size, l.power = len(all), 1
		for _, c := range all {
			l.hash, l.power = l.hash*base+uint64(c), l.power*base
		}
	}
	if to = i + l.size; to <= len(text) && sums[to]-sums[i]*l.power == l.hash {
		return to, true
	}
	if n := cut - i; n < l.size && n >= Encoded && n < mostCut {
		return cut, text[i:cut] == string(l.form.text(l.secret, n))
	}
	return 0, false
}

// sums are the hashes of what is before each byte of a text. By them a secret is found in a
// time that does not depend on how long it is, nor on how much of it repeats. Two texts of
// one hash do no harm: the wrong one is redacted.
type sums []uint64

const base = 0x9E3779B97F4A7C15 // odd

func (s *sums) of(text string) {
	if *s != nil {
		return
	}
	*s = make([]uint64, len(text)+1)
	for i := range len(text) {
		(*s)[i+1] = (*s)[i]*base + uint64(text[i])
	}
}
