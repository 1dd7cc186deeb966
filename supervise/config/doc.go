// Package config is what a configuration means, as plain values: programs, groups, servers,
// and slipway's own sections.
//
// Every option is a Row in a table: name, type, default, doc, and the field that holds its
// value. It is written nowhere else. Package decode fills the fields from a file, Diff
// compares them for a reread, and package meaning prints them and the reference page.
//
// The package knows nothing of processes and runs on every operating system.
// It is linked into PID 1: standard library only, and neither fmt, reflection,
// encoding/json nor os/user, which would cost PID 1 memory (see supervise).
package config
