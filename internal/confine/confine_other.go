//go:build !linux

package confine

// Process does nothing where there is no supervisor.
func Process(bool) {}

// Cores is nothing where there is no supervisor.
type Cores struct{}

// NoCores, Forbid, Allow and Source do nothing where there is no supervisor.
func NoCores() Cores { return Cores{} }

// Forbid does nothing.
func (Cores) Forbid() {}

// Allow does nothing.
func (Cores) Allow() {}

// Source does nothing.
func Source() {}
