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
	output  string
}

// waitView is what became of one peer as JSON, one on each line.
type waitView struct {
	Probe   string  `json:"probe"`           // as it was asked for, without a password
	Answers bool    `json:"answers"`         // within the time
	Seconds float64 `json:"seconds"`         // how long it was waited for
	Error   string  `json:"error,omitempty"` // what came instead of an answer, the last time
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
	o.timeout = 30 * time.Second
	c.Flags().VarP(duration{&o.timeout}, "timeout", "t", "how long to wait; 0 for ever")
	c.Flags().BoolVarP(&o.quiet, "quiet", "q", false, "do not say what is waited for")
	outputFlag(c, &o.output, "text", "json")
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
	type result struct {
		view waitView
		err  error
	}
	results := make(chan result, len(probes))
	for _, p := range probes {
		go func() { // ends with limited; all are read below
			began := time.Now()
			err := a.waitFor(limited, o, p)
			view := waitView{Probe: p.String(), Answers: err == nil, Seconds: time.Since(began).Round(time.Millisecond).Seconds()}
			if err != nil {
				view.Error = plainWords(err.Error())
			}
			results <- result{view, err}
		}()
	}
	var errs []error
	for range probes {
		r := <-results
		errs = append(errs, r.err)
		if o.output == "json" {
			errs = append(errs, writeJSONLine(a.stdout, r.view))
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
