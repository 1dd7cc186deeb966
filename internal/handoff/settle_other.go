//go:build !linux

package handoff

// Settle does nothing: only Linux has the supervisor.
func Settle() {}
