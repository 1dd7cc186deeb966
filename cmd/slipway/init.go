package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"slipway/internal/exit"
	"slipway/internal/scaffold"
	"slipway/render/transaction"
)

type initOptions struct {
	force  bool
	output string
}

// initView is what was written, as JSON.
type initView struct {
	Kind  string   `json:"kind"`  // the program that the files are for
	Why   string   `json:"why"`   // what was seen of it
	Files []string `json:"files"` // that were written; those that were there and equal are left out
	Next  string   `json:"next"`  // what to do next
}

func newInit(a *app) *cobra.Command {
	var o initOptions
	c := &cobra.Command{
		Use: "init [DIR]", Short: "Write the first files of an image: a program, a template, a Dockerfile", GroupID: groupStart,
		Long: `Write the first files of an image below DIR, the current folder if none is named: a
program and a template with comments, and a Dockerfile. They are made for what is found:
package.json, app.py, main.py or a .jar in DIR, and nginx and redis on this machine.

Where several are found a terminal is asked which one is meant; without a terminal it is
the first. A file that is there already and differs is an error, and then nothing is
written; a Dockerfile that is there stays as it is. In the root folder of an image
(slipway init /) there is no need for one.`,
		Example: "  slipway init\n  slipway init / && slipway",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 {
				return usage("slipway init DIR", "slipway init takes one folder, got %d", len(args))
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			dir := "."
			if len(args) == 1 {
				dir = args[0]
			}
			return runInit(c.Context(), a, o, dir)
		},
	}
	c.Flags().BoolVar(&o.force, "force", false, "replace files that are there and differ")
	outputFlag(c, &o.output, "text", "json")
	exits(c, exit.OK, exit.Usage, exit.CannotWrite)
	return c
}

func runInit(ctx context.Context, a *app, o initOptions, dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil && !os.IsNotExist(err) {
		return &coded{exit.CannotWrite, fmt.Errorf("cannot look into %s: %w", dir, err), ""}
	}
	seen := scaffold.Seen{Look: func(name string) bool { _, err := exec.LookPath(name); return err == nil }}
	for _, e := range entries {
		seen.Files = append(seen.Files, e.Name())
	}
	kind, err := a.chosen(scaffold.Find(seen))
	if err != nil {
		return err
	}
	abs, err := filepath.Abs(dir)
	if err != nil {
		return err
	}
	has := slices.Contains(seen.Files, scaffold.Dockerfile) && !o.force
	var set []written
	for _, f := range kind.Files(abs == "/") {
		if f.Path != scaffold.Dockerfile || !has {
			set = append(set, written{"slipway init", f.Path, f.Text})
		}
	}
	done, err := writeSet(ctx, dir, set, o.force)
	if err != nil {
		return err
	}
	view := initView{Kind: kind.Name, Why: kind.Why, Files: []string{}, Next: "docker build -t app " + dir + " && docker run --rm app"}
	if abs == "/" {
		view.Next = "slipway check, then slipway"
	}
	for i, f := range set {
		if done[i] != transaction.Unchanged {
			view.Files = append(view.Files, filepath.Join(dir, f.path))
		}
	}
	if lines := lacking(filepath.Join(dir, scaffold.Dockerfile)); has && abs != "/" && len(lines) > 0 {
		a.note("%s stays as it is; it needs these lines:\n  %s", filepath.Join(dir, scaffold.Dockerfile), strings.Join(lines, "\n  "))
	}
	if o.output == "json" {
		return writeJSON(a.stdout, view)
	}
	for _, f := range view.Files {
		fmt.Fprintln(a.stdout, f)
	}
	made := "made for " + view.Kind + ": " + view.Why
	if len(view.Files) == 0 {
		made = "nothing to do: the files for " + view.Kind + " are there already"
	}
	_, err = fmt.Fprintf(a.stdout, "%s. Next: %s\n", made, view.Next)
	return err
}

// lacking are the lines that a Dockerfile needs and does not have.
func lacking(file string) []string {
	text, _ := os.ReadFile(file) // one that cannot be read has none of them
	return slices.DeleteFunc(scaffold.Lines(), func(line string) bool {
		return slices.Contains(strings.Split(string(text), "\n"), line)
	})
}

// chosen is the kind that the files are made for. A terminal is asked if there is a choice.
func (a *app) chosen(kinds []scaffold.Kind) (scaffold.Kind, error) {
	in, ok := a.stdin.(*os.File)
	if len(kinds) == 1 || !ok || !isTerminal(in) {
		return kinds[0], nil
	}
	for i, k := range kinds {
		fmt.Fprintf(a.stderr, "%d  %s (%s)\n", i+1, k.Name, k.Why)
	}
	fmt.Fprintf(a.stderr, "which one? [1] ")
	line, _ := bufio.NewReader(in).ReadString('\n') // an end of file is the first one
	n := 1
	if line = strings.TrimSpace(line); line != "" {
		if _, err := fmt.Sscan(line, &n); err != nil || n < 1 || n > len(kinds) {
			return scaffold.Kind{}, usage("type one of the numbers", "there is no %q in the list", line)
		}
	}
	return kinds[n-1], nil
}
