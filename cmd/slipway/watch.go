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

// watchOptions are for a process that has waited for files; see package supervise/waiter.
type watchOptions struct {
	woken int   // the descriptor of what it has waited for; 0: it has not
	since int64 // when it has seen a change
}

func newWatch(a *app) *cobra.Command {
	var o watchOptions
	c := &cobra.Command{
		Use: "watch", Short: "Render again when a source changes", Hidden: true, Args: noArgs,
		Long: `Render again when a file changes that values or templates come from, and tell the
programs concerned. The supervisor starts this process, hands it a connection, and
starts it again when it dies; it is not for people.

When nothing is left to do and only files are followed, the process becomes slipway-init
wait-for-files, which is small, and this again when a file has changed.`,
		RunE: func(c *cobra.Command, _ []string) error { return runWatch(c.Context(), a, o) },
	}
	c.Flags().IntVar(&o.woken, "woken", 0, "go on after a change to one of the files of the list in descriptor `FD`")
	c.Flags().Int64Var(&o.since, "since", 0, "when that was seen, in `NANOSECONDS` since 1970")
	exits(c, exit.OK, exit.Usage, exit.Internal)
	return c
}

func runWatch(ctx context.Context, a *app, o watchOptions) error {
	ctl, err := client.FromFile(os.NewFile(boot.ControlFD, "control"))
	if err != nil {
		return &coded{exit.Internal, fmt.Errorf("cannot watch without a supervisor: %w", err), "slipway watch is started by the supervisor, not by hand"}
	}
	defer ctl.Close()
	rest, err := o.rest(a, ctl)
	if err != nil {
		return err
	}
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
	if text == "" { // without the captured environment there is nothing to render from
		a.note("changes are not followed: there is no boot snapshot, as the kernel or a seccomp profile refuses memfd_create(2)")
		return nil
	}
	snapshot, err := handoff.Decode([]byte(text))
	if err != nil {
		return err
	}
	info, err := client.Info(ctx, ctl)
	if err != nil {
		return err
	}
	err = watcher.Run(ctx, ctl, sessionOptions(snapshot, info.Mode), snapshot, text, rest)
	if ctx.Err() != nil {
		return nil //nolint:nilerr // the supervisor, or a signal, ends it
	}
	return err
}
