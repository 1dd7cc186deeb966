// Package early catches the signals that arrive before the Go runtime has its handlers.
//
// The kernel drops a signal to PID 1 of a container for which there is no handler, and
// the runtime installs its own only after a good part of a millisecond; what was blocked
// and pending when the process was executed it lets in before that. So an executable is
// linked with another entry (go build -ldflags='-E slipway/supervise/early.entry', see the
// Makefile): a few instructions that install a handler for HUP, INT, QUIT and TERM, which
// notes what arrives, and go on to the runtime's entry. Together with a mask that holds
// these signals back over an execve, none is lost in it.
//
// Linked without that entry, or on another architecture, everything works but for these
// moments: [Take] has nothing then.
package early
