package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"slipway/internal/exit"
)

func newHelp(a *app) *cobra.Command {
	c := &cobra.Command{
		Use: "help [COMMAND | exit-status]", Short: "Describe a command, or the exit statuses", GroupID: groupOther,
		RunE: func(c *cobra.Command, args []string) error { return runHelp(a, c.Root(), args) },
	}
	exits(c, exit.OK, exit.Usage)
	return c
}

func runHelp(a *app, root *cobra.Command, args []string) error {
	if len(args) == 1 && args[0] == "exit-status" {
		return writeExitStatuses(a.stdout)
	}
	target, rest, err := root.Find(args)
	if err != nil || len(rest) > 0 {
		return usage("slipway --help lists the commands", "there is no command %q", args[0])
	}
	return target.Help()
}

// writeExitStatuses prints the table of exit statuses.
func writeExitStatuses(w io.Writer) error {
	t := newTable(w, "STATUS", "MEANING", "WHAT TO DO")
	for _, r := range exit.Table() {
		t.row(r.Label(), r.Meaning, r.Remedy)
	}
	if err := t.flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintln(w, "\nA container ends with the status of the program that ended it. Called as supervisord,\n"+
		"slipway ends with 0 after an ordered stop and with 2 for usage and configuration errors.")
	return err
}
