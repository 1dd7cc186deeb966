package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"slipway/internal/exit"
)

func newCompletion(a *app) *cobra.Command {
	c := &cobra.Command{
		Use: "completion bash|zsh|fish", Short: "Print a completion script for a shell", GroupID: groupOther,
		Example: "  source <(slipway completion bash)",
		Args: func(c *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usage("say bash, zsh or fish", "slipway completion takes the name of one shell")
			}
			return nil
		},
		ValidArgs: []string{"bash", "zsh", "fish"},
		RunE:      func(c *cobra.Command, args []string) error { return runCompletion(a, c.Root(), args[0]) },
	}
	exits(c, exit.OK, exit.Usage)
	return c
}

func runCompletion(a *app, root *cobra.Command, shell string) error {
	switch shell {
	case "bash":
		return root.GenBashCompletionV2(a.stdout, true)
	case "zsh":
		return root.GenZshCompletion(a.stdout)
	case "fish":
		return root.GenFishCompletion(a.stdout, true)
	}
	return usage("say bash, zsh or fish", "cannot complete for %s", fmt.Sprintf("%q", shell))
}
