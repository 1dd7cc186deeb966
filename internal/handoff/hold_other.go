//go:build !linux

package handoff

// HoldSignals does nothing here: there is no PID 1 whose signals get lost.
func HoldSignals() (release func()) { return func() {} }
