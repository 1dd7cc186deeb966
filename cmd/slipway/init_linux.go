package main

import "slipway/supervise/pid1"

// superviseMain is the supervisor in our own image, where slipway-init does not lie
// beside us.
func superviseMain(args, environ []string) int { return pid1.Main(args, environ) }
