package main

import (
	"context"

	"github.com/spf13/cobra"

	"slipway/internal/exit"
	"slipway/internal/handoff"
	"slipway/internal/launch"
)

type execOptions struct {
	imageOptions
	command []string
}

func newExec(a *app) *cobra.Command {
	var o execOptions
	c := &cobra.Command{
		Use: "exec [-c FILE] -- COMMAND ARGUMENTS...", Short: "Render, then become a command instead of the supervisor", GroupID: groupStart,
		Long: `Render all templates, then exec COMMAND with the merged values as its environment.
There is no supervisor: the command is PID 1 if slipway was.`,
		Example: "  slipway exec -- bash\n  docker run IMAGE bash",
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usage("slipway exec -- COMMAND", "slipway exec takes a command")
			}
			o.command = args
			return runExec(c.Context(), a, o)
		},
	}
	c.Flags().SetInterspersed(false)
	o.flags(c)
	o.rootFlag(c, "write below `DIR` instead of /, and change no owners: to try an image out")
	imageExits(c, exit.CannotWrite, exit.NotExecutable, exit.NotFound, exit.Signalled)
	return c
}

func runExec(ctx context.Context, a *app, o execOptions) error {
	im, err := o.load(ctx, a)
	if err != nil {
		return starting(ctx, err)
	}
	where := launch.ApplyOptions{NothingRuns: true}
	plan, err := im.Plan(ctx, where)
	if err != nil {
		return err
	}
	path, err := im.LookCommand(plan, o.command[0])
	if err != nil {
		return err
	}
	if _, err := a.apply(ctx, im, plan, where); err != nil {
		return starting(ctx, err)
	}
	a.notes(im.AllNotes())
	return a.execute(ctx, handoff.Exec{Path: path, Argv: o.command, Env: im.Environ, Foreign: true})
}
