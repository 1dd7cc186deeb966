package datafile

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"slipway/internal/test/testkit"
)

func TestOneTreeWhateverTheFormat(t *testing.T) {
	want := map[string]any{
		"name": "a: b", "port": int64(8080), "big": int64(9007199254740993), "ratio": 0.5, "on": true, "none": nil,
		"hosts": []any{"x", map[string]any{"y": int64(1)}}, "date": "2026-01-02", "empty": map[string]any{},
	}
	for file, text := range map[string]string{
		"a.json": `{"name": "a: b", "port": 8080, "big": 9007199254740993, "ratio": 0.5, "on": true, "none": null, "hosts": ["x", {"y": 1}], "date": "2026-01-02", "empty": {}}`,
		"a.yaml": "name: 'a: b'\nport: 8080\nbig: 9007199254740993\nratio: 0.5\non: true\nnone: ~\nhosts:\n- x\n- y: 1\ndate: '2026-01-02'\nempty: {}\n",
		"a.toml": "name = 'a: b'\nport = 8080\nbig = 9007199254740993\nratio = 0.5\non = true\nhosts = ['x', {y = 1}]\ndate = 2026-01-02\nempty = {}\n",
	} {
		w := want
		if strings.HasSuffix(file, "toml") { // which has no null
			w = map[string]any{}
			for k, v := range want {
				if k != "none" {
					w[k] = v
				}
			}
		}
		got, err := Parse(file, []byte(text))
		if diff := cmp.Diff(any(w), got); err != nil || diff != "" {
			t.Errorf("%s: %v (-want +got):\n%s", file, err, diff)
		}
	}
}

func TestProperties(t *testing.T) {
	got, err := Parse("a.properties", []byte("# comment\n! comment\na.b=1\na.b.c : 2\n a.d   3 \nlong = x,\\\n    y\npath=C\\:\\\\temp\\ttab\nuni=\\u00e9\\ud83d\\ude00 é\nkey\\ with\\=odd=v\nempty\nback=a\\\\\nnext=1\r\nlast=\\"))
	want := map[string]any{
		"a":    map[string]any{"b": map[string]any{"": "1", "c": "2"}, "d": "3 "},
		"long": "x,y", "path": "C:\\temp\ttab", "uni": "é😀 é", "key with=odd": "v", "empty": "", "back": `a\`, "next": "1", "last": "",
	}
	if diff := cmp.Diff(any(want), got); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

func TestErrorsNameThePlace(t *testing.T) {
	for _, row := range []struct{ file, text, want string }{
		{"a.json", "{\n  \"a\": hunter2}", "cannot parse a.json:2:8: invalid character 'h' looking for beginning of value"},
		{"a.json", `{"a": 1, "a": 2}`, `cannot parse a.json:1:13: key "a" occurs twice`},
		{"a.json", `{"a": 1`, "cannot parse a.json:1:8: unexpected end of JSON input"},
		{"a.json", `{} {}`, "cannot parse a.json:1:4: invalid character '{' after top-level value"},
		{"a.json", ``, "cannot parse a.json:1:1: unexpected end of JSON input"},
		{"a.yaml", "a: 1\nb: [", "cannot parse a.yaml:2: did not find expected node content"},
		{"a.yaml", "a: 1\na: 2", `cannot parse a.yaml:2: mapping key "a" already defined at line 1`},
		{"a.yaml", "a: 1\n---\nb: 2", "cannot parse a.yaml: more than one document"},
		{"a.toml", "a = 1\nb = hunter2", "cannot parse a.toml:2:5: "},
		{"a.toml", "a = 1\na = 2", "cannot parse a.toml:2"},
		{"a.properties", "a=1\nb=\\u00zz", `cannot parse a.properties:2: \u needs four hexadecimal digits`},
		{"a.properties", "a=1\nb=2\na=3", `cannot parse a.properties:3: key "a" occurs twice, first on line 1`},
		{"a.txt", "", `cannot parse a.txt: expected the extension .json, .yaml, .toml or .properties, got ".txt"`},
	} {
		_, err := Parse(row.file, []byte(row.text))
		if err == nil || !strings.HasPrefix(err.Error(), row.want) {
			t.Errorf("Parse(%s, %q) = %v, want %s", row.file, row.text, err, row.want)
		}
		if err != nil && strings.Contains(err.Error(), "hunter2") {
			t.Errorf("error shows a value: %v", err)
		}
	}
}

func TestReadPutsEachFileIntoItsBranch(t *testing.T) {
	root := t.TempDir()
	for name, text := range map[string]string{"a.yaml": "x: 1", "b.toml": "y = 2", "a.json": "{}", "bad.json": "{"} {
		if err := os.WriteFile(filepath.Join(root, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got, err := Read([]string{"/a.yaml", "/b.toml", "/a.json", "/bad.json", "/absent.json", "/", "/*.toml"}, root)
	want := map[string]any{"a": map[string]any{"x": int64(1)}, "b": map[string]any{"y": int64(2)}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("tree (-want +got):\n%s", diff)
	}
	for _, w := range []string{"cannot read /a.json as .Data.a: /a.yaml is that already", "cannot parse /bad.json:1:2: ", "cannot read /absent.json: no such file or directory", "cannot read /: it is a folder: name each of its files", "cannot read /*.toml: no such file or directory; patterns are not known here: name each file"} {
		if err == nil || !strings.Contains(err.Error(), w) {
			t.Errorf("errors lack %q:\n%v", w, err)
		}
	}
}

// FuzzParse checks that no file makes a format panic, and that trees hold the
// promised types alone.
func FuzzParse(f *testing.F) {
	for file, text := range map[string]string{"a.json": `{"a":[1,2.5,null]}`, "a.yaml": "a: &x [1]\nb: *x\n? [c]\n: 1", "a.toml": "a = 1979-05-27T07:32:00Z", "a.properties": "a.b=\\u00e9\\\n c"} {
		f.Add(file, text)
	}
	f.Fuzz(func(t *testing.T, file, text string) {
		defer testkit.Timed(t, len(file)+len(text))()
		tree, err := Parse(file, []byte(text))
		if err == nil {
			checkTypes(t, tree)
		}
	})
}

func checkTypes(t *testing.T, v any) {
	t.Helper()
	switch v := v.(type) {
	case nil, string, bool, int64, float64:
	case map[string]any:
		for _, x := range v {
			checkTypes(t, x)
		}
	case []any:
		for _, x := range v {
			checkTypes(t, x)
		}
	default:
		t.Errorf("a tree holds a %T", v)
	}
}
