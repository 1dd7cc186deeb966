package format

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"slipway/internal/test/testkit"
)

// memory is an Out that keeps what it gets.
type memory struct {
	bytes.Buffer
	full bool
}

func (m *memory) Write(p []byte) (int, error) { return m.Buffer.Write(p) }

// out makes it an Out.
type out struct{ *memory }

func (o out) Write(p []byte) { o.memory.Write(p) }
func (o out) Full() bool     { return o.full }

// Continue goes on with the line, as a Source does.
func (o out) Continue(head, p []byte) {
	if b := o.Bytes(); len(b) == 0 || b[len(b)-1] == '\n' {
		o.memory.Write(head)
	}
	o.memory.Write(p)
}

// interrupt is the line of another.
func (m *memory) interrupt(line string) {
	if b := m.Bytes(); len(b) > 0 && b[len(b)-1] != '\n' {
		m.WriteByte('\n')
	}
	m.WriteString(line)
}

func at() time.Time { return time.Date(2026, 1, 2, 3, 4, 5, 67_000_000, time.FixedZone("", 3600)) }

func lines(s Spec) (*Lines, *memory) {
	m := &memory{}
	l := New(&s, out{m}, &Scratch{}, at)
	if s.PID == 0 {
		l.Began(0)
	}
	return l, m
}

func records(t testing.TB, pattern string) *Pattern {
	p, wrong, _ := Compile(pattern)
	if wrong != "" {
		t.Fatalf("Compile(%q): %s", pattern, wrong)
	}
	return p
}

const stamp = "2026-01-02T02:04:05.067000000Z"

func TestStyles(t *testing.T) {
	prefix := Spec{Style: Prefix, Timed: true, Program: "web", Width: 5}
	plain := Spec{Style: Prefix, Program: "web"}
	object := Spec{Style: JSON, Timed: true, Program: "web", Stream: "stdout", PID: 12}
	bare := Spec{Style: JSON, Program: "web", Stream: "stderr"}
	const h = `{"program":"web","stream":"stderr",`
	dated := bare
	dated.Records = records(t, `^\d{4}-`)
	prefixed := plain
	prefixed.Records = dated.Records
	untouched := Spec{Records: dated.Records}
	for _, row := range []struct {
		name     string
		spec     Spec
		in, want string
	}{
		{"prefix", prefix, "a\nb\n", stamp + " web   | a\n" + stamp + " web   | b\n"},
		{"prefix without time", plain, "a\n\nb", "web | a\nweb | \nweb | b\n"},
		{"prefix leaves bytes alone", plain, "\x00\xff\x1b[1m\r\n", "web | \x00\xff\x1b[1m\r\n"},
		{"colour", Spec{Style: Prefix, Program: "web", Width: 4, Colour: true}, "a\n", "\x1b[35mweb  |\x1b[0m a\n"},
		{"long line with prefix", plain, strings.Repeat("x", 100_000) + "\nb\n", "web | " + strings.Repeat("x", 100_000) + "\nweb | b\n"},
		{"object", object, "a\n", `{"time":"` + stamp + `","program":"web","stream":"stdout","pid":12,"message":"a"}` + "\n"},
		{"object without time and pid", bare, "a\n\nb", h + `"message":"a"}` + "\n" + h + `"message":""}` + "\n" + h + `"message":"b"}` + "\n"},
		{"escapes", bare, "\"\\\t\r\x00\x1f\x7f\xffä€😀\xe2\x82\n", h + `"message":"\"\\\t\r\u0000\u001f` + "\x7f\uFFFDä€😀\uFFFD\uFFFD" + `"}` + "\n"},
		{"its own object", bare, ` {"a": [1, -2.5e+3, "x\u00e4", true, false, null, {}]} ` + "\n", h + `"record":{"a": [1, -2.5e+3, "x\u00e4", true, false, null, {}]}}` + "\n"},
		{"no object", bare, "{a}\n[1]\n{}x\n", h + `"message":"{a}"}` + "\n" + h + `"message":"[1]"}` + "\n" + h + `"message":"{}x"}` + "\n"},
		{"no object for it is no UTF-8", bare, "{\"a\":\"\xff\"}\n", h + `"message":"{\"a\":\"` + "\uFFFD" + `\"}"}` + "\n"},
		{"name", Spec{Style: JSON, Program: "a\"b\xff", Stream: "stdout"}, "x\n", `{"program":"a\"b` + "\uFFFD" + `","stream":"stdout","message":"x"}` + "\n"},
		{"records", dated, "2026-1 a\n  at b\n  at c\n2026-1 d\n", h + `"message":"2026-1 a\n  at b\n  at c"}` + "\n" + h + `"message":"2026-1 d"}` + "\n"},
		{"what is before the first record", dated, "x\ny\n2026-1 d", h + `"message":"x\ny"}` + "\n" + h + `"message":"2026-1 d"}` + "\n"},
		{"records with prefix", prefixed, "2026-1 a\n  at b\n2026-1 d\n", "web | 2026-1 a\nweb |   at b\nweb | 2026-1 d\n"},
		{"raw records", untouched, "2026-1 a\n  at b\n\n2026-1 d\n", "2026-1 a\n  at b\n\n2026-1 d\n"},
		{"long record with prefix", prefixed, "2026-1\n" + strings.Repeat("  x\n", 20_000), "web | 2026-1\n" + strings.Repeat("web |   x\n", 20_000)},
	} {
		t.Run(row.name, func(t *testing.T) {
			for _, size := range []int{1, 2, 3, 7, 1 << 20} {
				if size < 7 && len(row.in) > 1000 {
					continue
				}
				l, m := lines(row.spec)
				for rest := row.in; rest != ""; {
					n := min(size, len(rest))
					l.Feed([]byte(rest[:n]))
					rest = rest[n:]
				}
				l.End()
				if diff := cmp.Diff(m.String(), row.want); diff != "" {
					t.Fatalf("in pieces of %d (-got +want):\n%s", size, diff)
				}
			}
		})
	}
}

// whole puts the pieces of lines together, as a reader of the JSON does.
func whole(t testing.TB, log []byte) []string {
	t.Helper()
	var all []string
	var begun strings.Builder
	for line := range bytes.Lines(log) {
		if len(line) > objectLimit {
			t.Fatalf("an object has %d bytes", len(line))
		}
		var o struct {
			Message *string
			Record  json.RawMessage
			Partial bool
		}
		d := json.NewDecoder(bytes.NewReader(line))
		d.DisallowUnknownFields()
		if !json.Valid(line) {
			t.Fatalf("no JSON: %q", line)
		}
		if err := json.Unmarshal(line, &o); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		switch {
		case o.Record != nil:
			all = append(all, string(o.Record))
		case o.Message == nil:
			t.Fatalf("no message: %q", line)
		default:
			begun.WriteString(*o.Message)
			if !o.Partial {
				all = append(all, begun.String())
				begun.Reset()
			}
		}
	}
	if begun.Len() > 0 {
		all = append(all, begun.String())
	}
	return all
}

func TestLongLinesInPieces(t *testing.T) {
	for _, c := range []string{"x", "ä", "😀", "\x00", "\xff"} {
		line := strings.Repeat(c, 50_000)
		for _, size := range []int{5000, 16384, 65536, 1 << 20} {
			l, m := lines(Spec{Style: JSON, Program: "web", Stream: "stdout"})
			in := []byte(line + "\n" + `{"a":"` + strings.Repeat("y", 20_000) + "\"}\nend\n")
			for len(in) > 0 {
				n := min(size, len(in))
				l.Feed(in[:n])
				in = in[n:]
			}
			l.End()
			got := whole(t, m.Bytes())
			if len(got) != 3 || got[0] != strings.ToValidUTF8(line, strings.Repeat("\uFFFD", 1)) && c != "\xff" || got[2] != "end" {
				t.Errorf("%q in pieces of %d: %d lines, the first of %d bytes", c, size, len(got), len(got[0]))
			}
			if c == "\xff" && got[0] != strings.Repeat("\uFFFD", 50_000) {
				t.Errorf("%q: %d bytes", c, len(got[0]))
			}
		}
	}
}

func TestRelease(t *testing.T) {
	l, m := lines(Spec{Style: Prefix, Program: "a"})
	l.Feed([]byte("user"))
	if l.Withholds() == 0 || m.Len() > 0 {
		t.Fatalf("out at once: %q", m)
	}
	l.Release()
	l.Feed([]byte("name: "))
	m.interrupt("b | x\n")
	l.Feed([]byte("joe\nnext\n"))
	if got, want := m.String(), "a | username: \nb | x\na | joe\na | next\n"; got != want {
		t.Errorf("with prefix: %q, want %q", got, want)
	}
	l, m = lines(Spec{Style: JSON, Program: "a", Stream: "stdout"})
	l.Feed([]byte(`{"x":`))
	l.Release()
	l.Feed([]byte("1}\nnext\n"))
	const h = `{"program":"a","stream":"stdout","message":`
	if got, want := m.String(), h+`"{\"x\":","partial":true}`+"\n"+h+`"1}"}`+"\n"+h+`"next"}`+"\n"; got != want {
		t.Errorf("JSON: %q, want %q", got, want)
	}
	l, m = lines(Spec{Style: JSON, Program: "a", Stream: "stdout", Records: records(t, `^\S`)})
	l.Feed([]byte("x\n y\n z"))
	l.Release()
	l.Feed([]byte("z\n"))
	l.End()
	if got, want := m.String(), h+`"x\n y"}`+"\n"+h+`" z","partial":true}`+"\n"+h+`"z"}`+"\n"; got != want {
		t.Errorf("records: %q, want %q", got, want)
	}
}

// Nothing is read until the pid is known, and what was is not lost.
func TestBegan(t *testing.T) {
	m := &memory{}
	l := New(&Spec{Style: JSON, Program: "a", Stream: "stdout"}, out{m}, &Scratch{}, at)
	l.Feed([]byte("x\n"))
	if !l.Full() || m.Len() > 0 {
		t.Errorf("full: %v; out: %q", l.Full(), m)
	}
	l.Began(7)
	if want := `{"program":"a","stream":"stdout","pid":7,"message":"x"}` + "\n"; l.Full() || m.String() != want {
		t.Errorf("out: %q, want %q", m, want)
	}
}

// What one read makes is bounded, however short its lines are.
func TestFull(t *testing.T) {
	l, m := lines(Spec{Style: JSON, Timed: true, Program: "a", Stream: "stdout"})
	m.full = true
	l.Feed(bytes.Repeat([]byte{'\n'}, 64<<10))
	if n := m.Len(); n > spill+2*batch {
		t.Errorf("a read made %d bytes", n)
	}
	if !l.Full() {
		t.Error("there is room while something waits")
	}
	was := m.Len()
	m.full = false
	if l.Full() {
		t.Error("there is no room")
	}
	if m.Len() == was {
		t.Error("what waited still does")
	}
	l.End()
	if n := len(whole(t, m.Bytes())); n != 64<<10 {
		t.Errorf("%d lines", n)
	}
}

func TestOwn(t *testing.T) {
	l, m := lines(Spec{Style: JSON, Program: "slipway", Stream: "stderr", Levels: true})
	l.Own([]byte("2026-01-02 03:04:05,067 WARN one\ntwo\n"))
	if got, want := m.String(), `{"program":"slipway","stream":"stderr","level":"warn","message":"one\ntwo"}`+"\n"; got != want {
		t.Errorf("JSON: %q, want %q", got, want)
	}
	l, m = lines(Spec{Style: Prefix, Timed: true, Program: "slipway", Width: 8, Levels: true})
	l.Own([]byte("2026-01-02 03:04:05,067 WARN one\ntwo\n"))
	if got, want := m.String(), stamp+" slipway  | WARN one\n"+stamp+" slipway  | two\n"; got != want {
		t.Errorf("prefix: %q, want %q", got, want)
	}
	for _, style := range []Style{Prefix, JSON} {
		line := (&Spec{Style: style, Program: "slipway", Stream: "stderr"}).Lost(nil, at, 7, 2)
		if !bytes.Contains(line, []byte("7 bytes in 2 lines")) || style == JSON && !json.Valid(line) {
			t.Errorf("lost: %q", line)
		}
	}
}

func TestNothingIsAllocated(t *testing.T) {
	for _, style := range []Style{Prefix, JSON} {
		s := Spec{Style: style, Timed: true, Program: "web", Stream: "stdout", PID: 1}
		l := New(&s, nowhere{}, &Scratch{}, at)
		p := bytes.Repeat([]byte("a line of output\n{\"a\": \"json\"}\nend"), 100)
		if n := testing.AllocsPerRun(100, func() { l.Feed(p) }); n > 1 {
			t.Errorf("style %d: %v allocations a read", style, n)
		}
	}
}

type nowhere struct{}

func (nowhere) Write([]byte)         {}
func (nowhere) Continue(_, _ []byte) {}
func (nowhere) Full() bool           { return false }

func TestOptions(t *testing.T) {
	o := Options{Format: "json"}
	o.Inherit(&Options{Format: "prefix", Time: "none"})
	if s := o.Spec(); s.Style != JSON || s.Timed {
		t.Errorf("Spec() = %+v", s)
	}
	if (&Options{Format: "raw"}).Spec() != nil || (&Options{}).Spec() != nil {
		t.Error("raw has a Spec")
	}
	for text, want := range map[string]int{"": KeepDefault, "2KiB": 2048, "16KB": 16384, "64k": 65536, "100": 100, "0": 0, "65537": -1, "1MB": -1, "x": -1, "-1": -1, "kib": -1, "4ib": -1} {
		o := Options{Keep: text}
		if bad := len(o.Mistakes()) > 0; bad != (want < 0) || !bad && o.Kept() != want {
			t.Errorf("log_keep = %q: %v, %d", text, o.Mistakes(), o.Kept())
		}
	}
}

var patterns = []string{
	`^\d{4}-\d\d-\d\d`, `^\S`, `^[^ \t]`, `^\[`, `ERROR|WARN`, `^a*b+c?$`, `^$`, `x$`, `^[A-Z]{2,3}:`, `^.{3,}z`, `[]a-]`, `^(`[:1] + `\(`, `\w+ \W\D\s`, `a{0,2}b`, `^a|^b`, `a\.b`, `^a{2,}$`,
}

func TestPattern(t *testing.T) {
	for _, text := range patterns {
		p, re := records(t, text), regexp.MustCompile(text)
		for _, line := range []string{"", "a", "b", "2026-11-29 x", " 2026-11-29", "\tx", "[x]", "an ERROR", "aabc", "bcc", "AB: x", "ABCD:", "abcz", "]", "-", "(x", "a !x\t", "a.b", "aXb", "aab", "x", "xx y"} {
			if got, want := p.Match([]byte(line)), re.MatchString(line); got != want {
				t.Errorf("%q matches %q: %v, want %v", text, line, got, want)
			}
		}
	}
	for _, text := range []string{"(a)", "*a", "a**", `\b`, `\`, "[a", "[z-a]", "a{3,2}", "a{", "a{x}", "a{0}", "a{0,0}", "a{64}", strings.Repeat("a", 64), "[[:alpha:]]", "[ä]", "a|+", `\z`} {
		if _, wrong, _ := Compile(text); wrong == "" {
			t.Errorf("Compile(%q) has nothing to say", text)
		}
	}
}

func FuzzPattern(f *testing.F) {
	for _, text := range patterns {
		f.Add(text, "2026-11-29 aab")
	}
	f.Fuzz(func(t *testing.T, text, line string) {
		defer testkit.Timed(t, len(text)+len(line))()
		p, wrong, _ := Compile(text)
		re, err := regexp.Compile("(?s)" + text)
		if wrong != "" || err != nil || !ascii(text) || !ascii(line) || strings.Contains(text, "$") && strings.Contains(line, "\n") {
			return
		}
		if strings.Contains(text, "??") || strings.Contains(text, "*?") || strings.Contains(text, "+?") || strings.Contains(text, "}?") {
			return
		}
		if got, want := p.Match([]byte(line)), re.MatchString(line); got != want {
			t.Fatalf("%q matches %q: %v, want %v", text, line, got, want)
		}
	})
}

func ascii(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r >= utf8.RuneSelf }) < 0
}

// FuzzObject compares what is taken for an object with encoding/json.
func FuzzObject(f *testing.F) {
	f.Add([]byte(`{"a":[1,2.5e-3,"\u00e4\n",null,true]}`))
	f.Add([]byte(`{"a":-0.0,"b":{}}`))
	f.Fuzz(func(t *testing.T, p []byte) {
		defer testkit.Timed(t, len(p))()
		if len(p) > 64 {
			return
		}
		p = trimmed(p)
		want := len(p) > 0 && p[0] == '{' && json.Valid(p) && utf8.Valid(p)
		if got := isObject(p); got != want {
			t.Fatalf("isObject(%q) = %v, want %v", p, got, want)
		}
	})
}

// FuzzLines checks that every object parses, and that the lines come out as they went in,
// wherever reads and flushes are.
func FuzzLines(f *testing.F) {
	f.Add([]byte("plain\n{\"a\":1}\n\xff\x00"), []byte{3, 200, 1}, false, uint16(1))
	f.Add([]byte("x\n y\nz\n"), []byte{1, 1, 1, 129}, true, uint16(3000))
	f.Fuzz(func(t *testing.T, in, cuts []byte, kept bool, times uint16) {
		defer testkit.Timed(t, len(in)+len(cuts))()
		if len(in) > 0 && len(in) < 1000 {
			in = bytes.Repeat(in, min(int(times), 40_000/len(in))+1)
		}
		spec := Spec{Style: JSON, Program: "p", Stream: "stdout"}
		if kept {
			spec.Records = records(t, `^\S`)
		}
		l, m := lines(spec)
		p := Spec{Style: Prefix, Program: "p", Records: spec.Records}
		lp, mp := lines(p)
		rest := in
		for _, c := range cuts {
			n := min(int(c&127)*100, len(rest))
			l.Feed(rest[:n])
			lp.Feed(rest[:n])
			rest = rest[n:]
			if c > 127 && !kept {
				l.Release()
				lp.Release()
			}
		}
		l.Feed(rest)
		lp.Feed(rest)
		l.End()
		lp.End()
		got, want := strings.Join(whole(t, m.Bytes()), "\n"), strings.TrimSuffix(string(in), "\n")
		// A flush in the middle of a character makes more of them.
		same := func(s string) string {
			s = strings.Map(func(r rune) rune {
				if r == utf8.RuneError || r >= utf8.RuneSelf || r == ' ' || r == '\n' || r == '\t' || r == '\r' {
					return -1
				}
				return r
			}, s)
			return s
		}
		if same(got) != same(want) {
			t.Fatalf("%.200q\nbecomes %.200q\nwant    %.200q", in, got, want)
		}
		var text strings.Builder
		for line := range bytes.Lines(mp.Bytes()) {
			after, ok := bytes.CutPrefix(line, []byte("p | "))
			if !ok {
				t.Fatalf("no prefix: %.100q", line)
			}
			text.Write(after)
		}
		if got, want := strings.TrimSuffix(text.String(), "\n"), strings.TrimSuffix(string(in), "\n"); got != want {
			t.Fatalf("with prefix %.200q, want %.200q", got, want)
		}
	})
}

func BenchmarkFeed(b *testing.B) {
	line := "a line of output, which is one hundred bytes long with its end, as lines of programs are: 123456789\n"
	p := []byte(strings.Repeat(line, 656)[:64<<10])
	for _, s := range []Spec{{Style: Prefix, Timed: true, Program: "web", Width: 10}, {Style: JSON, Timed: true, Program: "web", Stream: "stdout", PID: 1}} {
		b.Run(fmt.Sprint(styleWords[s.Style]), func(b *testing.B) {
			l := New(&s, nowhere{}, &Scratch{}, at)
			b.SetBytes(int64(len(p)))
			for b.Loop() {
				l.Feed(p)
			}
		})
	}
}
