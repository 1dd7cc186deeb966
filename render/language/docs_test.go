package language

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"testing"

	"github.com/Masterminds/sprig/v3"

	"slipway/render"
	"slipway/render/transaction/durable"
	"slipway/templates"
)

var update = flag.Bool("update", false, "write the generated pages of docs/reference")

// golden compares a generated page with the one in docs/reference.
func golden(t *testing.T, name, text string) {
	t.Helper()
	file := filepath.Join("..", "..", "docs", "reference", name)
	if *update {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	got, err := os.ReadFile(file)
	if err != nil || string(got) != text {
		t.Errorf("docs/reference/%s is not what the tables say (%v); run: go test ./render/language -run Reference -update", name, err)
	}
}

// cell makes code for a table of Markdown.
func cell(s string) string {
	s = strings.NewReplacer("\n", "⏎", "|", `\|`).Replace(s)
	if strings.Contains(s, "`") {
		return "`` " + s + " ``"
	}
	return "`" + s + "`"
}

func TestFunctionReference(t *testing.T) {
	var b strings.Builder
	b.WriteString("# Template functions\n\nGenerated from the tables in `render/language/funcs_*.go`; every example is a test. " +
		"Besides these there are the functions of text/template and of [sprig](https://masterminds.github.io/sprig/), under their own names and with their own meanings: " +
		"see [what they do with bad input](#functions-of-sprig-and-texttemplate).\n\n## What the dot holds\n\n| | |\n| --- | --- |\n" +
		"| `.Env.NAME` | A variable of the merged environment. It must be set, unless a default, `required` or a condition (`if`, `with`, `or`) asks whether it is. |\n" +
		"| `.Env` | All variables, for `range`, `hasKey`, `pick` … |\n" +
		"| `.Links` | All peers that are known: .Name, .Host, .Port, .Proto, .Addr, .URL, .Source |\n" +
		"| `.KV` | The keys of the store as a tree |\n" +
		"| `.Data` | Structured data files as a tree. Its first level is the name of the file without suffix: /etc/slipway/data/app.yaml is `.Data.app`. |\n" +
		"| `.Host` | .Name, .CPUs, .MemoryLimit of the container |\n" +
		"| `.Dest` | The path of the target |\n" +
		"| `.Item`, `.Index` | The item of `for`, and its number from 0 |\n\n" +
		"A field that is missing, at any depth (`.Data.app.db.port`), is an error with its place. Where `| default` or a condition follows (`if`, `with`, `range … else`), it is nothing. `secret`, `kv`, `link` and the typed accessors must find what they read even in a condition; `| default` is the only way out.\n\n" +
		"What an action writes must be a text, a number, a truth value, a date, a duration or a list of these. Nothing, a dictionary, a peer and the dot itself are refused. Numbers are written in full: 1000000, not 1e+06.\n\n" +
		"Inside `range` and `with` the dot is the current item; the above are then under `$`: `$.Env.NAME`.\n\nThe examples are rendered with these variables:\n\n| variable | value |\n| --- | --- |\n")
	data := exampleData()
	for _, n := range data.Env.Names() {
		text, secret, _ := data.Env.Get(n)
		note := ""
		if secret {
			note = " (secret)"
		}
		fmt.Fprintf(&b, "| `%s` | %s%s |\n", n, cell(text), note)
	}
	for _, theme := range Themes() {
		fmt.Fprintf(&b, "\n## %s\n", theme.Title)
		for _, f := range theme.Funcs {
			fmt.Fprintf(&b, "\n### %s\n\n`%s`\n\n%s\n\n| | |\n| --- | --- |\n| %s | %s |\n", f.Name, f.Usage, f.Doc, cell(f.Example), cell(f.Want))
			if f.Refuses != "" {
				_, err := renderText(t, f.Refuses, exampleData(), Template{Dest: "_greeting", Name: "_greeting.tmpl"})
				problems, _ := err.(render.Problems) //nolint:errorlint // it is one, or the row is wrong
				if len(problems) == 0 {
					t.Fatalf("%s is not refused", f.Refuses)
				}
				fmt.Fprintf(&b, "| %s | refused: %s |\n", cell(f.Refuses), strings.ReplaceAll(problems[0].Text, "|", `\|`))
			}
		}
	}
	b.WriteString("\n## Functions of sprig and text/template\n\nWhat they do with values that they have no use for. sprig itself often writes the text of an error, a 0 or nothing then; here each fails at its place, " +
		"unless it is defined for all values. A refusal shows the value, and where it comes from.\n")
	for _, table := range borrowings(sprig.GenericFuncMap()) {
		fmt.Fprintf(&b, "\n### %s\n\n| function | bad input | example | gives |\n| --- | --- | --- | --- |\n", table.Title)
		slices.SortFunc(table.Rows, func(a, b borrowed) int { return strings.Compare(a.Name, b.Name) })
		for _, r := range table.Rows {
			gives := cell(r.Want)
			if !r.Defined {
				_, err := renderText(t, r.Try, exampleData())
				problems, _ := err.(render.Problems) //nolint:errorlint // it is one, or the row is wrong
				if len(problems) == 0 {
					t.Fatalf("%s does not fail", r.Try)
				}
				gives = "refused: " + strings.ReplaceAll(problems[0].Text, "|", `\|`)
			} else if r.Want == "" {
				gives = "nothing"
			}
			fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", r.Name, r.Bad, cell(r.Try), gives)
		}
	}
	b.WriteString("\n## Functions of sprig that are not available\n\n| function | why | instead |\n| --- | --- | --- |\n")
	all := refused()
	names := make([]string, 0, len(all))
	for n := range all {
		names = append(names, n)
	}
	sort.Strings(names)
	for _, n := range names {
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", n, all[n].reason, all[n].instead)
	}
	b.WriteString("\n`env` and `expandenv` read the values that slipway has merged, not the environment of the process. `keys` and `values` are sorted. Dates are in UTC, whatever TZ is.\n")
	golden(t, "functions.md", b.String())
}

func TestTemplateReference(t *testing.T) {
	var b strings.Builder
	b.WriteString("# Templates that ship\n\nGenerated from `templates/`. `slipway templates NAME` prints one. A section uses one by `source = builtin:NAME`; " +
		"its own file in a template folder replaces it.\n")
	for _, tmpl := range templates.All() {
		fmt.Fprintf(&b, "\n## %s\n\n%s\n\n```ini test=TestTemplateExamples\n%s```\n", tmpl.Name, tmpl.Doc, tmpl.Example)
	}
	golden(t, "templates.md", b.String())
}

// The example of each template is a section that finds it.
func TestTemplateExamples(t *testing.T) {
	for _, tmpl := range templates.All() {
		section := Template{Mode: render.Keep}
		for _, line := range strings.Split(strings.TrimSpace(tmpl.Example), "\n") {
			key, value, _ := strings.Cut(line, " = ")
			switch {
			case strings.HasPrefix(line, "[template:"):
				section.Dest = strings.TrimSuffix(strings.TrimPrefix(line, "[template:"), "]")
			case key == "source":
				section.Source = value
			case key != "check" && key != "notify" && key != "owner" && key != "mode":
				t.Errorf("%s: the example has the line %q", tmpl.Name, line)
			}
		}
		set, err := Discover(durable.OS{}, nil, []Template{section})
		if err != nil || len(set.Templates) != 1 || set.Templates[0].Text != tmpl.Text || set.Templates[0].Write != tmpl.Write {
			t.Errorf("%s: the example finds %+v, %v", tmpl.Name, set.Templates, err)
		}
	}
}
