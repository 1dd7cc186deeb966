package keys

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"slipway/sources"
	"slipway/sources/contract"
	"slipway/sources/kv"
)

func read(t *testing.T, text string) ([]kv.Pair, error) {
	t.Helper()
	return Read("-", "/app/", strings.NewReader(text))
}

func listed(pairs []kv.Pair) (out []string) {
	for _, p := range pairs {
		out = append(out, p.Key+"="+p.Value.String())
	}
	return out
}

func TestReadYAML(t *testing.T) {
	for _, row := range []struct {
		name, text string
		want       []string
	}{
		{"nothing", "", nil},
		{"only a comment", "# nothing\n", nil},
		{"maps are elements", "log:\n  level: debug\n", []string{"/app/log/level=debug"}},
		{"slashes are elements", "log/level: debug\n", []string{"/app/log/level=debug"}},
		{"a whole key", "/other/a: 1\n", []string{"/other/a=1"}},
		{"below a whole key", "/other:\n  a: 1\n", []string{"/other/a=1"}},
		{"a key with keys below it", "log:\n  \"\": x\n  level: y\n", []string{"/app/log=x", "/app/log/level=y"}},
		{"scalars as they are written", "a: 010\nb: 1.10\nc: yes\nd: 2001-01-01\ne: 1e3\n", []string{"/app/a=010", "/app/b=1.10", "/app/c=yes", "/app/d=2001-01-01", "/app/e=1e3"}},
		{"empty", "a: \"\"\n", []string{"/app/a="}},
		{"lines", "a: |\n  x\n  y\n", []string{"/app/a=x\ny\n"}},
		{"bytes", "a: !!binary /w==\n", []string{"/app/a=\xff"}},
		{"an alias", "a: &x {k: v}\nb: *x\n", []string{"/app/a/k=v", "/app/b/k=v"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			got, err := read(t, row.text)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(row.want, listed(got)); diff != "" {
				t.Errorf("keys (-want +got):\n%s", diff)
			}
		})
	}
}

func TestReadYAMLRefuses(t *testing.T) {
	for _, row := range []struct{ name, text, want string }{
		{"a list", "a:\n  b: [1]\n", "stdin:2:6: /app/a/b: a store has no lists"},
		{"null", "a:\n", "stdin:1:3: /app/a has no value"},
		{"a text", "hello\n", "stdin:1:1: expected a map of keys"},
		{"twice", "a: 1\na/b: 2\na: 3\n", "stdin:1:4 gives it already"},
		{"twice in other words", "a/b: 1\na:\n  b: 2\n", "cannot take key /app/a/b from stdin:3:6: stdin:1:6 gives it already"},
		{"merge", "x: &x {k: v}\na:\n  <<: *x\n", "stdin:3:3: << is not known here"},
		{"a whole key within", "a:\n  /b: 1\n", "stdin:2:3: a whole key stands at the left"},
		{"two documents", "a: 1\n---\nb: 1\n", "more than one document"},
		{"no YAML", "a: [\n", "cannot parse stdin:"},
	} {
		t.Run(row.name, func(t *testing.T) {
			if _, err := read(t, row.text); err == nil || !strings.Contains(err.Error(), row.want) {
				t.Errorf("error = %v, want %q", err, row.want)
			}
		})
	}
}

func TestReadFolder(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"log/level": "debug\n", "two": "a\nb\n\n", "crlf": "x\r\n", "none": "", ".git/HEAD": "no", ".hidden": "no", "conf.yaml": "a: 1\n",
	} {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := Read(dir, "/app", nil)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"/app/conf.yaml=a: 1", "/app/crlf=x", "/app/log/level=debug", "/app/none=", "/app/two=a\nb\n"}
	if diff := cmp.Diff(want, listed(got)); diff != "" {
		t.Errorf("keys (-want +got):\n%s", diff)
	}
}

// Everything that is wrong with a folder is said, and nothing of it is left out in silence.
func TestReadFolderOfLinks(t *testing.T) {
	dir := t.TempDir()
	for link, to := range map[string]string{"loop": "loop", "gone": "nowhere", "same": "a"} {
		if err := os.Symlink(to, filepath.Join(dir, link)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "a"), []byte("1"), 0o644); err != nil {
		t.Fatal(err)
	}
	got, err := Read(dir, "/app", nil)
	if err == nil || strings.Count(err.Error(), "\n") != 1 || !strings.Contains(err.Error(), dir+"/gone: no such file") || !strings.Contains(err.Error(), dir+"/loop: too many") {
		t.Errorf("error = %v, want both links", err)
	}
	if diff := cmp.Diff([]string{"/app/a=1", "/app/same=1"}, listed(got)); diff != "" {
		t.Errorf("keys (-want +got):\n%s", diff)
	}
}

// A key cannot pass for a line of its own, or reach the terminal.
func TestKeysWithControlCharacters(t *testing.T) {
	s := store("/app/old\nkey=1")
	for _, key := range []string{"/app/a\nb", "/app/\x1b[31mred", "/app/a\x00"} {
		if _, err := Plan(s, pairs(key+"=1"), false, "/app"); err == nil || !strings.Contains(err.Error(), strconv.Quote(key)) || !strings.Contains(err.Error(), "a control character stands in it") {
			t.Errorf("Plan with the key %q: %v", key, err)
		}
	}
	c, err := Plan(s, pairs("/app/é=1"), true, "/app")
	var out strings.Builder
	if err == nil {
		err = c.Write(&out)
	}
	if want := "- \"/app/old\\nkey\" = \"1\"\n+ /app/é = \"1\"\n"; err != nil || out.String() != want {
		t.Errorf("printed %q, %v, want %q", out.String(), err, want)
	}
}

func pairs(words ...string) (out []kv.Pair) {
	for _, w := range words {
		key, text, _ := strings.Cut(w, "=")
		out = append(out, kv.Pair{Key: key, Value: sources.Value{Text: text, Origin: sources.Origin{File: "keys.yaml", Line: 1}}})
	}
	return out
}

// What get prints, put reads back as the same keys, whatever is in them.
func TestYAMLReadsBack(t *testing.T) {
	held := pairs("/app=self", "/app//odd=1", "/app/a=12", "/app/a/b=true", "/app/a/c/=slash", "/app/bytes=\xff\x00", "/app/lines=x\n y\n",
		"/app/null=null", "/app/empty=", "/app/quotes=\"'", "/app/«=ü", "/other/x=1", "bare=2")
	text, err := YAML(held, "/app/")
	if err != nil {
		t.Fatal(err)
	}
	got, err := read(t, string(text))
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	want := map[string]string{}
	for _, p := range held {
		want[p.Key] = p.Value.Text
	}
	delete(want, "bare") // lies below no prefix that one can write a file for
	have := map[string]string{}
	for _, p := range got {
		have[p.Key] = p.Value.Text
	}
	delete(have, "/app/bare")
	if diff := cmp.Diff(want, have); diff != "" {
		t.Errorf("keys (-want +got):\n%s\n%s", diff, text)
	}
}

func store(words ...string) *Store {
	return &Store{Revision: 7, Prefixes: []string{"/app/"}, Secret: []string{"/app/secret/"}, Export: []string{"/app/env"}, Pairs: pairs(words...)}
}

func TestPlan(t *testing.T) {
	for _, row := range []struct {
		name   string
		wanted []kv.Pair
		remove bool
		want   string
	}{
		{"the same", pairs("/app/a=1"), false, ""},
		{"another value", pairs("/app/a=2"), false, "~ /app/a = \"2\", was \"1\"\n"},
		{"a new key", pairs("/app/n=2"), false, "+ /app/n = \"2\"\n"},
		{"absent keys stay", nil, false, ""},
		{"absent keys go", pairs("/app/a=1", "/app/secret/pw=hunter2"), true, "- /app/b/c = \"2\"\n"},
		{"another secret", pairs("/app/secret/pw=hunter3"), false, "~ /app/secret/pw = «redacted», another one than before\n"},
		{"a new secret", pairs("/app/secret/new=hunter3"), false, "+ /app/secret/new = «redacted»\n"},
		{"a URL with a password", pairs("/app/a=http://me:hunter3@db/"), false, "~ /app/a = «redacted», another one than before\n"},
		{"a secret that was not shown", pairs("/app/secret/pw=«redacted»"), false, ""},
		{"a secret goes", pairs("/app/a=1", "/app/b/c=2"), true, "- /app/secret/pw = «redacted»\n"},
	} {
		t.Run(row.name, func(t *testing.T) {
			s := store("/app/a=1", "/app/b/c=2", "/app/secret/pw=hunter2")
			s.Pairs[2].Value.Secret = true
			c, err := Plan(s, row.wanted, row.remove, "/app/")
			if err != nil {
				t.Fatal(err)
			}
			var got strings.Builder
			if err := c.Write(&got); err != nil {
				t.Fatal(err)
			}
			if got.String() != row.want || c.Empty() != (row.want == "") {
				t.Errorf("the change is\n%swant\n%s", got.String(), row.want)
			}
		})
	}
}

func TestPlanRefuses(t *testing.T) {
	for key, want := range map[string]string{
		"/other/a=1":        "cannot take key /other/a of keys.yaml:1: it is outside of the prefix /app/",
		"/app=1":            "outside of the prefix",
		"/app2/a=1":         "outside of the prefix",
		"/app/.slipway/a=1": "keys below .slipway are slipway's own",
		"/app/x=«redacted»": "expected its value, got «redacted»",
	} {
		if _, err := Plan(store(), pairs(key), false, "/app/"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Plan(%s) = %v, want %q", key, err, want)
		}
	}
}

func TestCheck(t *testing.T) {
	c := Contract{
		Rules: []contract.Rule{
			{Name: "POOL", Type: "int", Min: "1"}, {Name: "COLOUR", Type: "enum", Values: []string{"red", "green"}}, {Name: "TOKEN", Secret: true, Pattern: "[a-z]+"},
			{Name: "NEEDED", Required: true}, {Name: "ELSEWHERE", Required: true}, {Name: "OLD", Type: "enum"},
		},
		Keys: []string{"log/level"},
	}
	for _, row := range []struct {
		name   string
		wanted []kv.Pair
		remove bool
		want   string // "" for no error
	}{
		{"what is there", nil, false, ""},
		{"good values", pairs("/app/env/pool=3", "/app/env/colour=red", "/app/env/token=abc", "/app/env/old=x"), false, ""},
		{"no number", pairs("/app/env/pool=many"), false, `cannot accept POOL from keys.yaml:1`},
		{"too small", pairs("/app/env/pool=0"), false, "expected at least 1"},
		{"no colour", pairs("/app/env/colour=reb"), false, "expected one of red, green"},
		{"a secret", pairs("/app/env/token=HUNTER2"), false, "got «redacted»"},
		{"what etcd gave is gone", pairs("/app/log/level=x"), true, "cannot go on without NEEDED"},
		{"empty", pairs("/app/env/needed="), false, "cannot go on without NEEDED"},
		{"a key that templates need", pairs("/app/env/needed=1"), true, `cannot go on without key "log/level"`},
		{"two keys for one variable", pairs("/app/env/a-b=1", "/app/env/a_b=1"), false, "cannot make variable A_B"},
	} {
		t.Run(row.name, func(t *testing.T) {
			s := store("/app/env/needed=1", "/app/log/level=info")
			s.HideWanted(row.wanted, c.Secret)
			change, err := Plan(s, row.wanted, row.remove, "/app/")
			if err != nil {
				t.Fatal(err)
			}
			err = c.Check(s, change)
			if (err == nil) != (row.want == "") || err != nil && !strings.Contains(err.Error(), row.want) || err != nil && strings.Contains(err.Error(), "HUNTER2") {
				t.Errorf("Check = %v, want %q", err, row.want)
			}
		})
	}
}

// A change as a list says all that the lines for people say, and no secret.
func TestChangeList(t *testing.T) {
	value := func(text string, secret bool) sources.Value { return sources.Value{Text: text, Secret: secret} }
	s := &Store{Prefixes: []string{"/app/"}, Secret: []string{"/app/s"}, Pairs: []kv.Pair{
		{Key: "/app/a", Value: value("1", false)}, {Key: "/app/b", Value: value("2", false)}, {Key: "/app/s", Value: value("old", true)},
	}}
	c, err := Plan(s, []kv.Pair{{Key: "/app/c", Value: value("3", false)}, {Key: "/app/a", Value: value("4", false)}, {Key: "/app/s", Value: value("new", false)}}, true, "/app/")
	if err != nil {
		t.Fatal(err)
	}
	want := []Changed{
		{"/app/a", "change", "4", "1"}, {"/app/b", "delete", "", "2"}, {"/app/c", "add", "3", ""}, {"/app/s", "change", sources.Redacted, sources.Redacted},
	}
	if diff := cmp.Diff(want, c.List()); diff != "" {
		t.Errorf("list (-want +got):\n%s", diff)
	}
}

// What JSON cannot hold is named, not changed.
func TestTexts(t *testing.T) {
	texts, left := Texts([]kv.Pair{{Key: "/a", Value: sources.Value{Text: "<x>"}}, {Key: "/b", Value: sources.Value{Text: "\xff"}}, {Key: "/s", Value: sources.Value{Text: "p", Secret: true}}})
	if diff := cmp.Diff(map[string]string{"/a": "<x>", "/s": sources.Redacted}, texts); diff != "" || len(left) != 1 || left[0] != "/b" {
		t.Errorf("left out %q, texts (-want +got):\n%s", left, diff)
	}
}
