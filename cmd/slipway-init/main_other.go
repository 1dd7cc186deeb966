//go:build !linux

package main

import "os"

func main() {
	os.Stderr.WriteString("slipway-init: error: the supervisor needs Linux\n")
	os.Exit(70)
}
