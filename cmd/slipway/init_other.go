//go:build !linux

package main

import (
	"fmt"
	"os"

	"slipway/internal/exit"
)

// superviseMain says that the supervisor is for Linux; the launch half is not.
func superviseMain([]string, []string) int {
	fmt.Fprintln(os.Stderr, "slipway: error: the supervisor needs Linux")
	return exit.Internal
}
