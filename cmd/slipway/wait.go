package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"slipway/internal/exit"
	"slipway/internal/probe"
)

type waitOptions struct {
	timeout time.Duration
	quiet   bool
}

func newWait(a *app) *cobra.Command {
	var o waitOptions
	c := &cobra.Command{
		Use: "wait PROBE...", Short: "Wait until peers answer", GroupID: groupOther,
		Long: `Wait until all of the peers answer, or the time is over. A PROBE is
  tcp://HOST:PORT, unix:///PATH     a connection is accepted
  http://… , https://…              the answer's status is 200 to 399
  file:/PATH                        the file exists
  exec:COMMAND                      the shell command succeeds`,
		Example: "  slipway wait tcp://db:5432 http://search:9200/",
		Args: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usage("slipway wait tcp://db:5432", "slipway wait takes what to wait for")
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error { return runWait(c.Context(), a, o, args) },
	}
	c.Flags().DurationVarP(&o.timeout, "timeout", "t", 30*time.Second, "how long to wait; 0 for ever")
	c.Flags().BoolVarP(&o.quiet, "quiet", "q", false, "do not say what is waited for")
	exits(c, exit.OK, exit.Usage, exit.Deadline, exit.Signalled)
	return c
}

func runWait(ctx context.Context, a *app, o waitOptions, args []string) error {
	probes := make([]probe.Probe, len(args))
	for i, text := range args {
		p, err := probe.Parse(text)
		if err != nil {
			return usage("slipway wait --help lists the probes", "%v", err)
		}
		probes[i] = p
	}
	limited := ctx
	if o.timeout > 0 {
		var cancel context.CancelFunc
		limited, cancel = context.WithTimeout(ctx, o.timeout)
		defer cancel()
	}
	results := make(chan error, len(probes))
	for _, p := range probes {
		go func() { results <- a.waitFor(limited, o, p) }() // ends with limited; all are read below
	}
	var errs []error
	for range probes {
		if err := <-results; err != nil {
			errs = append(errs, err)
		}
	}
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	return errors.Join(errs...)
}

// waitFor waits for one peer; it says once why, and when it answers.
func (a *app) waitFor(ctx context.Context, o waitOptions, p probe.Probe) error {
	began, said := time.Now(), false
	err := probe.Wait(ctx, p, func(err error) {
		if !said && !o.quiet {
			a.note("waiting for %s: %v", p, err)
		}
		said = true
	})
	if err != nil {
		return &coded{exit.Deadline, err, "--timeout gives it more time than " + o.timeout.String()}
	}
	if said && !o.quiet {
		fmt.Fprintf(a.stderr, "slipway: note: %s answers after %v\n", p, time.Since(began).Round(time.Millisecond))
	}
	return nil
}
