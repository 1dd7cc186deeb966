package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"slipway/internal/exit"
	"slipway/internal/probe"
)

func newProbe(a *app) *cobra.Command {
	c := &cobra.Command{
		Use: "probe [PROBE]", Short: "Ask once whether something answers", Hidden: true, Args: atMost(1),
		Long: `Ask once whether something answers: a PROBE as for slipway wait, by default the one on
standard input, where no other process can read it. The supervisor starts this process for the keys ready and health, and
ends it when its time is over; what is wrong is printed on standard output. An https
server may show any certificate: what is asked is the address of one's own program.`,
		RunE: func(c *cobra.Command, args []string) error { return runProbe(c.Context(), a, args) },
	}
	exits(c, exit.OK, exit.Failed, exit.Usage)
	return c
}

// longestProbe bounds what is read from standard input, in bytes.
const longestProbe = 64 << 10

func runProbe(ctx context.Context, a *app, args []string) error {
	text := ""
	if len(args) > 0 {
		text = args[0]
	} else {
		given, err := io.ReadAll(io.LimitReader(a.stdin, longestProbe))
		if err != nil {
			return fmt.Errorf("cannot read the probe from standard input: %w", err)
		}
		text = strings.TrimSuffix(string(given), "\n")
	}
	p, err := probe.Parse(text)
	if err != nil {
		return usage("slipway wait --help lists the probes", "the probe has no form that is known")
	}
	p.Insecure = true
	if err := p.Check(ctx); err != nil {
		fmt.Fprintln(a.stdout, err)
		return &silent{exit.Failed}
	}
	return nil
}
