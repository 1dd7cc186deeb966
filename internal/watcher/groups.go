package watcher

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"slipway/internal/launch"
	"slipway/render/transaction"
	"slipway/supervise/control/client"
)

// regroup brings the supervisor up to a configuration of which files were rendered, as slipway
// update does: only the groups that differ are touched. What could not be done stays to be done.
func (w *watch) regroup(ctx context.Context, im *launch.Image, res *transaction.Result) error {
	after, err := launch.Read(w.options)
	known := im.Document.Files
	if err == nil {
		known = slices.Concat(known, after.Files)
	}
	for _, c := range res.Changes {
		same := func(file string) bool {
			full, err := filepath.Abs(file)
			return err == nil && full == c.Target.Dest
		}
		// One that cannot be read is not in after; where others are, it was meant to be.
		if c.Action != transaction.Unchanged && (slices.ContainsFunc(known, same) || err != nil && strings.HasSuffix(c.Target.Dest, ".conf")) {
			w.regroups = true
		}
	}
	if !w.regroups {
		return nil
	}
	r, err := client.Reread(ctx, w.ctl)
	if err != nil {
		return fmt.Errorf("cannot read the rendered configuration: %w", err)
	}
	var errs []error
	bring := func(names []string, how string, do func(context.Context, client.Caller, string) []client.Failure) {
		for _, name := range names {
			failures := do(ctx, w.ctl, name)
			for _, f := range failures {
				errs = append(errs, fmt.Errorf("cannot bring group %s up to the rendered configuration: cannot %s %s: %w", name, f.Verb, f.Name, f.Err))
			}
			if failures == nil {
				w.log.Info("group follows the rendered configuration", "group", name, "now", how)
			}
		}
	}
	bring(r.Removed, "removed", client.RemoveGroup)
	bring(r.Changed, "changed", client.ChangeGroup)
	bring(r.Added, "added", client.AddGroup)
	w.regroups = len(errs) > 0
	return errors.Join(errs...)
}
