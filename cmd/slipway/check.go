package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"slipway/internal/launch"
	"slipway/supervise/config/meaning"
	"slipway/supervise/decode"
	"slipway/supervise/system"
)

type checkOptions struct {
	imageOptions
	fixtures string
	machine  string
	output   string
}

func newCheck(a *app) *cobra.Command {
	var o checkOptions
	c := &cobra.Command{
		Use: "check [-c FILE]", Short: "Find every mistake of an image, in one report; for RUN slipway check", GroupID: groupInspect, Args: noArgs,
		Long: `Read all configuration files and sources, and execute all templates, as a start would;
write nothing, run nothing, and ask nobody: no source program, no name server. Every
problem comes in one report: of configuration, values, templates and commands. A step
goes on with what the one before could make out, and a note says what could not be
looked at.

What the image needs and is not given here is invented: declared variables from their
type, peers from their name, keys. With --fixtures a file gives values that win over all
others: NAME=value lines as in an env file, those of link variables included, and lines
/KEY=value for keys of the store.

Calls that other tools understand otherwise, such as dockerize's
{{ default .Env.A "b" }}, are problems too: they render, but not to what was meant.

With --output supervisor-json the file of -c is given the meaning that Supervisor gives
it under the present environment, and that is printed, passwords included; templates
are left alone.`,
		Example: "  RUN slipway check\n  slipway check --fixtures production.env",
		RunE:    func(c *cobra.Command, _ []string) error { return runCheck(c.Context(), a, o) },
	}
	o.flags(c)
	c.Flags().StringVar(&o.fixtures, "fixtures", "", "`FILE` of values to check with: NAME=value and /KEY=value lines")
	_ = c.MarkFlagFilename("fixtures") // fails only for a flag that is not there
	c.Flags().StringVar(&o.machine, "machine", "", "folder `DIR` that stands for the machine: files, accounts and folders are looked up below it (supervisor-json)")
	outputFlag(c, &o.output, "text", "supervisor-json")
	imageExits(c)
	return c
}

func runCheck(ctx context.Context, a *app, o checkOptions) error {
	if o.output == "supervisor-json" {
		return runMeaning(a, o)
	}
	opts := o.options(a)
	opts.Fixtures = o.fixtures
	found, err := launch.Examine(ctx, opts)
	if err != nil {
		return err
	}
	a.notes(found.Notes)
	if len(found.Invented) > 0 {
		a.note("checked with invented values for %s", strings.Join(found.Invented, ", "))
	}
	for _, what := range found.Unseen {
		a.note("not looked at: %s", what)
	}
	if err := found.Err(); err != nil {
		return err
	}
	fmt.Fprintf(a.stdout, "all is well: %s, %s, %s\n",
		plural(found.Files, "configuration file"), plural(found.Processes, "process"), plural(found.Targets, "rendered file"))
	return nil
}

// runMeaning prints what a file means to Supervisor. That Supervisor refuses it is a
// meaning, too, and no error.
func runMeaning(a *app, o checkOptions) error {
	if o.config == "" {
		return usage("slipway check --output supervisor-json -c FILE", "the meaning of a file needs a file")
	}
	text, err := meaning.Marshal(meaning.Of(o.config, decode.Input{Environ: a.env, System: system.Unix(o.machine)}))
	if err != nil {
		return err
	}
	_, err = a.stdout.Write(text)
	return err
}
