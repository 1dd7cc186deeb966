package main

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"slipway/internal/exit"
	"slipway/internal/supervisor/serve"
)

// serveIdle is how long the HTTP front stays without a request.
const serveIdle = 30 * time.Second

type serveOptions struct{ idle time.Duration }

func newServe(a *app) *cobra.Command {
	var o serveOptions
	c := &cobra.Command{
		Use: "serve", Short: "Answer HTTP and XML-RPC for the supervisor", Hidden: true, Args: noArgs,
		Long: `Answer HTTP and XML-RPC. The supervisor starts this process on the first connection to
one of its servers, and hands it the listening sockets; it is not for people.`,
		RunE: func(c *cobra.Command, _ []string) error { return runServe(c.Context(), a, o) },
	}
	c.Flags().DurationVar(&o.idle, "idle", serveIdle, "how long to stay without a request")
	exits(c, exit.OK, exit.Usage, exit.Internal)
	return c
}

func runServe(ctx context.Context, a *app, o serveOptions) error {
	if status := serve.Inherited(ctx, o.idle, a.stderr); status != exit.OK {
		return &silent{status}
	}
	return nil
}
