package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"slipway/internal/exit"
	"slipway/internal/launch"
	"slipway/render"
	"slipway/render/transaction"
)

type renderOptions struct {
	imageOptions
	diff   bool
	check  bool
	back   bool
	force  bool
	output string
}

func newRender(a *app) *cobra.Command {
	var o renderOptions
	c := &cobra.Command{
		Use: "render [-c FILE] [--diff] [--check] [--root DIR]", Short: "Render the templates without running anything", GroupID: groupStart, Args: noArgs,
		Long: `Render all templates and write what changed: all of it or, if anything is wrong,
nothing. With --diff or --check nothing is written.

With --check the exit status says whether a file would change: 1 if so.

Inside of a container that runs, be it by docker exec or by cron, the environment that
the container was started with counts, not that of the command, and the programs of
notify are told of what changed: each once, and then watched until it is healthy
again. If it is not, the former files are put back, the change is refused, and the
exit status is 1. It is 1, too, when a program could not be told: that stays owed, and
is tried again. slipway status shows both.

A change that was refused, or taken back by --rollback, is not made again until its
input changes, or --force is given. With -c another file than the container was
started with is a rendering of its own, which tells nobody. So is --root with another
folder than the container was started with; without it, that folder counts.`,
		Example: "  slipway render --diff\n  docker exec CONTAINER slipway render\n  slipway render --rollback",
		RunE:    func(c *cobra.Command, _ []string) error { return runRender(c.Context(), a, o) },
	}
	o.flags(c)
	o.rootFlag(c, "write below `DIR` instead of /, and change no owners")
	c.Flags().BoolVar(&o.diff, "diff", false, "print what would change, secrets redacted; in colour on a terminal, unless NO_COLOR is set")
	c.Flags().BoolVar(&o.check, "check", false, "only say by the exit status whether something would change")
	c.Flags().BoolVar(&o.back, "rollback", false, "put the files of the last generation back, instead of rendering")
	c.Flags().BoolVar(&o.force, "force", false, "apply a change that was refused or taken back")
	outputFlag(c, &o.output, "text", "json")
	imageExits(c, exit.Failed, exit.CannotWrite, exit.Signalled)
	return c
}

// changeView is one target as JSON.
type changeView struct {
	Dest   string             `json:"dest"`             // the file
	Action transaction.Action `json:"action"`           // create, modify, remove or unchanged
	Notify []string           `json:"notify,omitempty"` // the programs that are told of it
}

func runRender(ctx context.Context, a *app, o renderOptions) error {
	s, err := o.session(ctx, a)
	if err != nil {
		return err
	}
	defer s.close()
	if o.root != "" { // from the folder of the command, which is left below
		if o.root, err = filepath.Abs(o.root); err != nil {
			return err
		}
	}
	im, err := o.image(ctx, a, s)
	if err != nil {
		return err
	}
	where := launch.ApplyOptions{Running: s != nil, Force: o.force}
	plan, err := o.plan(ctx, im, where)
	if err != nil {
		return err
	}
	res, err := o.apply(ctx, im, plan, where)
	if err != nil {
		return err
	}
	a.notes(im.AllNotes())
	for _, n := range res.Notes {
		a.note("%s", n)
	}
	if err := a.writeChanges(o, res); err != nil {
		return err
	}
	switch {
	case o.check && len(res.Changed()) > 0:
		return &silent{exit.Failed}
	case o.check || o.diff || s == nil || im.Root() != s.boot.Root: // the programs know other files
		return nil
	}
	return a.pay(ctx, im, s, where, res)
}

// session is the container that runs here, if it is the one to render for.
func (o renderOptions) session(ctx context.Context, a *app) (*session, error) {
	s, err := a.session(ctx)
	if s == nil {
		return nil, err
	}
	if file := o.options(a).Config; file != "" && file != s.boot.Config {
		if abs, err := filepath.Abs(file); err != nil || abs != s.boot.Config {
			s.close()
			return nil, nil
		}
	}
	return s, nil
}

// image reads what is to be rendered: as the container was started, else as it would be.
func (o renderOptions) image(ctx context.Context, a *app, s *session) (*launch.Image, error) {
	if s == nil {
		return o.load(ctx, a)
	}
	s.enterFolder()
	opts := s.options()
	own := o.options(a)
	opts.Say, opts.Reached = own.Say, own.Reached
	if own.Root != "" {
		opts.Root = own.Root
	}
	return launch.Load(ctx, opts)
}

func (o renderOptions) apply(ctx context.Context, im *launch.Image, plan *render.Plan, where launch.ApplyOptions) (*transaction.Result, error) {
	if o.diff || o.check {
		return im.Compare(plan, where)
	}
	taken := ""
	if o.back {
		var err error
		if taken, err = im.InPlace(where); err != nil {
			return nil, err
		}
	}
	res, err := im.Apply(ctx, plan, where)
	if err == nil && taken != "" {
		err = im.Refuse(where, taken) // or the next render would make it again
	}
	return res, err
}

// plan is what is to be written: what the templates make, or what was there before.
func (o renderOptions) plan(ctx context.Context, im *launch.Image, where launch.ApplyOptions) (*render.Plan, error) {
	if !o.back {
		return im.Plan(ctx, where)
	}
	plan, err := im.Former(where)
	if errors.Is(err, transaction.ErrNoGeneration) {
		return nil, &coded{exit.Failed, err, "[slipway] keep says how many are kept; --root keeps none"}
	}
	return plan, err
}

// writeChanges prints what was done, or would be.
func (a *app) writeChanges(o renderOptions, res *transaction.Result) error {
	switch {
	case o.diff && o.output == "json":
		text, err := transaction.MarshalDiff(transaction.Diffs(res.Changes))
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(a.stdout, "%s\n", text)
		return err
	case o.diff && len(res.Changed()) > 0:
		_, err := fmt.Fprint(a.stdout, transaction.FormatDiff(transaction.Diffs(res.Changes), a.colour()))
		return err
	case o.output == "json":
		views := make([]changeView, len(res.Changes))
		for i, c := range res.Changes {
			views[i] = changeView{c.Target.Dest, c.Action, c.Target.Notify}
		}
		return writeJSON(a.stdout, views)
	case len(res.Changed()) == 0:
		_, err := fmt.Fprintf(a.stdout, "nothing to change: %s up to date\n", plural(len(res.Changes), "file"))
		return err
	}
	for _, c := range res.Changes {
		if c.Action == transaction.Unchanged {
			continue
		}
		if _, err := fmt.Fprintf(a.stdout, "%s: %s\n", c.Target.Dest, c.Action); err != nil {
			return err
		}
	}
	return nil
}
