package dialect

import (
	"os"
	"slices"
	"strings"
	"testing"

	"slipway/internal/test/testkit"
	"slipway/supervise/system"
)

// files is a machine with nothing but files.
func files(list map[string]string) system.System {
	return system.System{
		ReadFile: func(name string) ([]byte, error) {
			if text, ok := list[Join("/c", name)]; ok {
				return []byte(text), nil
			}
			return nil, &os.PathError{Op: "open", Path: name, Err: os.ErrNotExist}
		},
		ReadDir: func(dir string) (names []string) {
			for f := range list {
				if rest, ok := strings.CutPrefix(f, Join("/c", dir)+"/"); ok && !strings.Contains(rest, "/") {
					names = append(names, rest)
				}
			}
			return names
		},
		Exists: func(name string) bool { return list[Join("/c", name)] != "" },
		IsDir:  func(string) bool { return true },
		Getwd:  func() string { return "/c" },
	}
}

// file is a machine with one file, f.
func file(text string) system.System { return files(map[string]string{"/c/f": text}) }

func TestParse(t *testing.T) {
	for _, tt := range []struct{ name, text, want string }{
		{"key and value", "[a]\nx=1", "[a]\nx=1\n"},
		{"colon", "[a]\nx: 1=2", "[a]\nx=1=2\n"},
		{"first delimiter counts", "[a]\na:b=c", "[a]\na=b=c\n"},
		{"lower-cased and trimmed key", "[a]\nCommand  = x", "[a]\ncommand=x\n"},
		{"full-line comments", "# c\n[a]\n; c\n  # c\nx=1", "[a]\nx=1\n"},
		{"rem is no comment", "[a]\nrem x=1", "[a]\nrem x=1\n"},
		{"inline comment", "[a]\nx=a ;b", "[a]\nx=a\n"},
		{"semicolon without blank", "[a]\nx=a;b", "[a]\nx=a;b\n"},
		{"quotes do not protect", "[a]\nx=sh -c \"a ; b\"", "[a]\nx=sh -c \"a\n"},
		{"comment directly behind the delimiter", "[a]\nx=;b", "[a]\nx=;b\n"},
		{"comment behind delimiter and blank", "[a]\nx= ;b", "[a]\nx=\n"},
		{"comments are searched in rounds", "[a]\nx=a;b ;c #d", "[a]\nx=a;b ;c #\n"},
		{"continuation", "[a]\nx=1\n  y=2\n\tz", "[a]\nx=1\n\ty=2\n\tz\n"},
		{"comment within a value", "[a]\nx=1\n# c\n  ; d\n  2", "[a]\nx=1\n\t2\n"},
		{"blank line within a value", "[a]\nx=1\n\n  2\n\n", "[a]\nx=1\n\n\t2\n"},
		{"value on the next line", "[a]\nx=\n  1", "[a]\nx=\n\t1\n"},
		{"indented header continues a value", "[a]\nx=1\n  [b]", "[a]\nx=1\n\t[b]\n"},
		{"indented header without a value before", "  [a]\n  x=1", "[a]\nx=1\n"},
		{"indented keys", "[a]\n  x=1\n  y=2\n    3", "[a]\nx=1\ny=2\n\t3\n"},
		{"header is greedy", "[a]]b] c", "[a]]b]\n"},
		{"header is not trimmed", "[ a ]\nx=1", "[ a ]\nx=1\n"},
		{"sections merge", "[a]\nx=1\n[b]\n[a]\ny=2", "[a]\nx=1\ny=2\n[b]\n"},
		{"last key wins", "[a]\nx=1\ny=1\nx=2", "[a]\nx=2\ny=1\n"},
		{"additions accumulate", "[a]\nenvironment+=A=1\nenvironment+=B=2", "[a]\nenvironment+=A=1\nenvironment+=B=2\n"},
		{"CRLF", "[a]\r\nx=1\r\n  2\r\n", "[a]\nx=1\n\t2\n"},
		{"lone CR", "[a]\rx=1\ry=2", "[a]\nx=1\ny=2\n"},
		{"Unicode blanks are blanks", "[a]\nx=\u00a01\u2003", "[a]\nx=1\n"},
		{"no final newline, no value", "[a]\nx=", "[a]\nx=\n"},
		{"defaults", "[DEFAULT]\nx=1\n[a]", "[DEFAULT]\nx=1\n[a]\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			doc, err := Load("f", nil, file(tt.text))
			if err != nil {
				t.Fatal(err)
			}
			if got := doc.String(); got != tt.want {
				t.Errorf("Load(%q) = %q, want %q", tt.text, got, tt.want)
			}
		})
	}
}

func TestSyntaxProblems(t *testing.T) {
	for _, tt := range []struct{ name, text, want, hint string }{
		{"no header", "x=1", `cannot parse f:1:1: expected a section header such as [program:web], got "x=1"`, ""},
		{"byte order mark", "\ufeff[a]", "cannot parse f:1:1: expected a section header such as [program:web], got \"\\ufeff[a]\"",
			"the file begins with a byte order mark: save it without"},
		{"no delimiter, all of them", "[a]\nfoo\nx=1\n bar\nbaz ;c", "cannot parse f:2:1: [a]: expected key = value, got \"foo\"\n" +
			"cannot parse f:5:1: [a]: expected key = value, got \"baz\"",
			"indent the line to continue the value of x"},
		{"forgotten indentation", "[a]\nx=1\nfoo", `cannot parse f:3:1: [a]: expected key = value, got "foo"`,
			"indent the line to continue the value of x"},
		{"no key", "[a]\n=1", `cannot parse f:2:1: [a]: expected key = value, got "=1"`, ""},
		{"encoding", "[a]\nx=\xe9", "cannot parse f:2:3: expected UTF-8 text", "convert the file to UTF-8"},
		{"include without files", "[supervisord]\n[include]\n", `cannot parse f:2:1: [include]: expected a "files" setting`,
			"add for instance: files = conf.d/*.conf"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Load("f", nil, file(tt.text))
			if err == nil {
				t.Fatalf("Load(%q) succeeded, want %s", tt.text, tt.want)
			}
			if got := err.Error(); got != tt.want {
				t.Errorf("Load(%q):\n got %s\nwant %s", tt.text, got, tt.want)
			}
			last := err.(*Problems).List[len(err.(*Problems).List)-1]
			if last.Hint != tt.hint {
				t.Errorf("hint = %q, want %q", last.Hint, tt.hint)
			}
		})
	}
}

func TestMissingFile(t *testing.T) {
	_, err := Load("/nowhere.conf", nil, file(""))
	if got, want := err.Error(), "cannot read /nowhere.conf: file does not exist"; got != want {
		t.Errorf("Load of a missing file: %q, want %q", got, want)
	}
}

// A key knows where it stands, and what it shadowed.
func TestPositions(t *testing.T) {
	sys := files(map[string]string{
		"/c/f":        "[program:a]\ncommand = one\n   two %(x)s\n[include]\nfiles = d/*.conf",
		"/c/d/1.conf": "\n[program:a]\nCommand:three",
		"/c/d/2.conf": "[program:a]\npriority=1",
	})
	doc, err := Load("f", nil, sys)
	if err != nil {
		t.Fatal(err)
	}
	k := doc.Section("program:a").Key("command")
	if got, want := k.Pos, (Pos{File: "/c/d/1.conf", Line: 3, Col: 1}); got != want {
		t.Errorf("Pos = %v, want %v", got, want)
	}
	if got, want := k.ValuePos, (Pos{File: "/c/d/1.conf", Line: 3, Col: 9}); got != want {
		t.Errorf("ValuePos = %v, want %v", got, want)
	}
	if len(k.Shadowed) != 1 || k.Shadowed[0].Value != "one\ntwo %(x)s" {
		t.Fatalf("Shadowed = %+v, want the one of the main file", k.Shadowed)
	}
	old := &k.Shadowed[0]
	if got, want := old.At(strings.Index(old.Value, "%")), (Pos{File: "f", Line: 3, Col: 8}); got != want {
		t.Errorf("At(%%) = %v, want %v", got, want)
	}
	if got, want := doc.Files, []string{"f", "/c/d/1.conf", "/c/d/2.conf"}; !slices.Equal(got, want) {
		t.Errorf("Files = %v, want %v", got, want)
	}
}

func TestInclude(t *testing.T) {
	list := map[string]string{
		"/c/f": "[a]\nh=%(here)s\nx=main\n[include]\nfiles = b/*.conf %(ENV_D)s/*.ini\n  none/*.conf b/?.txt b/[!a].cfg",
		// Later files win, and %(here)s is the folder of the file.
		"/c/b/2.conf":       "[a]\nx=two\ny=%(here)s",
		"/c/b/1.conf":       "[a]\nx=one\n[include]\nfiles=/c/nested.conf",
		"/c/b/.hidden.conf": "[hidden]",
		"/c/b/a.cfg":        "[acfg]", "/c/b/b.cfg": "[bcfg]",
		"/c/b/z.txt":     "[txt]",
		"/c/nested.conf": "[nested]",
		"/e/x.ini":       "[e]",
	}
	doc, err := Load("f", []string{"D=/e"}, files(list))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := doc.Files, []string{"f", "/c/b/1.conf", "/c/b/2.conf", "/e/x.ini", "/c/b/z.txt", "/c/b/b.cfg"}; !slices.Equal(got, want) {
		t.Errorf("Files = %v, want %v", got, want)
	}
	if got, want := doc.Warnings, []string{`No file matches via include "/c/none/*.conf"`}; !slices.Equal(got, want) {
		t.Errorf("Warnings = %v, want %v", got, want)
	}
	a := doc.Section("a")
	for key, want := range map[string]string{"x": "two", "h": "/c", "y": "/c/b"} {
		if got := doc.Text(a.Key(key)); got != want {
			t.Errorf("%s = %q, want %q", key, got, want)
		}
	}
}

func TestFind(t *testing.T) {
	for _, tt := range []struct {
		name   string
		argv0  string
		exists []string
		want   string
	}{
		{"ours first", "/usr/bin/supervisord", []string{"/etc/slipway/slipway.conf", "/usr/etc/supervisord.conf"}, "/etc/slipway/slipway.conf"},
		{"beside the executable", "/usr/bin/supervisord", []string{"/usr/etc/supervisord.conf", "/etc/supervisord.conf"}, "/usr/etc/supervisord.conf"},
		{"parent", "/opt/bin/supervisord", []string{"/opt/supervisord.conf"}, "/opt/supervisord.conf"},
		{"working directory", "supervisord", []string{"/w/supervisord.conf", "/etc/supervisord.conf"}, "/w/supervisord.conf"},
		{"etc of the working directory", "/usr/bin/supervisord", []string{"/w/etc/supervisord.conf"}, "/w/etc/supervisord.conf"},
		{"Debian's", "/usr/bin/supervisord", []string{"/etc/supervisor/supervisord.conf"}, "/etc/supervisor/supervisord.conf"},
		{"none", "/usr/bin/supervisord", nil, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := Find(tt.argv0, "/w", func(p string) bool { return slices.Contains(tt.exists, p) })
			if got != tt.want {
				t.Errorf("Find(%q) = %q, want %q", tt.argv0, got, tt.want)
			}
		})
	}
}

func FuzzDocument(f *testing.F) {
	for _, seed := range []string{
		"[a]\nx=1\n", "[a]\nx=a;b ;c #d\n  2\n\n 3", "[DEFAULT]\nx:1\n[b]", "[program:x]\nenvironment+=A=1\nenvironment+=B=2",
		"\ufeff[a]", "[a]\r\nx=\u00a0y\r", "[a;b ;c] #x\nk;= ;c #d\n", "[[]]\n]=[",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		defer testkit.Timed(t, len(text))()
		doc, err := Load("f", nil, file(text))
		if err != nil {
			return
		}
		printed := doc.String()
		again, err := Load("f", nil, file(printed))
		if err != nil {
			t.Fatalf("%q prints as %q, which has problems: %v", text, printed, err)
		}
		if s := again.String(); s != printed {
			t.Errorf("%q prints as %q, and that as %q", text, printed, s)
		}
		if !equalDocuments(doc, again) {
			t.Errorf("%q prints as %q, which means something else", text, printed)
		}
	})
}

func equalDocuments(a, b *Document) bool {
	return slices.EqualFunc(append([]*Section{a.Defaults}, a.Sections...), append([]*Section{b.Defaults}, b.Sections...), func(x, y *Section) bool {
		if x == nil || y == nil {
			return x == y
		}
		return x.Name == y.Name && slices.EqualFunc(x.Keys, y.Keys, func(k, l Key) bool { return k.Name == l.Name && k.Value == l.Value })
	})
}
