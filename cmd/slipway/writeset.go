package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"slipway/internal/exit"
	"slipway/render"
	"slipway/render/transaction"
	"slipway/render/transaction/durable"
)

// written is a file that a command makes for people to go on with.
type written struct {
	from string // what it was made from, for messages
	path string // below the folder
	text string
}

// writeSet puts files below a folder, all or none, and returns what was done with each.
// A file that is there and differs is an error without force.
func writeSet(ctx context.Context, folder string, files []written, force bool) ([]transaction.Action, error) {
	to, err := filepath.Abs(folder)
	if err != nil {
		return nil, err
	}
	plan := &render.Plan{}
	from := map[string]string{}
	var errs []error
	for _, f := range files {
		dest := filepath.Join(to, f.path)
		if !filepath.IsLocal(f.path) {
			errs = append(errs, &coded{exit.Usage, fmt.Errorf("cannot write %s: it is outside of %s", dest, folder), f.from + " leads there"})
		}
		if other, twice := from[dest]; twice {
			errs = append(errs, &coded{exit.Usage, fmt.Errorf("cannot write %s: both %s and %s become it", filepath.Join(folder, f.path), other, f.from), "rename one of them"})
		}
		from[dest] = f.from
		plan.Targets = append(plan.Targets, render.Target{
			Dest: dest, Content: []byte(f.text), Template: f.from, Mode: render.Keep, NewMode: 0o644, Write: render.WriteReplace, Parents: true,
		})
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	slices.SortFunc(plan.Targets, func(a, b render.Target) int { return strings.Compare(a.Dest, b.Dest) })
	where := transaction.Options{KeepOwner: true, NothingRuns: true}
	res, err := transaction.Compare(durable.OS{}, plan, where)
	if err != nil {
		return nil, err
	}
	for _, c := range res.Changes {
		if c.Action == transaction.Modify && !force {
			errs = append(errs, &coded{exit.CannotWrite, fmt.Errorf("cannot write %s: it is there already, and differs", c.Target.Dest), "--force replaces it; another folder may be named, too"})
		}
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	if res, err = transaction.Apply(ctx, durable.OS{}, plan, where); err != nil {
		return nil, err
	}
	done := map[string]transaction.Action{}
	for _, c := range res.Changes {
		done[c.Target.Dest] = c.Action
	}
	actions := make([]transaction.Action, len(files))
	for i, f := range files {
		actions[i] = done[filepath.Join(to, f.path)]
	}
	return actions, nil
}
