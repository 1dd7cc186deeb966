package main

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"slipway/internal/exit"
	"slipway/supervise/control"
	"slipway/supervise/control/client"
	"slipway/supervise/control/surface"
)

// reread and update are one subject: the difference between the configuration as it is
// in its files and the groups that are active. add and remove are verbs of operations.

type rereadOptions struct {
	controlOptions
	output string
}

func newReread(a *app) *cobra.Command {
	var o rereadOptions
	c := &cobra.Command{
		Use: "reread", Short: "Read the configuration again and say what differs; change nothing", GroupID: groupControl, Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error { return runReread(c.Context(), a, o) },
	}
	o.flags(c)
	outputFlag(c, &o.output, "text", "json")
	return c
}

func runReread(ctx context.Context, a *app, o rereadOptions) error {
	return o.with(ctx, a, func(c client.Caller) error {
		r, err := client.Reread(ctx, c)
		if err != nil {
			return rereadFailed(err)
		}
		if o.output == "json" {
			return writeJSON(a.stdout, surface.JSON{Value: control.Encode(&r)})
		}
		for _, list := range []struct {
			word  string
			names []string
		}{{"available", r.Added}, {"changed", r.Changed}, {"disappeared", r.Removed}} {
			for _, name := range list.names {
				fmt.Fprintf(a.stdout, "%s: %s\n", name, list.word)
			}
		}
		if len(r.Added)+len(r.Changed)+len(r.Removed) == 0 {
			fmt.Fprintln(a.stdout, "nothing differs")
		}
		return nil
	})
}

// rereadFailed gives a configuration that cannot be read its own status.
func rereadFailed(err error) error {
	if errors.Is(err, &control.Fault{Code: control.CantReread}) {
		return &coded{exit.Config, fmt.Errorf("cannot read the configuration: %s; the running one stays", control.FaultOf(err).Detail), "slipway check finds every problem"}
	}
	return failed("read", "the configuration", err)
}

type updateOptions struct {
	controlOptions
	output string
}

func newUpdate(a *app) *cobra.Command {
	var o updateOptions
	c := &cobra.Command{
		Use: "update [GROUP]...", Short: "Read the configuration again and apply what differs", GroupID: groupControl,
		Long: `Read the configuration again and apply what differs: groups that disappeared are
stopped and removed, changed ones are restarted with their new settings, new ones are
added. Programs that did not change are not touched. With restart_mode = overlap a changed
program is restarted beside itself: the one that runs is stopped when the new one is ready.`,
		RunE: func(c *cobra.Command, args []string) error { return runUpdate(c.Context(), a, o, args) },
	}
	o.flags(c)
	outputFlag(c, &o.output, "text", "json")
	exits(c, exit.OK, exit.Failed, exit.Usage, exit.Unavailable, exit.Config)
	return c
}

func runUpdate(ctx context.Context, a *app, o updateOptions, only []string) error {
	return o.with(ctx, a, func(c client.Caller) error {
		r, err := client.Reread(ctx, c)
		if err != nil {
			return rereadFailed(err)
		}
		wanted := func(name string) bool {
			return len(only) == 0 || slices.Contains(only, name) || slices.Contains(only, "all")
		}
		out := a.outcomes(o.output)
		known := append(groupsOf(ctx, c), r.Removed...)
		for _, name := range only {
			if len(known) > 0 && name != "all" && !slices.Contains(known, name) {
				out.failed(name, &coded{exit.Failed, fmt.Errorf("cannot update %s: there is no such group", name), didYouMean(name, "slipway status lists the programs, each with its group", known)})
			}
		}
		apply := func(names []string, word string, do func(context.Context, client.Caller, string) []client.Failure) {
			for _, name := range names {
				if !wanted(name) {
					continue
				}
				err := stepsFailed(do(ctx, c, name))
				if out.failed(name, err); err == nil {
					out.done(outcomeView{Name: name, Result: word}, "")
				}
			}
		}
		apply(r.Removed, "removed", client.RemoveGroup)
		apply(r.Changed, "updated", client.ChangeGroup)
		apply(r.Added, "added", client.AddGroup)
		if len(out.list) == 0 && !out.json {
			fmt.Fprintln(a.stdout, "nothing differs")
		}
		return out.end()
	})
}

// stepsFailed says which steps on a group could not be done.
func stepsFailed(failures []client.Failure) error {
	var errs []error
	for _, f := range failures {
		errs = append(errs, failed(f.Verb, f.Name, f.Err))
	}
	return errors.Join(errs...)
}
