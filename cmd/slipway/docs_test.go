package main

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"

	"slipway/internal/advice"
	"slipway/internal/exit"
	"slipway/sources/gather"
	"slipway/supervise/control"
	"slipway/supervise/control/surface"
)

var update = flag.Bool("update", false, "write the reference pages anew")

func testApp() *app {
	return &app{stdin: strings.NewReader(""), stdout: &bytes.Buffer{}, stderr: &bytes.Buffer{}, argv0: "slipway"}
}

// The reference pages are made from the commands and the table; go test -update
// ./cmd/slipway writes them anew.
func TestReferencePages(t *testing.T) {
	for name, text := range map[string]string{
		"commands.md":    commandsPage(newRoot(testApp())),
		"exit-status.md": exitPage(),
		"errors.md":      errorsPage(),
		"json.md":        jsonPage(t),
		"sources.md":     sourcesPage(),
		"control.md":     controlPage(surface.Table()),
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join("../../docs/reference", name)
			if *update {
				if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			got, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(text, string(got)); diff != "" {
				t.Errorf("%s is out of step; go test ./cmd/slipway -update writes it (-want +got):\n%s", file, diff)
			}
		})
	}
}

func commandsPage(root *cobra.Command) string {
	var b strings.Builder
	b.WriteString("# Commands\n\nMade from the commands' own help; `slipway COMMAND --help` prints the same.\n\n| command | |\n| --- | --- |\n")
	for _, c := range root.Commands() {
		if !c.Hidden {
			fmt.Fprintf(&b, "| [`slipway %s`](#slipway-%s) | %s |\n", c.Name(), c.Name(), c.Short)
		}
	}
	for _, c := range root.Commands() {
		if c.Hidden {
			continue
		}
		c.InitDefaultHelpFlag()
		var help bytes.Buffer
		writeHelp(&help, c)
		fmt.Fprintf(&b, "\n## slipway %s\n\n```text why=generated\n%s```\n", c.Name(), help.String())
	}
	return b.String()
}

func exitPage() string {
	var b strings.Builder
	b.WriteString("# Exit statuses\n\n`slipway help exit-status` prints this table. A container ends with the status of the program that ended it.\n\n" +
		"| status | meaning | what to do |\n| --- | --- | --- |\n")
	for _, r := range exit.Table() {
		fmt.Fprintf(&b, "| %s | %s | %s |\n", r.Label(), r.Meaning, r.Remedy)
	}
	b.WriteString("\nCalled as `supervisord`, slipway ends with 0 after an ordered stop, whatever its programs did, and with 2 for a wrong\n" +
		"command line or configuration. Called as `supervisorctl` it has that program's statuses.\n")
	return b.String()
}

func errorsPage() string {
	var b strings.Builder
	b.WriteString("# Errors, and what to do about them\n\nMade from the table in `internal/advice`. `slipway help NAME` prints one of these, and so does\n" +
		"`slipway help` with a status or the text of a message. [Exit statuses](exit-status.md) has all statuses.\n")
	examples := map[string]advice.Example{}
	for _, e := range advice.Examples() {
		examples[e.Family] = e
	}
	b.WriteString("\n| status | family | |\n| --- | --- | --- |\n")
	for _, f := range advice.Table() {
		means, _, _ := strings.Cut(f.Means, ". ")
		fmt.Fprintf(&b, "| %s | [%s](#%s) | %s |\n", f.Label(), f.Name, f.Name, strings.TrimSuffix(means, "."))
	}
	for _, f := range advice.Table() {
		var says []string
		for _, s := range f.Says {
			says = append(says, "`"+strings.TrimSpace(s)+"`")
		}
		status := "Status " + f.Label()
		if f.Status == advice.Runs {
			status = "No status of its own"
		}
		fmt.Fprintf(&b, "\n## %s\n\n%s. The message has one of: %s.\n\n%s\n\nThe cause: %s\n\nWhat to do:\n\n", f.Name, status, strings.Join(says, ", "), f.Means, f.Why)
		for _, do := range f.Do {
			fmt.Fprintf(&b, "- %s\n", do)
		}
		if e := examples[f.Name]; e.Script == "" {
			fmt.Fprintf(&b, "\nThere is no example: %s.\n", e.Without)
		} else {
			fmt.Fprintf(&b, "\n```sh run\n%s```\n\n```output\n%s```\n", e.Script, e.Output)
		}
	}
	return b.String()
}

func sourcesPage() string {
	var b strings.Builder
	b.WriteString("# Sources\n\nMade from the registry in `sources/gather`. `sources` of `[slipway]` names the sources that are read, weakest first;\n" +
		"of two that give a name the later one wins. Any other name is a program `slipway-source-NAME`: see\n" +
		"[the source protocol](source-protocol.md).\n\n| source | values | settings |\n| --- | --- | --- |\n")
	var order, foreign []string
	for _, s := range gather.Registry() {
		needs := s.Needs
		if needs == "" {
			needs = "none"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", s.Name, s.Doc, needs)
		if s.Default {
			order = append(order, s.Name)
		}
		if s.Foreign {
			foreign = append(foreign, "`"+s.Name+"`")
		}
	}
	fmt.Fprintf(&b, "\nThe default is `sources = %s`.\n\nWhat comes from %s and source programs may not set PATH, HOME,\n"+
		"LD_* and SLIPWAY_*, unless `allow_set` of `[slipway]` lists the name.\n", strings.Join(order, ", "), strings.Join(foreign, ", "))
	return b.String()
}

func controlPage(operations []surface.Operation) string {
	var b strings.Builder
	b.WriteString("# Operations of the supervisor\n\nMade from the tables in `supervise/control`. The commands, XML-RPC and the child processes of the supervisor\n" +
		"call these operations over its control socket; the frames are described in `supervise/control/doc.go`.\n\n" +
		"A process is `NAME`, or `GROUP:NAME`. An operation answers at once unless it says otherwise, and with a fault\n" +
		"instead of its answer if it cannot be done. A boolean answer is true.\n")
	var answers []control.Answer
	for _, o := range operations {
		fmt.Fprintf(&b, "\n## %s\n\n%s.\n\n", o.Name, o.Doc)
		for _, p := range o.Method.Args {
			fmt.Fprintf(&b, "- argument `%s`: %s\n", p.Name, p.Kind)
		}
		fmt.Fprintf(&b, "- answer: %s\n", answerText(o))
		for _, s := range remarks(o) {
			fmt.Fprintf(&b, "- %s\n", s)
		}
		if o.Of != nil && !slices.ContainsFunc(answers, func(a control.Answer) bool { return surface.NameOf(a) == surface.NameOf(o.Of) }) {
			answers = append(answers, o.Of)
		}
	}
	b.WriteString("\n## Answers\n\nTimes are in seconds since the epoch unless it says otherwise.\n")
	for _, a := range append(answers, &control.ConfigOutput{}) {
		fmt.Fprintf(&b, "\n### %s\n\n| field | type | meaning |\n| --- | --- | --- |\n", surface.NameOf(a))
		for _, f := range surface.Fields(a) {
			fmt.Fprintf(&b, "| `%s` | %s | %s |\n", f.Name, f.Kind, f.Doc)
		}
	}
	return b.String()
}

// answerText says what an operation answers with.
func answerText(o surface.Operation) string {
	switch {
	case o.Of == nil || o.Streaming:
		return o.Result.String()
	case o.Result == control.KindList:
		return "array of " + surface.NameOf(o.Of)
	}
	return surface.NameOf(o.Of)
}

// remarks are what is special about an operation, and how else it is called.
func remarks(o surface.Operation) []string {
	var lines []string
	add := func(holds bool, text string) {
		if holds {
			lines = append(lines, text)
		}
	}
	add(o.Deferred, "the answer may take as long as the program that it waits for")
	add(o.Streaming && o.Of != nil, "sends chunks before the answer, until the caller goes away: each is one of the answers below")
	add(o.Streaming && o.Of == nil, "sends chunks of text before the answer")
	add(o.Descriptor, "a file descriptor may come with the answer")
	add(o.Method.InShutdown, "answered while the supervisor stops, too")
	add(o.Method.Private, "only for the supervisor's own child processes")
	for _, other := range []string{o.Group, o.All} {
		add(other != "", "on several: "+other)
	}
	for _, r := range o.RPC {
		old := ""
		if r.Old != "" {
			old = ", formerly `" + r.Old + "`"
		}
		lines = append(lines, fmt.Sprintf("XML-RPC: `%s`%s", r.Name, old))
	}
	if o.Verb != nil {
		lines = append(lines, "command: `slipway "+o.Verb.Word+"`")
	}
	return lines
}

// Every command says what it is for, how it is called, and how it ends.
func TestEveryHelpIsComplete(t *testing.T) {
	root := newRoot(testApp())
	for _, c := range append(root.Commands(), root) {
		t.Run(c.Name(), func(t *testing.T) {
			var help bytes.Buffer
			writeHelp(&help, c)
			_, statuses, ok := strings.Cut(help.String(), "\nEXIT STATUS\n")
			if !ok || !strings.HasPrefix(statuses, "  0 ") {
				t.Errorf("help does not end with EXIT STATUS:\n%s", help.String())
			}
			if c.Short == "" || strings.HasSuffix(c.Short, ".") {
				t.Errorf("short text %q is not a phrase without a period", c.Short)
			}
			if c.GroupID == "" && c != root && !c.Hidden {
				t.Error("the command is under no heading")
			}
		})
	}
}

// A status that a command declares is in the table, and in its order.
func TestDeclaredStatusesAreKnown(t *testing.T) {
	for _, c := range newRoot(testApp()).Commands() {
		for line := range strings.Lines(c.Annotations[exitsKey]) {
			label := strings.Fields(line)[0]
			known := false
			for _, r := range exit.Table() {
				known = known || r.Label() == label
			}
			if !known {
				t.Errorf("%s declares status %s, which is not in the table", c.Name(), label)
			}
		}
	}
}

// TestRegistryWords checks that each command is found by its own word.
func TestRegistryWords(t *testing.T) {
	seen := map[string]bool{}
	for _, e := range registry() {
		if got := e.make(testApp()).Name(); got != e.word || seen[e.word] {
			t.Errorf("the entry %q makes the command %q, want one of its own name and once", e.word, got)
		}
		seen[e.word] = true
	}
}
