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
	b.WriteString("# Templates of confd and dockerize\n\nGenerated from the tables in `render/porting/rules.go`. `slipway port --from confd|dockerize DIR` converts what is in the first two columns, " +
		"keeps layout and comments, and lists the rest with its place. Functions that are not here are the same.\n")
	for _, tool := range []Tool{Confd, Dockerize} {
		rules := portRules(tool)
		names := make([]string, 0, len(rules))
		for n := range rules {
			names = append(names, n)
		}
		sort.Strings(names)
		fmt.Fprintf(&b, "\n## %s\n\n| there | here | by hand |\n| --- | --- | --- |\n", tool)
		for _, n := range names {
			for _, f := range rules[n].forms {
				args := ""
				for i := range f.args {
					args += fmt.Sprintf(" $%d", i+1)
				}
				fmt.Fprintf(&b, "| `%s%s` | `%s` | |\n", n, args, f.text)
			}
			if rules[n].note != "" {
				fmt.Fprintf(&b, "| `%s` | | %s |\n", n, rules[n].note)
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
