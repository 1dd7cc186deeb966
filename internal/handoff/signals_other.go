//go:build !linux

package handoff

func (s *Signals) catch() bool { return false }

// settle does nothing: only Linux has the supervisor.
func (s *Signals) settle() {}

func block(bool) {}
