package main

import (
	"context"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"slipway/internal/exit"
	"slipway/internal/handoff"
	"slipway/internal/watcher"
	"slipway/supervise/boot"
	"slipway/supervise/control/client"
)

func newWatch(a *app) *cobra.Command {
	c := &cobra.Command{
		Use: "watch", Short: "Render again when a source changes", Hidden: true, Args: noArgs,
		Long: `Render again when a file changes that values or templates come from, and tell the
programs concerned. The supervisor starts this process, hands it a connection, and
starts it again when it dies; it is not for people.`,
		RunE: func(c *cobra.Command, _ []string) error { return runWatch(c.Context(), a) },
	}
	exits(c, exit.OK, exit.Usage, exit.Internal)
	return c
}

func runWatch(ctx context.Context, _ *app) error {
	ctl, err := client.FromFile(os.NewFile(boot.ControlFD, "control"))
	if err != nil {
		return &coded{exit.Internal, fmt.Errorf("cannot watch without a supervisor: %w", err), "slipway watch is started by the supervisor, not by hand"}
	}
	defer ctl.Close()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() { // ends with ctx or the supervisor
		select {
		case <-ctl.Done():
			cancel()
		case <-ctx.Done():
		}
	}()
	text, err := bootText(ctx, ctl)
	if err != nil {
		return err
	}
	if text == "" {
		return nil // no memfd, so no captured environment to render from
	}
	snapshot, err := handoff.Decode([]byte(text))
	if err != nil {
		return err
	}
	info, err := client.Info(ctx, ctl)
	if err != nil {
		return err
	}
	err = watcher.Run(ctx, ctl, sessionOptions(snapshot, info.Mode), snapshot, text)
	if ctx.Err() != nil {
		return nil //nolint:nilerr // the supervisor, or a signal, ends it
	}
	return err
}
