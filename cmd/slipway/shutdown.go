package main

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"slipway/supervise/control"
	"slipway/supervise/control/client"
)

type shutdownOptions struct {
	controlOptions
	noWait  bool
	restart bool
	output  string
}

func newShutdown(a *app) *cobra.Command {
	var o shutdownOptions
	c := &cobra.Command{
		Use: "shutdown", Short: "Stop all programs and end the container", GroupID: groupControl, Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error { return runShutdown(c.Context(), a, o) },
	}
	o.flags(c)
	c.Flags().BoolVar(&o.noWait, "no-wait", false, "return at once")
	c.Flags().BoolVar(&o.restart, "restart", false, "start again with the configuration read anew, instead of ending")
	outputFlag(c, &o.output, "text", "json")
	return c
}

func runShutdown(ctx context.Context, a *app, o shutdownOptions) error {
	return o.with(ctx, a, func(c client.Caller) error {
		op, done := control.OpShutdown, "shut down"
		if o.restart {
			op, done = control.OpRestart, "restarting"
		}
		if _, err := c.Call(ctx, op); err != nil {
			return failed("stop", "the supervisor", err)
		}
		if !o.noWait && !o.restart {
			// The connection ends when the supervisor does, and not before.
			err := c.Stream(ctx, func(control.Value) error { return nil }, control.OpEventStream, control.Strings(nil))
			if err != nil && !errors.Is(err, &control.Fault{Code: control.Gone}) {
				return failed("wait for", "the supervisor", err)
			}
		}
		out := a.outcomes(o.output)
		out.done(outcomeView{Name: "supervisor", Result: done}, done)
		return out.end()
	})
}
