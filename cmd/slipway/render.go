package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"slipway/cmd/slipway/launch"
	"slipway/internal/exit"
	"slipway/render"
)

type renderOptions struct {
	imageOptions
	root   string
	diff   bool
	check  bool
	back   bool
	output string
}

func newRender(a *app) *cobra.Command {
	var o renderOptions
	c := &cobra.Command{
		Use: "render [-c FILE] [--diff] [--check] [--root DIR]", Short: "Render the templates without running anything", GroupID: groupStart, Args: noArgs,
		Long: `Render all templates and write what changed: all of it or, if anything is wrong,
nothing. With --diff or --check nothing is written.

With --check the exit status says whether a file would change: 1 if so.`,
		RunE: func(c *cobra.Command, _ []string) error { return runRender(c.Context(), a, o) },
	}
	o.flags(c)
	c.Flags().StringVar(&o.root, "root", "", "write below `DIR` instead of /, and change no owners")
	c.Flags().BoolVar(&o.diff, "diff", false, "print what would change")
	c.Flags().BoolVar(&o.check, "check", false, "only say by the exit status whether something would change")
	c.Flags().BoolVar(&o.back, "rollback", false, "put the files of the last generation back, instead of rendering")
	outputFlag(c, &o.output, "text", "json")
	imageExits(c, exit.Failed, exit.CannotWrite, exit.Signalled)
	return c
}

// changeView is one target as JSON.
type changeView struct {
	Dest   string        `json:"dest"`
	Action render.Action `json:"action"`
	Notify []string      `json:"notify,omitempty"`
}

func runRender(ctx context.Context, a *app, o renderOptions) error {
	im, err := o.load(ctx, a)
	if err != nil {
		return err
	}
	where := launch.ApplyOptions{Root: o.root}
	plan, err := o.plan(ctx, im, where)
	if err != nil {
		return err
	}
	var res *render.Result
	if o.diff || o.check {
		res, err = im.Compare(plan, where)
	} else {
		res, err = im.Apply(ctx, plan, where)
	}
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
	if o.check && len(res.Changed()) > 0 {
		return &silent{exit.Failed}
	}
	return nil
}

// plan is what is to be written: what the templates make, or what was there before.
func (o renderOptions) plan(ctx context.Context, im *launch.Image, where launch.ApplyOptions) (*render.Plan, error) {
	if !o.back {
		return im.Plan(ctx, where)
	}
	plan, err := im.Former(where)
	if errors.Is(err, render.ErrNoGeneration) {
		return nil, &coded{exit.Failed, err, "[slipway] keep says how many are kept; --root keeps none"}
	}
	return plan, err
}

// writeChanges prints what was done, or would be.
func (a *app) writeChanges(o renderOptions, res *render.Result) error {
	switch {
	case o.diff && o.output == "json":
		text, err := render.MarshalDiff(render.Diffs(res.Changes))
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(a.stdout, "%s\n", text)
		return err
	case o.diff && len(res.Changed()) > 0:
		_, err := fmt.Fprint(a.stdout, render.FormatDiff(render.Diffs(res.Changes), isTerminal(a.stdout)))
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
		if c.Action == render.Unchanged {
			continue
		}
		if _, err := fmt.Fprintf(a.stdout, "%s: %s\n", c.Target.Dest, c.Action); err != nil {
			return err
		}
	}
	return nil
}
