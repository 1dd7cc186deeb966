package structure

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// top is what may lie at the top of the repository. A new name needs a reason,
// and a line here.
var top = []string{
	"cmd", "render", "supervise", "sources", "templates", "examples", "internal", "docs",
	"go.mod", "go.sum", "README.md", "CHANGELOG.md", "Makefile", "LICENSE",
	"Dockerfile",     // an image to copy from, made from this source
	".dockerignore",  // what builds leave behind is nothing to build from
	"SECURITY.md",    // where people look for what is promised, and how to report
	"HACKING.md",     // for those who change slipway, as README.md is for those who use it
	".ci",            // the whole of the checks, as CI runs them
	".gitignore",     // what builds leave behind
	".golangci.yml",  // lint
	".gitattributes", // golden files keep their line ends
}

// tracked lists the repository's files by their path, as git knows them: what a
// build or an editor leaves lying about is not the repository's.
func tracked(t *testing.T) (root string, files []string) {
	t.Helper()
	out, err := exec.Command("git", "rev-parse", "--show-toplevel").Output()
	if err != nil {
		t.Skip("this is not a git checkout")
	}
	root = strings.TrimSpace(string(out))
	out, err = exec.Command("git", "-C", root, "ls-files", "-co", "--exclude-standard", "-z").Output()
	if err != nil {
		t.Fatal(err)
	}
	for name := range strings.SplitSeq(strings.TrimSuffix(string(out), "\x00"), "\x00") {
		if _, err := os.Lstat(filepath.Join(root, name)); err == nil {
			files = append(files, name)
		}
	}
	return root, files
}

func TestTopLevel(t *testing.T) {
	_, files := tracked(t)
	for _, name := range files {
		first, _, _ := strings.Cut(name, "/")
		if !slices.Contains(top, first) {
			t.Errorf("%s: %q is new at the top level; put it below one of %q, or give it a reason in this test", name, first, top)
		}
	}
}

// TestNoUnfinishedWork: what is unfinished is left out, or is an issue; a note in
// the source is read by nobody.
func TestNoUnfinishedWork(t *testing.T) {
	words := regexp.MustCompile(`\b(` + strings.Join([]string{"TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK"}, "|") + `)\b`)
	root, files := tracked(t)
	for _, name := range files {
		if strings.Contains(name, "testdata/") {
			continue
		}
		data, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			t.Fatal(err)
		}
		if bytes.IndexByte(data, 0) >= 0 {
			continue // not text
		}
		for i, line := range strings.Split(string(data), "\n") {
			if word := words.FindString(line); word != "" {
				t.Errorf("%s:%d: %s: finish it or leave it out", name, i+1, word)
			}
		}
	}
}
