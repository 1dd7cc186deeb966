package porting

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the generated page of docs/reference")

func TestPortingReference(t *testing.T) {
	var b strings.Builder
	b.WriteString("# Templates of other tools\n\nGenerated from the tables in `render/porting/*_rules.go`. `slipway port --from TOOL DIR` converts what is in the first two columns, " +
		"keeps layout and comments, and lists the rest with its place. Functions of the tool that are not here are the same. One that the tool does not have, because a fork or a newer release has it, is left and listed. `$1`, `$2` … are the arguments, and `$*` is all of them.\n")
	for _, tool := range Languages() {
		rules := tool.rules()
		names := make([]string, 0, len(rules))
		for n := range rules {
			names = append(names, n)
		}
		sort.Strings(names)
		fmt.Fprintf(&b, "\n## %s\n\n| there | here | what differs, or what to do by hand |\n| --- | --- | --- |\n", tool)
		for _, n := range names {
			r := rules[n]
			if r.doc != "" {
				fmt.Fprintf(&b, "| `%s` | %s | %s |\n", n, r.doc, r.note)
			}
			for i, f := range r.forms {
				differs := ""
				if i == 0 {
					differs = r.differs
				}
				fmt.Fprintf(&b, "| `%s` | `%s` | %s |\n", strings.TrimSpace(n+" "+arguments(f)), strings.ReplaceAll(f.text, "#", "$"), differs)
			}
			if r.note != "" && r.doc == "" {
				fmt.Fprintf(&b, "| `%s` | | %s |\n", n, r.note)
			}
		}
	}
	file := filepath.Join("..", "..", "docs", "reference", "porting.md")
	if *update {
		if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	got, err := os.ReadFile(file)
	if err != nil || string(got) != b.String() {
		t.Errorf("docs/reference/porting.md is not what the tables say (%v); run: go test ./render/porting -run Reference -update", err)
	}
}

// arguments are those of a form, as the page writes them.
func arguments(f form) string {
	if f.args == anyCount {
		return "$*"
	}
	var out []string
	for i := range f.args {
		out = append(out, fmt.Sprintf("$%d", i+1))
	}
	return strings.Join(out, " ")
}
