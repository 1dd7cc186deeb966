package redact

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"html"
	"math/rand/v2"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"slipway/internal/test/testkit"
)

// Whatever overlaps a secret goes with it: the order in which they are given does not matter.
func TestOverlaps(t *testing.T) {
	for _, row := range []struct {
		name    string
		secrets []string
		text    string
		want    string
	}{
		{"one within the other", []string{"abcd", "xxabcdyy"}, "<xxabcdyy>", "<«redacted»>"},
		{"the longer one first", []string{"xxabcdyy", "abcd"}, "<xxabcdyy>", "<«redacted»>"},
		{"the same start", []string{"hunter2", "hunter2-and-more"}, "hunter2-and-more", "«redacted»"},
		{"end and start", []string{"abcdef", "defghijk"}, "[abcdefghijk]", "[«redacted»]"},
		{"three in a chain", []string{"abcdef", "efghij", "ijklmn"}, "abcdefghijklmn.", "«redacted»."},
		{"side by side", []string{"abcd", "wxyz"}, "abcdwxyz", "«redacted»«redacted»"},
		{"short and long", []string{"a1", `x"a1"yyyyy`}, `x"a1"yyyyy "a1" a1`, `«redacted» "«redacted»" a1`},
		{"itself", []string{"abababab"}, "-abababababab-", "-«redacted»-"},
	} {
		t.Run(row.name, func(t *testing.T) {
			if got := New(row.secrets).Redact(row.text); got != row.want {
				t.Errorf("Redact(%q) = %q, want %q", row.text, got, row.want)
			}
		})
	}
}

// The parts of values that are taken out one by one overlap as well.
func TestValues(t *testing.T) {
	if got, want := Values("A=abc,B=abcdef,C=1", []string{"abc", "abcdef", "1", ""}), "A=«redacted»,B=«redacted»,C=«redacted»"; got != want {
		t.Errorf("Values = %q, want %q", got, want)
	}
}

// encodings are what a text is likely to have in place of a secret.
func encodings(s string) map[string]string {
	plain, _ := json.Marshal(s)
	var raw bytes.Buffer
	enc := json.NewEncoder(&raw)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(s)
	twice, _ := json.Marshal(string(plain))
	var x bytes.Buffer
	_ = xml.EscapeText(&x, []byte(s))
	ascii := strings.ToLower(strconv.QuoteToASCII(s)) // as Python's json: \u00e9
	if strings.ToLower(s) != s {
		ascii = strconv.QuoteToASCII(s)
	}
	all := map[string]string{
		"plain":               s,
		"JSON":                string(plain),
		"JSON without HTML":   raw.String(),
		"JSON in JSON":        string(twice),
		"JSON with slashes":   strings.ReplaceAll(string(plain), "/", `\/`),
		"Go":                  strconv.Quote(s),
		"ASCII":               ascii,
		"XML":                 x.String(),
		"HTML":                html.EscapeString(s),
		"XML as Python has":   strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "'", "&apos;").Replace(s),
		"query":               url.QueryEscape(s),
		"query, small":        strings.ToLower(url.QueryEscape(s)),
		"path":                url.PathEscape(s),
		"every byte":          everyByte(s),
		"user of a URL":       url.UserPassword("me", s).String(),
		"query in XML":        html.EscapeString("?a=b&" + url.QueryEscape(s)),
		"XML in JSON":         strconv.Quote(html.EscapeString(s)),
		"shell":               "'" + strings.ReplaceAll(s, "'", `'\''`) + "'",
		"shell, Python's way": "'" + strings.ReplaceAll(s, "'", `'"'"'`) + "'",
		"shell, double":       `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "$", `\$`, "`", "\\`").Replace(s) + `"`,
		"shell, printf %q":    backslashed(s),
		"hex":                 hex.EncodeToString([]byte(s)),
		"HEX":                 strings.ToUpper(hex.EncodeToString([]byte(s))),
		"wrapped":             s[:len(s)/2] + "\n" + s[len(s)/2:],
		"line of a YAML":      "key: |\n  " + strings.ReplaceAll(s, "\n", "\n  "),
	}
	if strings.ToLower(s) != s {
		delete(all, "query, small")
	}
	for before := range 4 {
		for after := range 3 {
			long := strings.Repeat("<", before) + s + strings.Repeat(">", after)
			for name, enc := range map[string]*base64.Encoding{"std": base64.StdEncoding, "url": base64.URLEncoding, "raw": base64.RawStdEncoding} {
				all[fmt.Sprintf("base64 %s %d %d", name, before, after)] = "(" + enc.EncodeToString([]byte(long)) + ")"
			}
		}
	}
	wrapped := base64.StdEncoding.EncodeToString([]byte("some text before, " + s))
	for at := range len(wrapped) {
		all[fmt.Sprintf("base64 broken at %d", at)] = wrapped[:at] + "\r\n" + wrapped[at:]
	}
	return all
}

func everyByte(s string) string {
	var b strings.Builder
	for i := range len(s) {
		fmt.Fprintf(&b, "%%%02x", s[i])
	}
	return b.String()
}

func backslashed(s string) string {
	var b strings.Builder
	for _, c := range s {
		if strings.ContainsRune(" '\"\\$`&|;<>()!*?#~", c) {
			b.WriteByte('\\')
		}
		b.WriteRune(c)
	}
	return b.String()
}

// decoded are the texts that somebody could read out of text.
func decoded(text string) []string {
	text = strings.ReplaceAll(text, Mark, "\x00")
	flat := strings.NewReplacer("\n", "", "\r", "").Replace(text)
	out := []string{text, flat}
	if s, err := url.QueryUnescape(text); err == nil {
		out = append(out, s)
	}
	return append(out, html.UnescapeString(text))
}

// The whole of a secret of 8 bytes and more is found in each form, with nothing of it left.
func TestForms(t *testing.T) {
	for _, secret := range []string{
		"hunter22", "s3cret value", "correct horse battery staple", `a"b'c\d$e` + "`f", "<tag>&lt;'x'", "p@ss/w:rd?#%41+x",
		"über geheim\t✓ x", "two lines\nof one secret", "it's 'quoted' \"twice\"", "/etc/\\u0041/x", "trailing\\",
	} {
		r := New([]string{"other secret", secret})
		for name, text := range encodings(secret) {
			got := r.Redact("before " + text + " after")
			if !strings.Contains(got, Mark) {
				t.Errorf("%s of %q is left: %q", name, secret, got)
				continue
			}
			for _, s := range decoded(got) {
				for i := 0; i+5 <= len(secret); i++ { // no five bytes of it
					if strings.Contains(s, secret[i:i+5]) {
						t.Errorf("%s of %q leaves %q of it: %q", name, secret, secret[i:i+5], got)
						break
					}
				}
			}
			if !strings.HasPrefix(got, "before ") || !strings.HasSuffix(got, " after") {
				t.Errorf("%s of %q: Redact = %q, which is more than the secret", name, secret, got)
			}
		}
	}
}

// Nothing of base64 is left that holds bits of the secret.
func TestBase64Edges(t *testing.T) {
	const secret = "0123456789"
	for before := range 3 {
		for after := range 3 {
			text := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("<", before) + secret + strings.Repeat(">", after)))
			got := New([]string{secret}).Redact(text)
			head, tail, _ := strings.Cut(got, Mark)
			if max := 8 * before / 6; len(head) > max {
				t.Errorf("before the mark of %q stands %q, which holds bits of the secret", got, head)
			}
			if strings.HasSuffix(text, "=") && tail == "=" {
				t.Errorf("%q: the padding is left", got)
			}
		}
	}
}

// Short secrets are found where they cannot be anything else.
func TestShort(t *testing.T) {
	for _, row := range []struct{ secret, text, want string }{
		{"a1", `a1 "a1" 'a1'`, `a1 "«redacted»" '«redacted»'`},
		{"a1", `{\"a\":\"a1\"}`, `{\"a\":\"«redacted»\"}`},
		{"abcd", "xabcdx", "x«redacted»x"},
		{"abc/ef", "abc%2Fef YWJjL2Vm", "«redacted» YWJjL2Vm"}, // encoded forms: from 8 bytes on
		{"", `x "" ''`, `x "" ''`},
		{"\x01\x02", `"\x01\x02"`, `"«redacted»"`},
	} {
		if got := New([]string{row.secret}).Redact(row.text); got != row.want {
			t.Errorf("Redact(%q) without %q = %q, want %q", row.text, row.secret, got, row.want)
		}
	}
}

// A text of ours that was cut within a secret has an ellipsis there.
func TestCut(t *testing.T) {
	r := New([]string{"correct horse battery staple"})
	for text, want := range map[string]string{
		`got "correct horse b…"`: `got "«redacted»…"`,
		`got "x-correct horse…"`: `got "x-«redacted»…"`,
		"correct …":              "«redacted»…",
		"correct":                "correct",
		"correct horse":          "correct horse", // nothing says that more followed
		"… " + hex.EncodeToString([]byte("correct")) + "…": "… «redacted»…",
	} {
		if got := r.Redact(text); got != want {
			t.Errorf("Redact(%q) = %q, want %q", text, got, want)
		}
	}
}

// A program prints what it complains about line by line, with its own margin.
func TestLines(t *testing.T) {
	key := "-----BEGIN KEY-----\n  MIIEvQIBADANBgkqh\r\nhkiG9w0BAQEFAASC\nshort\n-----END KEY-----\n"
	got := New([]string{key}).Redact("err: MIIEvQIBADANBgkqh\n> hkiG9w0BAQEFAASC|short")
	if want := "err: «redacted»\n> «redacted»|short"; got != want {
		t.Errorf("Redact = %q, want %q", got, want)
	}
}

// Passwords of URLs are secrets by themselves, escaped and plain.
func TestPasswordsOfSecrets(t *testing.T) {
	r := New([]string{"postgres://me:hunt%40er22@db/app"})
	for _, text := range []string{"PGPASSWORD=hunt@er22", "PGPASSWORD=hunt%40er22", base64.StdEncoding.EncodeToString([]byte("me:hunt@er22"))} {
		if got := r.Redact(text); !strings.Contains(got, Mark) {
			t.Errorf("Redact(%q) = %q", text, got)
		}
	}
}

func TestHidePasswords(t *testing.T) {
	for text, want := range map[string]string{
		`got "http://me:hunter2@host/"`:      `got "http://me:«redacted»@host/"`,
		`a://b:c@d,e://f:g@h`:                `a://b:«redacted»@d,e://f:«redacted»@h`,
		`tcp://127.0.0.1:80 ssh://git@host/`: `tcp://127.0.0.1:80 ssh://git@host/`,
	} {
		if got := HidePasswords(text); got != want {
			t.Errorf("HidePasswords(%q) = %q, want %q", text, got, want)
		}
	}
}

// A text without secrets is left as it is, whatever stands in it.
func TestLeavesTheRest(t *testing.T) {
	r := New([]string{"correct horse battery staple", "hunter22", "x y z 1 2 3"})
	for _, text := range []string{"", "a", `C:\new\table 100% &amp; &#x41; 'it'\''s' + %41 \u0041 \ud83d\ude00`, "line\nline\r\n", "\\", "%", "&", "&;", "\\u12", "\\x1", "%zz", "…"} {
		if got := r.Redact(text); got != text {
			t.Errorf("Redact(%q) = %q", text, got)
		}
	}
	var none *Redactor
	if got := none.Redact("x"); got != "x" {
		t.Errorf("nil: %q", got)
	}
}

// Secrets and texts that repeat themselves take no longer than others.
func TestLinearTime(t *testing.T) {
	work := func(n int) func() {
		return func() {
			s := strings.Repeat("x", n)
			New([]string{s + "y", s, "xxxxxxxx"}).Redact(s + s + "…" + s)
		}
	}
	testkit.WantLinear(t, work(8<<10), work(128<<10))
}

// A megabyte of secrets costs nothing as long as no text begins like one.
func BenchmarkUnused(b *testing.B) {
	var secrets []string
	for i := range 5000 {
		secrets = append(secrets, fmt.Sprintf("secret number %d", rand.IntN(1<<30)+i))
	}
	for b.Loop() {
		New(secrets).Redact("a line of a log, with nothing in it")
	}
}

func FuzzRedact(f *testing.F) {
	f.Add("correct horse", "battery", "<correct horse> & correct%20horse")
	f.Add("aaaaaaaa", "aaaa", `aaaa\u0061aaa`)
	f.Fuzz(func(t *testing.T, a, b, text string) {
		defer testkit.Timed(t, len(a)+len(b)+len(text))()
		r := New([]string{a, b})
		got := r.Redact(text)
		if got == text {
			for _, s := range []string{a, b} {
				if len(s) >= Plain && strings.Contains(text, s) {
					t.Errorf("Redact(%q) leaves %q", text, s)
				}
			}
		}
		for _, s := range []string{a, b} {
			if len(s) < Encoded {
				continue
			}
			for _, one := range []string{s, url.QueryEscape(s), base64.StdEncoding.EncodeToString([]byte(text + s + text))} {
				if !strings.Contains(r.Redact(one), Mark) {
					t.Errorf("Redact(%q) leaves %q", one, s)
				}
			}
		}
	})
}
