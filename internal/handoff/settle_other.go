//go:build !linux

package handoff

// Settle does nothing: only Linux has the supervisor.
func Settle() {}

// Holding calls execve.
func Holding(execve func() error) error { return execve() }
