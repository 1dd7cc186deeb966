// Package logs carries what programs print, and what the supervisor has to say,
// to where they belong: files with rotation, the container's own stdout and
// stderr, syslog.
//
// # Parts
//
// Targets owns every destination. A Stream is the way of one output channel of
// one process: Feed gives it what was read from the pipe, it strips escapes,
// cuts out captured text, calls its hooks and hands the rest to its sinks. An
// Activity is the supervisor's own log, line by line as Supervisor writes it.
//
// # Ownership
//
// Everything here belongs to one goroutine, the supervisor's loop, and nothing
// that the loop calls waits: a regular file is written directly, everything that
// can stall (the inherited stdout and stderr, FIFOs, terminals) goes through a
// Writer, which has a bounded queue. A Writer's goroutine lives only while its
// queue is not empty, so an idle supervisor has none. Options.Wake is the one
// function that is called from it.
//
// # What must not happen
//
// No sink ever fails a program or the loop. What cannot be delivered is counted,
// reported through Options.Report at most once a minute for each target, and
// tried again with a growing pause. Memory does not grow with the volume of
// output. Descriptors 1 and 2 are used as inherited: never opened by path, never
// made non-blocking (the flag would be shared with the programs), never closed.
//
// The package is linked into PID 1: standard library and x/sys only, and neither
// fmt nor net, which would cost PID 1 memory (see supervise).
package logs
