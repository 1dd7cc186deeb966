package main

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"slipway/supervise/control"
	"slipway/supervise/control/client"
)

type signalOptions struct{ controlOptions }

func newSignal(a *app) *cobra.Command {
	var o signalOptions
	c := &cobra.Command{
		Use: "signal SIGNAL PROGRAM | GROUP:* | all ...", Short: "Send a signal to programs", GroupID: groupControl,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) < 2 {
				return usage("slipway signal HUP webapp", "slipway signal takes a signal and the names of programs")
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			return runSignal(c.Context(), a, o, args[0], args[1:])
		},
	}
	o.flags(c)
	c.ValidArgsFunction = o.completeNames(a)
	return c
}

func runSignal(ctx context.Context, a *app, o signalOptions, signal string, names []string) error {
	v := verb{word: "signal", done: "signalled"}
	return o.with(ctx, a, func(c client.Caller) error {
		var errs []error
		for _, name := range names {
			t := targetOf(name)
			var results []control.Status
			var err error
			switch {
			case t.all:
				results, err = client.Statuses(ctx, c, control.OpAllSignal, control.String(signal))
			case t.group != "":
				results, err = client.Statuses(ctx, c, control.OpGroupSignal, control.String(t.group), control.String(signal))
			default:
				results, err = oneByOne(ctx, c, t, func(name string) error {
					_, err := c.Call(ctx, control.OpProcessSignal, control.String(name), control.String(signal))
					return err
				})
			}
			errs = append(errs, a.outcome(v, name, results, err))
		}
		return errors.Join(errs...)
	})
}
