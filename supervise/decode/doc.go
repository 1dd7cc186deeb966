// Package decode gives a document its meaning, under an environment and a machine.
//
// It goes through the sections in Supervisor's order, so that the first problem it finds
// is the one that Supervisor stops at, and finds all others in the same pass. The options
// are rows in the tables of package config; what is written here is only what needs order
// or context: the names of processes, settings that depend on others, references between
// sections.
//
// It is linked into PID 1: standard library only, and neither fmt, reflection,
// encoding/json nor os/user, which would cost PID 1 memory (see supervise).
package decode
