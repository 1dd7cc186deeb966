// Package config reads Supervisor's configuration dialect and slipway's
// sections in it, and gives them their meaning.
//
// It works in two steps. Load reads files into a Document: sections and keys as
// written, every one with its file, line and column and with what it shadowed.
// Decode gives a Document its meaning under an environment and a System, as a
// Config. Every option is a row in a table (name, type, default, doc); the table
// is the only source of parsing, validation, defaults, comparison and reference pages.
//
// The package knows nothing of processes and runs on every operating system.
// It is linked into PID 1: standard library only, and neither fmt, reflection,
// encoding/json nor os/user, which would cost PID 1 memory (see supervise).
package config
