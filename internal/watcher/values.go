package watcher

import (
	"context"
	"fmt"

	"slipway/internal/handoff"
	"slipway/internal/launch"
	"slipway/render/transaction"
	"slipway/render/transaction/durable"
	"slipway/supervise/control"
)

// inForce are the values that the supervisor gives its programs.
type inForce struct {
	decided *launch.Decided
	text    string // the boot snapshot that tells of them
}

// takeOver gives the supervisor the values of an image, if they are others than those that
// it has: its programs get them at their next start. Programs that are to be restarted for
// them are owed that before: whoever is killed between the two does it again.
func (w *watch) takeOver(ctx context.Context, im *launch.Image, opts transaction.Options, kept bool) ([]transaction.Effect, error) {
	text, err := im.Snapshot().Encode()
	if err != nil || string(text) == w.values.text {
		return nil, err
	}
	restarts := im.Restarts(w.values.decided)
	var owed []transaction.Effect
	switch {
	case kept && len(restarts) > 0:
		if err := transaction.OweRestarts(durable.OS{}, opts, restarts); err != nil {
			return nil, err
		}
	case !kept:
		for name, variables := range restarts {
			owed = append(owed, transaction.Effect{Program: name, Variables: variables})
		}
	}
	return owed, w.give(ctx, inForce{im.Decided, string(text)})
}

// give gives values to the supervisor.
func (w *watch) give(ctx context.Context, v inForce) error {
	_, err := w.ctl.Call(ctx, control.OpValues,
		control.Strings(v.decided.Environ), control.Strings(v.decided.SecretNames()), control.String(v.text))
	if err != nil {
		return fmt.Errorf("cannot give programs their new variables: %w", err)
	}
	w.values = v
	return nil
}

// undo gives the supervisor the values back that it had when nothing was owed.
func (w *watch) undo(ctx context.Context) error {
	if w.good.text == w.values.text {
		return nil
	}
	return w.give(ctx, w.good)
}

// atStart are the values that a boot snapshot tells of. cleanLinks is the option.
func atStart(s handoff.Snapshot, text string, cleanLinks bool) inForce {
	return inForce{launch.FromSnapshot(s).ForPrograms(cleanLinks), text}
}
