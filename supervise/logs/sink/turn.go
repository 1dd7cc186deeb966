//go:build linux

package sink

import "sync"

// inTurn is a System for writers that write one after the other. What was opened here does
// not block, so that this takes no time; but a thread that the machine does not run at the
// moment is as good as blocked, and each of them would need one of the threads that the
// process has.
type inTurn struct {
	System
	mu *sync.Mutex
}

// Write implements System.
func (s inTurn) Write(fd int, p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.System.Write(fd, p)
}

// NeverStalls implements NeverStalls.
func (s inTurn) NeverStalls(fd int) bool {
	x, ok := s.System.(NeverStalls)
	return ok && x.NeverStalls(fd)
}
