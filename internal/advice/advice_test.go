package advice

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"slipway/internal/exit"
)

func names(families []Family) string {
	var all []string
	for _, f := range families {
		all = append(all, f.Name)
	}
	return strings.Join(all, " ")
}

func TestFind(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{"no-program", "no-program"},
		{"78", "configuration order no-program user not-reread"},
		{"slipway: error: cannot render /etc/a: a.tmpl:1:2: the variable A is not set", "variable-not-set template"},
		{"cannot write /etc/a: directory /etc does not exist", "cannot-write"},
		{"cannot read /etc/a: no such file", "configuration"},
		{"cannot restart web: there is no such process or group", "no-such-name"},
		{"128+n", "ended-by-signal"},
		{"-1", ""},
		{"run", ""},
		{"template", "template"},
		{"0", ""},
		{"something else", ""},
	} {
		if got := names(Find(tt.text)); got != tt.want {
			t.Errorf("Find(%q) = %q, want %q", tt.text, got, tt.want)
		}
	}
}

func TestOf(t *testing.T) {
	for _, tt := range []struct {
		text   string
		status int
		want   string
	}{
		{"cannot parse a.conf:1:1: depends_on: got the circle a → b → a", exit.Config, "order"},
		{"cannot parse a.conf:1:1: numprocs: expected a whole number", exit.Config, "configuration"},
		{"cannot execute ./app: its mode is 0644", exit.NotExecutable, "not-executable"},
		{"cannot execute program web: command /x: no such file", exit.NotFound, "not-found"},
		{"cannot accept A from environment", exit.Data, "bad-value"},
		{"cannot accept A from environment", exit.Config, ""},
		{"something else", exit.Data, ""},
	} {
		if f, _ := Of(tt.text, tt.status); f.Name != tt.want {
			t.Errorf("Of(%q, %d) = %q, want %q", tt.text, tt.status, f.Name, tt.want)
		}
	}
}

// Every family can be read by itself: it has a status of the table, and says what to do. Each
// status has one, but for that of success.
func TestTable(t *testing.T) {
	last, seen, statuses := 0, map[string]bool{}, map[int]bool{}
	for _, f := range Table() {
		if _, ok := exit.Find(f.Status); f.Status != Runs && (!ok || f.Status < last) || last == Runs && f.Status != Runs {
			t.Errorf("%s: status %d is not in the table, or out of order", f.Name, f.Status)
		}
		last, statuses[f.Status] = f.Status, true
		if seen[f.Name] || f.Name == "" || strings.Contains(f.Name, " ") {
			t.Errorf("the name %q is no word, or not the only one", f.Name)
		}
		seen[f.Name] = true
		if len(f.Says) == 0 || !strings.HasSuffix(f.Means, ".") || !strings.HasSuffix(f.Why, ".") || len(f.Do) == 0 {
			t.Errorf("%s: %+v says too little", f.Name, f)
		}
	}
	for _, row := range exit.Table() {
		if row.Status != exit.OK && !statuses[row.Status] {
			t.Errorf("status %s has no family", row.Label())
		}
	}
}

// Every family has an example, in the order of the table, and what that prints is a message
// of the family, or its status. The examples run as those of a page.
func TestExamples(t *testing.T) {
	families := map[string]Family{}
	for _, f := range Table() {
		families[f.Name] = f
	}
	for _, e := range Examples() {
		f, ok := families[e.Family]
		if !ok {
			t.Errorf("the example of %q is of no family, or the second one", e.Family)
			continue
		}
		delete(families, e.Family)
		if (e.Script == "") == (e.Without == "") || (e.Script == "") != (e.Output == "") {
			t.Errorf("%s: an example has a script and its output, or a reason to have none", e.Family)
		}
		says := slices.ContainsFunc(f.Says, func(s string) bool { return strings.Contains(e.Output, s) })
		if e.Script != "" && !says && f.Status != exit.Signalled {
			t.Errorf("%s: no message of the family is in what its example prints:\n%s", e.Family, e.Output)
		}
		if want := "status " + f.Label() + "\n"; e.Script != "" && f.Status != Runs && f.Status != exit.Signalled && !strings.Contains(e.Output, want) {
			t.Errorf("%s: the example does not end with %q", e.Family, want)
		}
	}
	for name := range families {
		t.Errorf("%s has no example", name)
	}
}

// Every message that begins as messages of errors do is of a family, so that slipway help
// knows it.
func TestMessagesHaveFamilies(t *testing.T) {
	seen := 0
	for _, dir := range []string{"cmd/slipway", "internal", "sources", "render", "supervise"} {
		err := filepath.WalkDir(filepath.Join("../..", dir), func(path string, d fs.DirEntry, err error) error {
			if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || strings.Contains(path, "test/") || strings.Contains(path, "testdata") ||
				strings.Contains(path, "internal/dist") || strings.Contains(path, "internal/site") || strings.Contains(path, "internal/supervisor") || strings.Contains(path, "internal/advice") {
				return err
			}
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
			if err != nil {
				return err
			}
			ast.Inspect(file, func(n ast.Node) bool {
				lit, ok := n.(*ast.BasicLit)
				if !ok || lit.Kind != token.STRING {
					return true
				}
				text, err := strconv.Unquote(lit.Value)
				if err != nil {
					t.Fatal(err)
				}
				words := strings.Fields(text)
				if len(words) < 3 || !strings.HasPrefix(text, "cannot ") || strings.HasPrefix(words[1], "%") || words[1] == "be" || words[1] == "stand" {
					return true
				}
				if seen++; len(Find(text)) == 0 {
					t.Errorf("%s: the message %q is of no family", path, text)
				}
				return true
			})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if seen < 100 {
		t.Errorf("only %d messages were found", seen)
	}
}
