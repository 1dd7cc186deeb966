// Package logs carries what programs print, and what the supervisor has to say, to where
// they belong; package sink below it is where that is.
//
// A Stream is the way of one output channel of one process: Feed gives it what was read
// from the pipe, it strips escapes, cuts out captured text, calls its hooks and hands the
// rest to its sinks. An Activity is the supervisor's own log, line by line as Supervisor
// writes it.
//
// Everything here belongs to one goroutine, the supervisor's loop, and nothing that the loop
// calls waits. Memory does not grow with the volume of output.
//
// The package is linked into PID 1: standard library and x/sys only, and neither fmt nor
// net, which would cost PID 1 memory (see supervise).
package logs
