package envfile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/go-envparse"

	"slipway/internal/test/testkit"
	"slipway/sources"
)

func TestGrammar(t *testing.T) {
	for _, row := range []struct{ name, in, want string }{
		{"plain", "FOO=bar", "FOO=bar"},
		{"no final newline, CRLF", "A=1\r\nB=2", "A=1 B=2"},
		{"comments and blank lines", "# a\n\n  # b\nA=1", "A=1"},
		{"empty value is kept", "FOO=", "FOO="},
		{"empty quoted value is kept", `FOO=""`, "FOO="},
		{"blanks around", "  FOO =  bar  ", "FOO=bar"},
		{"export", "export FOO=1", "FOO=1"},
		{"a key named export", "export=1", "export=1"},
		{"dots and slashes in a key", "FOO.BAR=1\nFOO/BAR=2", "FOO.BAR=1 FOO/BAR=2"},
		{"nothing is expanded", "A=${B} `date` $(date)", "A=${B} `date` $(date)"},
		{"segments join", `FOO=a"b c"'d e'f`, "FOO=ab cd ef"},
		{"apostrophe in double quotes", `FOO="it's"`, "FOO=it's"},
		{"escapes", `FOO="\u00e9\n\"\\\/"`, "FOO=\u00e9\n\"\\/"},
		{"surrogates", `FOO="\ud83d\ude00"`, "FOO=\U0001f600"},
		{"# in quotes", `FOO="a#b"'c#d'`, "FOO=a#bc#d"},
		{"a backslash does not continue a line", "FOO=a \\\nB=1", `B=1 FOO=a \`},
		{"last wins", "A=1\nA=2", "A=2"},
	} {
		t.Run(row.name, func(t *testing.T) {
			layer, _, err := Parse("x.env", []byte(row.in))
			if err != nil {
				t.Fatal(err)
			}
			if got := strings.Join(sources.Merge(layer).Environ(), " "); got != row.want {
				t.Errorf("Parse(%q) = %q, want %q", row.in, got, row.want)
			}
		})
	}
}

func TestErrors(t *testing.T) {
	for _, row := range []struct{ name, in, want, hint string }{
		{"no =", "A=1\n  FOO", "cannot parse x.env:2:3: expected NAME=value, got a line without =", "for an empty value"},
		{"shell code", "if [ -f x ]; then", "x.env:1:1: expected NAME=value", "not a shell script"},
		{"no key", "=1", "x.env:1:1: expected a name before =", ""},
		{"two blanks after export", "export  FOO=1", "x.env:1:8: expected exactly one blank after export", ""},
		{"tab after export", "export\tFOO=1", "x.env:1:1: expected exactly one blank after export", ""},
		{"dash in key", "FOO-BAR=1", "x.env:1:4: a name is letters, digits, _ . and /, and starts with a letter or _; got '-'", ""},
		{"digit first", "1FOO=1", "x.env:1:1: a name is letters, digits, _ . and /, and starts with a letter or _; got '1'", ""},
		{"umlaut first", "ÄFOO=1", "got 'Ä'", ""},
		{"yaml", "KEY: a=b", "x.env:1:4: a name is", "NAME=value, not NAME: value"},
		{"byte order mark", "\xef\xbb\xbfA=1", "x.env:1:1: the file starts with a byte order mark", "without one"},
		{"apostrophe", "FOO=it's", "x.env:1:7: FOO: a single quote is not closed", `"it's"`},
		{"shell idiom for an apostrophe", `FOO='it'\''s'`, "x.env:1:13: FOO: a single quote is not closed", `"it's"`},
		{"open double quote", `FOO= "a`, "x.env:1:6: FOO: a double quote is not closed", "line break"},
		{"escaped dollar", `FOO="a\$B"`, "x.env:1:7: FOO: not an escape between double quotes", "need no backslash"},
		{"hex escape", `FOO="\x41"`, "x.env:1:6: FOO: not an escape", ""},
		{"continuation in quotes", `A="x \`, "x.env:1:6: A: the line ends within an escape", "cannot be continued"},
		{"short unicode escape", `A="\u00e"`, `x.env:1:4: A: \u needs four hexadecimal digits`, ""},
		{"lone surrogate", `A="\ud83d"`, `x.env:1:4: A: \u needs four`, ""},
		{"tab in value", "FOO=a\tb", "x.env:1:6: FOO: a value cannot contain a tab", `\t`},
		{"tab in quotes", "FOO=\"a\tb\"", "x.env:1:7: FOO: a value cannot contain a tab", `\t`},
		{"bell", "FOO=a\ab", "x.env:1:6: FOO: a value cannot contain the control character 0x07", ""},
		{"NUL", `FOO= "\u0000"`, "x.env:1:6: FOO: the value contains a NUL character", ""},
		{"long line", "A=1\nFOO=" + strings.Repeat("x", maxLine), "x.env:2:1: FOO: the line has 65540 bytes", "a file of its own"},
	} {
		t.Run(row.name, func(t *testing.T) {
			_, _, err := Parse("x.env", []byte(row.in))
			if err == nil || !strings.Contains(err.Error(), row.want) {
				t.Fatalf("Parse error = %v, want %q", err, row.want)
			}
			var e *Error
			if !errors.As(err, &e) || !strings.Contains(e.Hint(), row.hint) {
				t.Errorf("hint = %q, want %q", e.Hint(), row.hint)
			}
		})
	}
}

func TestAllErrorsOfAFileAndTheGoodLines(t *testing.T) {
	layer, _, err := Parse("x.env", []byte("A=1\nbad\nB='\nC=3\nD-=1"))
	if got := len(strings.Split(err.Error(), "\n")); got != 3 {
		t.Errorf("%d errors, want 3:\n%v", got, err)
	}
	if got := strings.Join(sources.Merge(layer).Environ(), " "); got != "A=1 C=3" {
		t.Errorf("good lines = %q, want A=1 C=3", got)
	}
	if !errors.Is(err, envparse.ErrUnmatchedSingle) {
		t.Error("the parser's own error cannot be found with errors.Is")
	}
}

func TestLongestLine(t *testing.T) {
	for _, end := range []string{"", "\n", "\nB=1\n"} {
		in := "A=" + strings.Repeat("x", maxLine-1-len("A=")) + end
		if _, _, err := Parse("x.env", []byte(in)); err != nil {
			t.Errorf("a line of %d bytes before %q: %.80v", maxLine-1, end, err)
		}
	}
}

func TestNotes(t *testing.T) {
	for _, row := range []struct{ name, in, want string }{
		{"fragment of a URL", "URL=http://h/p#frag", "x.env:1:15: URL: the value ends before the #"},
		{"value of # alone", "COLOR=#fff", "x.env:1:7: COLOR: the value ends before the #"},
		{"after a quote", `A="b"#c`, "x.env:1:6: A: the value ends before the #"},
		{"a proper comment", "A=b # c", ""},
		{"quoted #", `A="b#c"`, ""},
		{"repeated key", "A=1\nB=2\n A=3", "x.env:3:2: A: set again, line 1 has no effect"},
	} {
		t.Run(row.name, func(t *testing.T) {
			_, notes, err := Parse("x.env", []byte(row.in))
			if err != nil {
				t.Fatal(err)
			}
			got := ""
			for _, n := range notes {
				got += n.String()
			}
			if got != row.want {
				t.Errorf("notes = %q, want %q", got, row.want)
			}
		})
	}
}

func TestMessagesShowNoValue(t *testing.T) {
	for _, in := range []string{
		"PW=hunter2#x\nPW=hunter2", "hunter2", "PW='hunter2", `PW="hunter2\q"`, "PW=hunter2\t1", "PW=" + strings.Repeat("hunter2", 10000),
		`PW="hunter2\u0000"`, "export PW: hunter2", "PW hunter2=1",
	} {
		_, notes, err := Parse("x.env", []byte(in))
		if out := fmt.Sprint(notes, err); strings.Contains(out, "hunter2") {
			t.Errorf("Parse(%.30q) says %.300s", in, out)
		}
	}
}

func TestReadDirectoryInNameOrder(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"20-child.env": "A=child\nexport B=2", "10-base.env": "A=base\nC=3", "readme.txt": "not this", "old.env~": "not=this",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(dir, "sub.env"), 0o755); err != nil {
		t.Fatal(err)
	}
	layer, notes, err := Read(dir)
	if err != nil || len(notes) != 0 {
		t.Fatalf("Read: %v, notes %v", err, notes)
	}
	v := sources.Merge(layer)
	if diff := cmp.Diff([]string{"A=child", "B=2", "C=3"}, v.Environ()); diff != "" {
		t.Errorf("environment (-want +got):\n%s", diff)
	}
	a, _ := v.Lookup("A")
	if want := filepath.Join(dir, "20-child.env") + ":1:1"; a.Value.Origin.String() != want {
		t.Errorf("origin of A = %s, want %s", a.Value.Origin, want)
	}
	if want := filepath.Join(dir, "10-base.env") + ":1:1"; len(a.Shadowed) != 1 || a.Shadowed[0].Origin.String() != want {
		t.Errorf("A shadowed %+v, want one of %s", a.Shadowed, want)
	}
	b, _ := v.Lookup("B")
	if want := filepath.Join(dir, "20-child.env") + ":2:8"; b.Value.Origin.String() != want {
		t.Errorf("origin of B = %s, want %s", b.Value.Origin, want)
	}
}

func TestReadErrors(t *testing.T) {
	dir := t.TempDir()
	if _, _, err := Read(filepath.Join(dir, "absent")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Read of an absent directory = %v, want fs.ErrNotExist", err)
	}
	for name, text := range map[string]string{"a.env": "bad", "b.env": "A=1", "c.env": "worse"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("nowhere", filepath.Join(dir, "d.env")); err != nil {
		t.Fatal(err)
	}
	layer, _, err := Read(dir)
	if err == nil || len(layer.Vars) != 1 {
		t.Fatalf("Read = %d variables, %v", len(layer.Vars), err)
	}
	for _, want := range []string{"a.env:1:1", "c.env:1:1", "d.env"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("error does not mention %s:\n%v", want, err)
		}
	}
}

// FuzzParse holds the wrapper against the parser: one line by itself means what
// the parser says, a note or an error lies within the line, nothing panics.
func FuzzParse(f *testing.F) {
	for _, s := range []string{
		"A=1", "export A=1", "A=a\"b c\"'d'#e", "A=\"\\ud83d\\ude00\\u0000\"", "A='\n", "\xef\xbb\xbfA=1", "A=\"\\", "=", " \t=\"", "A=\"\\ud83d\\u\"", "\u00a0A\u0085=\u00a01",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		defer testkit.Timed(t, len(text))()
		layer, notes, err := Parse("x.env", []byte(text))
		lines := strings.Split(text, "\n")
		for _, n := range notes {
			if o := n.Origin; o.Line < 1 || o.Line > len(lines) || o.Col < 1 || o.Col > len(lines[o.Line-1])+1 {
				t.Errorf("note outside of the text: %v", n)
			}
		}
		for _, v := range layer.Vars {
			if !sources.Usable(v.Name) || strings.IndexByte(v.Value.Text, 0) >= 0 {
				t.Errorf("unusable variable %q", v.Name)
			}
		}
		for _, e := range unjoin(err) {
			if e.Line < 1 || e.Line > len(lines) || e.Col < 1 || e.Col > len(lines[e.Line-1])+2 {
				t.Errorf("error outside of the text: %v", e)
			}
		}
		want, wantErr := envparse.Parse(strings.NewReader(text))
		if wantErr == nil && err == nil {
			got := map[string]string{}
			for _, v := range layer.Vars {
				got[v.Name] = v.Value.Text
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("meaning (-parser +ours):\n%s", diff)
			}
		}
		if wantErr != nil && err == nil {
			t.Errorf("the parser refuses what we accept: %v", wantErr)
		}
	})
}

func unjoin(err error) []*Error {
	var out []*Error
	if j, ok := err.(interface{ Unwrap() []error }); ok {
		for _, e := range j.Unwrap() {
			var x *Error
			if errors.As(e, &x) {
				out = append(out, x)
			}
		}
	}
	return out
}

// TestFIFOInAFolder: a folder of env files that holds a FIFO does not block the start.
func TestFIFOInAFolder(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mkfifo(filepath.Join(dir, "a.env"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, _, err := Read(dir)
	if want := "cannot read env file: " + dir + "/a.env is not a regular file"; err == nil || err.Error() != want {
		t.Errorf("Read = %v, want %s", err, want)
	}
}
