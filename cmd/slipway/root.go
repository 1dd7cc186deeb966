package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"slipway/internal/exit"
)

// The headings under which `slipway --help` lists the commands.
const (
	groupStart   = "start"
	groupInspect = "inspect"
	groupControl = "control"
	groupOther   = "other"
)

// newRoot builds the commands that wanted names; none means all. The list is the
// registry: a new command is a file and a line there.
func newRoot(a *app, wanted ...string) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "slipway",
		Short: "Render an image's configuration, then supervise its programs",
		Long: `slipway is the ENTRYPOINT of a container image: it renders configuration files from
the environment and what else is known, then execs into its supervisor, which runs
the programs of all layers of the image.

Without a command it runs. A first word that is no command but an executable is
run as ` + "`slipway exec`" + ` would: docker run IMAGE bash works.

A link to it with the name of a command of Supervisor, or of one of its plug-ins, is that
command: supervisord, supervisorctl, echo_supervisord_conf, pidproxy, supervisor_stdout,
crashmail, crashmailbatch, crashsms, fatalmailbatch, httpok, memmon.`,
		SilenceErrors: true,
		SilenceUsage:  true,
		CompletionOptions: cobra.CompletionOptions{
			DisableDefaultCmd: true, // completion is a command of our own, with our help
		},
	}
	cmd.SetIn(a.stdin)
	cmd.SetOut(a.stdout)
	cmd.SetErr(a.stderr)
	cmd.SetFlagErrorFunc(flagError)
	cmd.SetHelpFunc(func(c *cobra.Command, _ []string) { writeHelp(c.OutOrStdout(), c) })
	cmd.AddGroup(
		&cobra.Group{ID: groupStart, Title: "Start"},
		&cobra.Group{ID: groupInspect, Title: "Look at an image"},
		&cobra.Group{ID: groupControl, Title: "Talk to the supervisor"},
		&cobra.Group{ID: groupOther, Title: "Other"},
	)
	for _, e := range registry() {
		if len(wanted) == 0 || slices.Contains(wanted, e.word) {
			cmd.AddCommand(e.make(a))
		}
	}
	cmd.SetHelpCommand(newHelp(a))
	cmd.SetHelpCommandGroupID(groupOther)
	exits(cmd, exit.OK, exit.Usage)
	return cmd
}

// exitsKey is the annotation that holds a command's exit statuses.
const exitsKey = "slipway.exit-statuses"

// exits declares the statuses that a command can end with. Their text is the table's.
func exits(c *cobra.Command, statuses ...int) {
	var b strings.Builder
	for _, row := range exit.Table() {
		if slices.Contains(statuses, row.Status) {
			fmt.Fprintf(&b, "  %-6s %s\n", row.Label(), row.Meaning)
		}
	}
	if c.Annotations == nil {
		c.Annotations = map[string]string{}
	}
	c.Annotations[exitsKey] = b.String()
}

// writeHelp prints the help of a command; it always ends with EXIT STATUS.
func writeHelp(w io.Writer, c *cobra.Command) {
	var b strings.Builder
	text := c.Long
	if text == "" {
		text = c.Short + "."
	}
	fmt.Fprintf(&b, "%s\n\nUSAGE\n  %s\n", strings.TrimSpace(text), useLine(c))
	for _, g := range c.Groups() {
		heading := "\n" + strings.ToUpper(g.Title) + "\n"
		for _, sub := range c.Commands() {
			if sub.GroupID == g.ID && !sub.Hidden {
				fmt.Fprintf(&b, "%s  %-12s %s\n", heading, sub.Name(), sub.Short)
				heading = ""
			}
		}
	}
	if c.Example != "" {
		fmt.Fprintf(&b, "\nEXAMPLES\n%s\n", strings.TrimRight(c.Example, "\n"))
	}
	if flags := c.LocalFlags().FlagUsages(); flags != "" {
		fmt.Fprintf(&b, "\nOPTIONS\n%s", flags)
	}
	fmt.Fprintf(&b, "\nEXIT STATUS\n%s", c.Annotations[exitsKey])
	_, _ = io.WriteString(w, hanging(b.String(), terminalWidth(w))) // to a closed pipe: the reader has seen enough
}

func useLine(c *cobra.Command) string {
	if c.HasSubCommands() {
		return c.CommandPath() + " [COMMAND] [OPTIONS]"
	}
	return c.UseLine()
}

// noArgs is cobra.NoArgs with our errors.
func noArgs(c *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usage(c.CommandPath()+" --help shows how it is called", "%s takes no arguments, got %q", c.CommandPath(), args[0])
	}
	return nil
}

// atMost and atLeast bound how many words follow a command.
func atMost(n int) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if len(args) > n {
			return usage(c.CommandPath()+" --help shows how it is called", "%s takes %d words at most, got %d", c.CommandPath(), n, len(args))
		}
		return nil
	}
}

func atLeast(n int) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if len(args) < n {
			return usage(c.CommandPath()+" --help shows how it is called", "%s takes %d words at least, got %d", c.CommandPath(), n, len(args))
		}
		return nil
	}
}
