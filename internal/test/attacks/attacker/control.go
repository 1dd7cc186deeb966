//go:build linux

package main

import (
	"context"
	"errors"
	"os"
	"strings"
	"time"

	wire "slipway/supervise/control"
	"slipway/supervise/control/client"
)

// neighbour finds the name of an abstract control socket and stops web.
func neighbour([]string) error {
	table, err := os.ReadFile("/proc/net/unix")
	if err != nil {
		return notTried(err)
	}
	for line := range strings.Lines(string(table)) {
		if f := strings.Fields(line); strings.HasPrefix(f[len(f)-1], "@slipway-0-") {
			return control(f[len(f)-1:])
		}
	}
	return notTried(errors.New("there is no abstract socket of slipway"))
}

// control stops web over a control socket.
func control(args []string) error {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	c, err := client.Dial(ctx, args[0])
	if err != nil {
		return err
	}
	defer c.Close()
	_, err = c.Call(ctx, wire.OpProcessStop, wire.String("web"), wire.Bool(true))
	return err
}
