package language

import (
	"encoding/xml"
	"io"
	"net"
	"os"
	"strconv"
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"

	"slipway/internal/test/testkit"
	"slipway/render"
)

// Hostile values never change the structure of a file: whatever an escaper does
// not refuse is read back as one value, and the line after it is still there. The
// readers here are small models, written from the readers' documentation; the real ones are
// asked in consumers_test.go.

func seed(f *testing.F) {
	for _, v := range hostile()[:90] {
		f.Add(v)
	}
}

func FuzzShell(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, v string) {
		defer testkit.Timed(t, len(v))()
		for name, quote := range map[string]func(string) (string, error){"shellQuote": shellQuote, "shellQuoteTwice": shellQuoteTwice, "shellQuoteEval": shellQuoteEval} {
			q, err := quote(v)
			if err != nil {
				continue
			}
			words, err := shellWords("A=" + q + "\nB=x")
			if err != nil || len(words) != 2 || words[1] != "B=x" {
				t.Fatalf("%s(%q) = %s is read as %q, %v", name, v, q, words, err)
			}
			got := strings.TrimPrefix(words[0], "A=")
			switch name {
			case "shellQuote":
				if got != v {
					t.Fatalf("shellQuote(%q) is read as %q", v, got)
				}
			case "shellQuoteTwice":
				if again, err := shellWords(`"` + got + `"`); err != nil || len(again) != 1 || again[0] != v || strings.ContainsAny(unescaped(got), "$`\"") {
					t.Fatalf("shellQuoteTwice(%q) is read as %q the second time", v, again)
				}
			case "shellQuoteEval":
				want, _ := shellWords(v)
				again, err := shellWords(got)
				if err != nil || strings.Join(again, "\x00") != strings.Join(want, "\x00") || strings.ContainsAny(unescaped(got), "$`;&|<>(){}*?[]~#!\"\n") {
					t.Fatalf("shellQuoteEval(%q) = %q, the second time %q", v, got, again)
				}
			}
		}
	})
}

// unescaped removes what a backslash protects.
func unescaped(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' {
			i++
			continue
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

func FuzzProperties(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, v string) {
		defer testkit.Timed(t, len(v))()
		value, err := propertiesEscape(v, false)
		if err != nil {
			return
		}
		key, err := propertiesEscape(v, true)
		if err != nil || v == "" {
			key = "k"
		}
		got := readProperties(key + "=" + value + "\nlast = x\n")
		wantKey := v
		if key == "k" {
			wantKey = "k"
		}
		want := [][2]string{{wantKey, v}, {"last", "x"}}
		if len(got) != 2 || got[0] != want[0] || got[1] != want[1] {
			t.Fatalf("%q is read back as %q", v, got)
		}
	})
}

// readProperties is java.util.Properties.load, as its documentation has it.
func readProperties(text string) [][2]string {
	latin := make([]rune, 0, len(text)) // the file is read as Latin-1
	for i := 0; i < len(text); i++ {
		latin = append(latin, rune(text[i]))
	}
	var out [][2]string
	for _, line := range logicalLines(latin) {
		end, sep := 0, 0
		for end < len(line) && !strings.ContainsRune(" \t\f:=", line[end]) {
			if line[end] == '\\' {
				end++
			}
			end++
		}
		end = min(end, len(line))
		sep = end
		for sep < len(line) && strings.ContainsRune(" \t\f", line[sep]) {
			sep++
		}
		if sep < len(line) && (line[sep] == ':' || line[sep] == '=') {
			sep++
		}
		for sep < len(line) && strings.ContainsRune(" \t\f", line[sep]) {
			sep++
		}
		out = append(out, [2]string{unescapeProperties(line[:end]), unescapeProperties(line[sep:])})
	}
	return out
}

func logicalLines(text []rune) [][]rune {
	var out [][]rune
	for _, natural := range strings.FieldsFunc(string(text), func(r rune) bool { return r == '\n' || r == '\r' }) {
		line := []rune(strings.TrimLeft(natural, " \t\f"))
		slashes := len(line) - len([]rune(strings.TrimRight(string(line), `\`)))
		if len(line) > 0 && slashes%2 == 0 && line[0] != '#' && line[0] != '!' {
			out = append(out, line)
		} else if len(line) > 0 {
			out = append(out, []rune("broken line")) // a continuation or a comment: never ours
		}
	}
	return out
}

func unescapeProperties(s []rune) string {
	var units []uint16
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 == len(s) {
			units = utf16.AppendRune(units, s[i])
			continue
		}
		i++
		switch s[i] {
		case 'u':
			if i+4 < len(s) {
				n, err := strconv.ParseUint(string(s[i+1:i+5]), 16, 16)
				if err == nil {
					units = append(units, uint16(n))
					i += 4
				}
			}
		case 'n':
			units = append(units, '\n')
		case 'r':
			units = append(units, '\r')
		case 't':
			units = append(units, '\t')
		case 'f':
			units = append(units, '\f')
		default:
			units = utf16.AppendRune(units, s[i])
		}
	}
	return string(utf16.Decode(units))
}

func FuzzINI(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, v string) {
		defer testkit.Timed(t, len(v))()
		for _, escape := range []func(string) (string, error){iniValue, newRegistry().ours["supervisorEscape"].pure.(func(string) (string, error))} {
			e, err := escape(v)
			if err != nil {
				continue
			}
			text := "[s]\nv = " + e + "\nlast = x\n"
			lines := strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune("\n\r\v\f\x1c\x1d\x1e\u0085\u2028\u2029", r) })
			if len(lines) != 3 || lines[2] != "last = x" {
				t.Fatalf("%q makes the lines %q", v, lines)
			}
			value := strings.TrimPrefix(lines[1], "v =")
			for _, mark := range []string{" ;", " #", "\t;", "\t#"} {
				if strings.Contains(value, mark) {
					t.Fatalf("%q has a comment in %q", v, value)
				}
			}
			if utf8.ValidString(v) && strings.TrimSpace(value) != strings.TrimPrefix(value, " ") {
				t.Fatalf("%q has blanks at an end: %q", v, value)
			}
		}
	})
}

func FuzzXML(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, v string) {
		defer testkit.Timed(t, len(v))()
		text, err := xmlEscape(v, false)
		if err != nil {
			return
		}
		attr, err := xmlEscape(v, true)
		if err != nil {
			t.Fatal(err)
		}
		d := xml.NewDecoder(strings.NewReader("<r><v a=\"" + attr + "\" b='" + attr + "'>" + text + "</v><last/></r>"))
		var got strings.Builder
		names := ""
		for {
			tok, err := d.Token()
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatalf("%q: %v", v, err)
			}
			switch tok := tok.(type) {
			case xml.StartElement:
				names += tok.Name.Local + " "
				for _, a := range tok.Attr {
					if a.Value != v {
						t.Fatalf("attribute %q is read as %q", v, a.Value)
					}
				}
			case xml.CharData:
				got.Write(tok)
			case xml.EndElement:
			default:
				t.Fatalf("%q makes a %T", v, tok)
			}
		}
		if names != "r v last " || got.String() != v {
			t.Fatalf("%q is read as %q in %s", v, got.String(), names)
		}
	})
}

// No template makes Build panic, and what is wrong with it always has a place.
func FuzzBuild(f *testing.F) {
	for _, s := range []string{"{{ .Env.A }}", "{{ range .Env }}{{ .X.Env.A }}{{ end }}", "{{ index .Env \"A\" | default 1 }}", "{{ $.Env.A.B }}", "{{ define \"t\" }}{{ end }}", "{{ template \"t\" }}", "{{ include \"x\" }}", "{{ env }}", "{{ (env \"A\").B }}"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		defer testkit.Timed(t, len(text))()
		if strings.Contains(text, "until") || strings.Contains(text, "repeat") || strings.Contains(text, "seq") || strings.Contains(text, "template") || strings.Contains(text, "range") {
			return // a template can ask for more than a test has
		}
		_, err := Build(Set{Templates: []Template{{Dest: "/out", Name: "t.tmpl", Text: text, Mode: render.Keep}}}, Data{Env: Vars{"A": "1"}})
		if problems, ok := err.(render.Problems); err != nil && (!ok || problems[0].Pos.File != "t.tmpl") { //nolint:errorlint // it is one
			t.Fatalf("%q: %v", text, err)
		}
	})
}

// What is done here without package os and package net is what they do.
func FuzzExpand(f *testing.F) {
	for _, s := range []string{"$A ${B} $$ ${} ${ $", "${1} $1a $?x ${?} ${A", "a$", "$ü ${ü} $_9-"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		defer testkit.Timed(t, len(text))()
		value := func(name string) string { return "<" + name + ">" }
		if got, want := expand(text, value), os.Expand(text, value); got != want {
			t.Errorf("expand(%q) = %q, want %q", text, got, want)
		}
	})
}

func FuzzHostPort(f *testing.F) {
	for _, s := range []string{"a:1", "[::1]:80", "::1", "[a:1", "a]:1", "[a]b:1", "[[a]]:1", "[]:", ":", "a:b:c", "[fe80::1%eth0]:1", "[a]:1]", "%", "[:1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		defer testkit.Timed(t, len(text))()
		host, port, ok := splitHostPort(text)
		wantHost, wantPort, err := net.SplitHostPort(text)
		if ok != (err == nil) || ok && (host != wantHost || port != wantPort) {
			t.Errorf("splitHostPort(%q) = %q, %q, %v, want %q, %q, %v", text, host, port, ok, wantHost, wantPort, err)
		}
		if got, want := joinHostPort(text, 80), net.JoinHostPort(text, "80"); got != want {
			t.Errorf("joinHostPort(%q) = %q, want %q", text, got, want)
		}
	})
}
