//go:build !linux

package main

import (
	"slipway/internal/watcher"
	"slipway/supervise/control/client"
)

// rest has nothing: the supervisor needs Linux.
func (watchOptions) rest(*app, *client.Client) (watcher.Rest, error) { return watcher.Rest{}, nil }
