// Package dialect reads Supervisor's ini dialect: sections and keys as written, every one
// with its file, line and column and with what it shadowed.
//
// Load reads a file and what it includes into a Document, in which sections of the same
// name are merged key by key. Expansions, lists of variables and command lines are read
// here as well, as Python reads them. The package does not know what a key means.
//
// It is linked into PID 1: standard library only, and neither fmt, reflection,
// encoding/json nor os/user, which would cost PID 1 memory (see supervise).
package dialect
