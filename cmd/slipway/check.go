package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"slipway/cmd/slipway/launch"
)

type checkOptions struct{ imageOptions }

func newCheck(a *app) *cobra.Command {
	var o checkOptions
	c := &cobra.Command{
		Use: "check [-c FILE]", Short: "Find every mistake of an image, in one report; for RUN slipway check", GroupID: groupInspect, Args: noArgs,
		Long: `Read all configuration files and sources, and execute all templates, as a start would;
write nothing and run nothing. Every problem comes in one report.`,
		Example: "  RUN slipway check",
		RunE:    func(c *cobra.Command, _ []string) error { return runCheck(c.Context(), a, o) },
	}
	o.flags(c)
	imageExits(c)
	return c
}

func runCheck(ctx context.Context, a *app, o checkOptions) error {
	im, err := o.load(ctx, a)
	if err != nil {
		return err
	}
	plan, err := im.Plan(launch.ApplyOptions{})
	if err != nil {
		return err
	}
	if err := im.CheckCommands(plan); err != nil {
		return err
	}
	a.notes(im.AllNotes())
	processes := 0
	for _, g := range im.Config.Groups {
		processes += len(g.Processes)
	}
	fmt.Fprintf(a.stdout, "all is well: %s, %s, %s\n",
		plural(len(im.Document.Files), "configuration file"), plural(processes, "process"), plural(len(plan.Targets), "rendered file"))
	return nil
}
