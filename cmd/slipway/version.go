package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"slipway/internal/exit"
	"slipway/internal/version"
)

type versionOptions struct{ output string }

func newVersion(a *app) *cobra.Command {
	var o versionOptions
	c := &cobra.Command{
		Use: "version", Short: "Print which slipway this is", GroupID: groupOther, Args: noArgs,
		RunE: func(*cobra.Command, []string) error { return runVersion(a, o) },
	}
	outputFlag(c, &o.output, "text", "json")
	exits(c, exit.OK, exit.Usage)
	return c
}

func runVersion(a *app, o versionOptions) error {
	info := version.Get()
	if o.output == "json" {
		return writeJSON(a.stdout, info)
	}
	_, err := fmt.Fprintln(a.stdout, info)
	return err
}
