package main

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"slipway/internal/advice"
	"slipway/internal/exit"
)

func newHelp(a *app) *cobra.Command {
	c := &cobra.Command{
		Use: "help [COMMAND | exit-status | errors | ERROR]", Short: "Describe a command, the exit statuses, or what to do about an error", GroupID: groupOther,
		Long: `Describe a command, or the exit statuses, or what to do about an error. An ERROR is a
status, the name of a family of errors, or the text of a message in quotes. The word errors
lists the families.`,
		Example: "  slipway help render\n  slipway help 78\n  slipway help no-program\n  slipway help \"the variable PORT is not set\"",
		RunE:    func(c *cobra.Command, args []string) error { return runHelp(a, c.Root(), args) },
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			if len(args) > 0 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			return append(append(commandWords(), "exit-status", "errors"), familyNames()...), cobra.ShellCompDirectiveNoFileComp
		},
	}
	exits(c, exit.OK, exit.Usage)
	return c
}

func runHelp(a *app, root *cobra.Command, args []string) error {
	switch {
	case len(args) == 1 && args[0] == "exit-status":
		return writeExitStatuses(a.stdout)
	case len(args) == 1 && args[0] == "errors":
		return writeFamilies(a.stdout)
	}
	if len(args) > 0 {
		text := strings.Join(args, " ")
		if families := advice.Find(text); len(families) > 0 && !known(args[0]) {
			return writeRemedies(a.stdout, families)
		}
		if row, ok := statusRow(text); ok {
			if families := advice.Find(row.Label()); len(families) > 0 {
				return writeRemedies(a.stdout, families)
			}
			return writeStatusRow(a.stdout, row)
		}
	}
	target, rest, err := root.Find(args)
	if err != nil || len(rest) > 0 {
		return usage(didYouMean(strings.Join(args, " "), "slipway --help lists the commands, slipway help errors the errors, slipway help exit-status what it ends with",
			append(append(commandWords(), "errors", "exit-status"), familyNames()...)),
			"there is no command and no error %q", strings.Join(args, " "))
	}
	return target.Help()
}

// statusRow is the row of a status, as a number or as the table writes it.
func statusRow(text string) (exit.Row, bool) {
	for _, row := range exit.Table() {
		if row.Label() == text {
			return row, true
		}
	}
	if n, err := strconv.Atoi(text); err == nil && n > exit.Signalled && n <= exit.Signalled+64 {
		return exit.Find(exit.Signalled)
	}
	return exit.Row{}, false
}

// writeStatusRow prints what a status is of which there is no family of errors.
func writeStatusRow(w io.Writer, row exit.Row) error {
	text := fmt.Sprintf("status %s: %s\n", row.Label(), strings.Join(folded(row.Meaning, helpWidth), "\n"))
	if row.Remedy != "" {
		text += "  - " + strings.Join(folded(row.Remedy, helpWidth-4), "\n    ") + "\n"
	}
	_, err := io.WriteString(w, hanging(text, terminalWidth(w)))
	return err
}

func familyNames() []string {
	var names []string
	for _, f := range advice.Table() {
		names = append(names, f.Name)
	}
	return names
}

// writeRemedies prints what to do about families of errors.
func writeRemedies(w io.Writer, families []advice.Family) error {
	var b strings.Builder
	for i, f := range families {
		if i > 0 {
			b.WriteString("\n")
		}
		fmt.Fprintf(&b, "%s (status %s, \"… %s …\")\n%s\n", f.Name, f.Label(), strings.TrimSpace(f.Says[0]), strings.Join(folded(f.Means, helpWidth), "\n"))
		fmt.Fprintf(&b, "The cause: %s\n", strings.Join(folded(f.Why, helpWidth-11), "\n"))
		for _, do := range f.Do {
			fmt.Fprintf(&b, "  - %s\n", strings.Join(folded(do, helpWidth-4), "\n    "))
		}
	}
	_, err := io.WriteString(w, hanging(b.String(), terminalWidth(w)))
	return err
}

// writeFamilies lists the families of errors.
func writeFamilies(w io.Writer) error {
	t := newTable(w, "ERROR", "STATUS", "WHAT HAS HAPPENED")
	for _, f := range advice.Table() {
		t.row(f.Name, f.Label(), firstSentence(f.Means))
	}
	if err := t.flush(); err != nil {
		return err
	}
	_, err := io.WriteString(w, hanging("\nslipway help ERROR says what to do; the text of a message in quotes finds its error.\n", terminalWidth(w)))
	return err
}

// firstSentence is a text up to the first period that ends a sentence, on one line.
func firstSentence(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	if first, _, more := strings.Cut(text, ". "); more {
		return first + "."
	}
	return text
}

// helpWidth is how wide texts for people are folded: that of other help texts.
const helpWidth = 86

// writeExitStatuses prints the table of exit statuses.
func writeExitStatuses(w io.Writer) error {
	t := newTable(w, "STATUS", "MEANING", "WHAT TO DO")
	for _, r := range exit.Table() {
		t.row(r.Label(), r.Meaning, r.Remedy)
	}
	if err := t.flush(); err != nil {
		return err
	}
	_, err := io.WriteString(w, hanging("\nA container ends with the status of the program that ended it. Called as supervisord,\n"+
		"slipway ends with 0 after an ordered stop and with 2 for usage and configuration errors.\n", terminalWidth(w)))
	return err
}
