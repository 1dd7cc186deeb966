package main

import (
	"context"

	"slipway/cmd/slipway/launch"
	"slipway/internal/handoff"
	"slipway/supervise/control"
	"slipway/supervise/control/client"
)

// running returns the values that the supervisor of this container started with, or
// nil when there is none to ask: `docker exec` has an environment of its own, and
// what it would give has nothing to do with the programs.
func (a *app) running(ctx context.Context) (*launch.Image, error) {
	c, err := dialFirst(ctx, a.sockets())
	if err != nil {
		return nil, nil //nolint:nilerr // no supervisor: the image is read as a start would
	}
	defer c.Close()
	text, err := bootText(ctx, c)
	if err != nil || text == "" {
		return nil, err
	}
	snapshot, err := handoff.Decode([]byte(text))
	if err != nil {
		return nil, err
	}
	a.image = launch.FromSnapshot(snapshot)
	return a.image, nil
}

func bootText(ctx context.Context, c client.Caller) (string, error) {
	v, err := c.Call(ctx, control.OpBoot)
	if err != nil {
		return "", failed("ask for the values of", "the supervisor", err)
	}
	return v.Str(), nil
}

// values returns the image whose values are to be shown: that of the running
// container, unless a configuration is named or fresh is set.
func (a *app) values(ctx context.Context, o imageOptions, fresh bool) (*launch.Image, error) {
	if o.config == "" && !fresh {
		im, err := a.running(ctx)
		if im != nil || err != nil {
			return im, err
		}
	}
	im, err := o.load(ctx, a)
	if err == nil {
		a.notes(im.Notes) // an optional source that failed, above all: its values are not shown
	}
	return im, err
}
