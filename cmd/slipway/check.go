package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"slipway/cmd/slipway/launch"
	"slipway/supervise/config"
	"slipway/supervise/config/meaning"
)

type checkOptions struct {
	imageOptions
	machine string
	output  string
}

func newCheck(a *app) *cobra.Command {
	var o checkOptions
	c := &cobra.Command{
		Use: "check [-c FILE]", Short: "Find every mistake of an image, in one report; for RUN slipway check", GroupID: groupInspect, Args: noArgs,
		Long: `Read all configuration files and sources, and execute all templates, as a start would;
write nothing and run nothing. Every problem comes in one report.

With --output supervisor-json the file of -c is given the meaning that Supervisor gives
it under the present environment, and that is printed; templates are left alone.`,
		Example: "  RUN slipway check",
		RunE:    func(c *cobra.Command, _ []string) error { return runCheck(c.Context(), a, o) },
	}
	o.flags(c)
	c.Flags().StringVar(&o.machine, "machine", "", "folder `DIR` that stands for the machine: files, accounts and folders are looked up below it (supervisor-json)")
	outputFlag(c, &o.output, "text", "supervisor-json")
	imageExits(c)
	return c
}

func runCheck(ctx context.Context, a *app, o checkOptions) error {
	if o.output == "supervisor-json" {
		return runMeaning(a, o)
	}
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

// runMeaning prints what a file means to Supervisor. That Supervisor refuses it is a
// meaning, too, and no error.
func runMeaning(a *app, o checkOptions) error {
	if o.config == "" {
		return usage("slipway check --output supervisor-json -c FILE", "the meaning of a file needs a file")
	}
	text, err := meaning.Marshal(meaning.Of(o.config, config.Input{Environ: a.env, System: config.Unix(o.machine)}))
	if err != nil {
		return err
	}
	_, err = a.stdout.Write(text)
	return err
}
