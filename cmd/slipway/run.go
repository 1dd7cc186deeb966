package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"slipway/internal/exit"
	"slipway/internal/handoff"
	"slipway/internal/launch"
	"slipway/render"
	"slipway/render/transaction"
	"slipway/supervise/boot"
)

type runOptions struct {
	imageOptions
	explain bool
	output  string   // of explain
	command []string // after --; it becomes the program main
}

func newRun(a *app) *cobra.Command {
	var o runOptions
	c := &cobra.Command{
		Use: "run [-c FILE] [-- COMMAND ARGUMENTS...]", Short: "Render, then become the supervisor (the default)", GroupID: groupStart,
		Long: `Render all templates, then exec into the supervisor, which runs the programs of all
layers. A COMMAND becomes one more program, main; when it ends, the container ends
with its status. Without any other program it gets every signal that the container
gets, unchanged, and only warnings are logged: as under tini or dumb-init.

Nothing is written and nothing is started unless the configuration, all values and
all templates are right.

With --root the files are written below a folder: slipway render beside it writes there
and tells the programs, too. It is to try an image out, so nothing is kept for a
rollback, and files that change later are not followed.

With --explain nothing is written or started at all: it says what a start would read,
render and start, in which order, and why; secrets are redacted. A mistake ends it as
it would end the start, behind what is known by then.`,
		Example: "  ENTRYPOINT [\"slipway\"]\n  slipway run -c app.conf\n  slipway run -- java -jar app.jar\n  docker run IMAGE slipway run --explain",
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) > 0 && c.ArgsLenAtDash() != 0 {
				return usage("a command follows after --: slipway run -- COMMAND", "slipway run does not take the word %q", args[0])
			}
			o.command = args
			if o.explain {
				return runExplain(c.Context(), a, o)
			}
			if o.output != "text" {
				return usage("slipway run --explain --output "+o.output, "--output goes with --explain")
			}
			err := runRun(c.Context(), a, o)
			if err != nil && o.root == "" && context.Cause(c.Context()) == nil {
				a.lastWords(err)
			}
			return err
		},
	}
	o.flags(c)
	o.rootFlag(c, "write below `DIR` instead of /, and change no owners: to try an image out")
	c.Flags().BoolVar(&o.explain, "explain", false, "only say what would be read, rendered and started, in which order, and why")
	outputFlag(c, &o.output, "text", "json")
	imageExits(c, exit.CannotWrite, exit.NotExecutable, exit.NotFound, exit.Signalled)
	return c
}

func runRun(ctx context.Context, a *app, o runOptions) error {
	im, err := o.load(ctx, a)
	if err != nil {
		return starting(ctx, err)
	}
	where := launch.ApplyOptions{NothingRuns: true}
	plan, im, err := o.examine(ctx, im, where)
	if err != nil {
		return err
	}
	var args []string
	if o.root == "" && im.CanChange(plan) {
		args = append(args, boot.WatchOption)
	}
	if len(o.command) > 0 {
		args = append(append(args, boot.CommandFollows), o.command...)
	}
	res, err := a.apply(ctx, im, plan, where)
	if err != nil {
		return starting(ctx, err)
	}
	a.notes(im.Notes)
	if text := im.Summary(plan, res.Changed(), len(o.command) > 0, time.Since(a.begun)); text != "" {
		fmt.Fprintln(a.stderr, "slipway:", a.redact(text))
	}
	h, err := im.Handoff(boot.Run, args)
	if err != nil {
		return err
	}
	h.Env = append(h.Env, boot.EnvCalled+"="+boot.Slipway)
	return a.execute(ctx, h)
}

// execute makes an execve, unless a signal has come. One that comes now is held for the
// supervisor. A command that is not ours has to be ready for its signals itself.
func (a *app) execute(ctx context.Context, h handoff.Exec) error {
	if context.Cause(ctx) == nil && a.execves == nil {
		return h.Run()
	}
	x := execve{h, make(chan error, 1)}
	select {
	case a.execves <- x:
	case <-ctx.Done():
	}
	select {
	case err := <-x.failed:
		return err
	case <-ctx.Done():
		return starting(ctx, context.Cause(ctx))
	}
}

// starting says what a signal has interrupted.
func starting(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); cause != nil {
		return fmt.Errorf("cannot finish the start: %w", cause)
	}
	return err
}

func (a *app) apply(ctx context.Context, im *launch.Image, plan *render.Plan, o launch.ApplyOptions) (*transaction.Result, error) {
	res, err := im.Apply(ctx, plan, o)
	if err != nil {
		return nil, err
	}
	for _, n := range res.Notes {
		a.note("%s", n)
	}
	if im.Root() == "" {
		if err := im.KeepSnapshots(); err != nil {
			a.note("%v", err)
		}
	}
	return res, nil
}
