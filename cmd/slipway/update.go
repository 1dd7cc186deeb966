package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

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
		apply := func(names []string, word string, steps ...func(context.Context, *app, client.Caller, string) error) {
			for _, name := range names {
				if !wanted(name) {
					continue
				}
				var err error
				for _, step := range steps {
					if err = step(ctx, a, c, name); err != nil {
						break
					}
				}
				if out.failed(name, err); err == nil {
					out.done(outcomeView{Name: name, Result: word}, "")
				}
			}
		}
		apply(r.Removed, "removed", stopGroup, removeGroup)
		apply(r.Changed, "updated", changeGroup)
		apply(r.Added, "added", addGroup)
		if len(out.list) == 0 && !out.json {
			fmt.Fprintln(a.stdout, "nothing differs")
		}
		return out.end()
	})
}

// changeGroup gives a group its new settings: its processes are restarted beside themselves where
// that can be, else it is stopped and another one comes into its place.
func changeGroup(ctx context.Context, a *app, c client.Caller, name string) error {
	v, err := c.Call(ctx, control.OpGroupChange, control.String(name))
	if err != nil {
		return failed("change", name, err)
	}
	for _, process := range v.Strings() {
		if _, err := c.Call(ctx, control.OpProcessRestart, control.String(process), control.Bool(true)); err != nil {
			return failed("restart", process, err)
		}
	}
	if len(v.Strings()) > 0 {
		return nil
	}
	for _, step := range []func(context.Context, *app, client.Caller, string) error{stopGroup, removeGroup, addGroup} {
		if err := step(ctx, a, c, name); err != nil {
			return err
		}
	}
	return nil
}

func stopGroup(ctx context.Context, _ *app, c client.Caller, name string) error {
	results, err := client.Statuses(ctx, c, control.OpGroupStop, control.String(name), control.Bool(true))
	errs := []error{failed("stop", name, err)}
	for _, r := range results {
		if r.Code != control.Success && r.Code != control.NotRunning {
			errs = append(errs, failed("stop", control.FullName(r.Group, r.Name), control.NewFault(r.Code, strings.TrimPrefix(r.Description, r.Code.Name()+": "))))
		}
	}
	return errors.Join(errs...)
}

func removeGroup(ctx context.Context, _ *app, c client.Caller, name string) error {
	_, err := c.Call(ctx, control.OpGroupRemove, control.String(name))
	return failed("remove", name, err)
}

func addGroup(ctx context.Context, _ *app, c client.Caller, name string) error {
	_, err := c.Call(ctx, control.OpGroupAdd, control.String(name))
	return failed("add", name, err)
}
