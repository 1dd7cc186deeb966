package main

import "slipway/supervise"

// superviseMain is the supervisor in our own image, where slipway-init does not lie
// beside us.
func superviseMain(args, environ []string) int { return supervise.Main(args, environ) }
