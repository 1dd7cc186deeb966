package structure

import (
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestFuzzTargets: every fuzz target is in the list of them, and measures time against size.
func TestFuzzTargets(t *testing.T) {
	root, files := tracked(t)
	page, err := os.ReadFile(filepath.Join(root, "docs/reference/fuzzing.md"))
	if err != nil {
		t.Fatal(err)
	}
	target := regexp.MustCompile(`(?m)^func (Fuzz\w*)\(`)
	found := 0
	for _, name := range files {
		if !strings.HasSuffix(name, "_test.go") {
			continue
		}
		text, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			t.Fatal(err)
		}
		targets := target.FindAllStringSubmatch(string(text), -1)
		for _, m := range targets {
			found++
			if row := "| `" + path.Dir(name) + "` | `" + m[1] + "` |"; !strings.Contains(string(page), row) {
				t.Errorf("docs/reference/fuzzing.md has no row %s", row)
			}
		}
		if timed := strings.Count(string(text), "defer testkit.Timed("); timed < len(targets) {
			t.Errorf("%s: %d of %d fuzz targets begin with defer testkit.Timed", name, timed, len(targets))
		}
	}
	if rows := strings.Count(string(page), "| `Fuzz"); rows != found {
		t.Errorf("docs/reference/fuzzing.md has %d rows, and there are %d targets", rows, found)
	}
}
