// Package sink is where output ends: files with rotation, the inherited stdout and stderr,
// syslog. A Sink takes bytes; Targets owns every destination, so that those who name the
// same file share it.
//
// # Ownership
//
// Everything here belongs to one goroutine, the supervisor's loop, and nothing that the
// loop calls waits: a regular file is written directly, everything that can stall (the
// inherited stdout and stderr, FIFOs, terminals) goes through a Writer, with a bounded queue.
// What an inherited pipe takes at once the loop writes itself (see package direct), and it
// watches the pipe while something is left. Else a Writer has a goroutine, which lives while
// its queue is not empty. Options.Wake is the one function that is called from it.
//
// # What must not happen
//
// No sink ever fails a program or the loop. What cannot be delivered is counted, reported
// through Options.Report at most once a minute for each target, and tried again with a
// growing pause. Descriptors 1 and 2 are used as inherited: never opened by path, never made
// non-blocking (the flag would be shared with the programs), never closed.
//
// # A new kind of sink
//
// costs its file, a row in kinds.go, and the row of its option in package config.
package sink
