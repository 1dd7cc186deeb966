// Package looptest runs a loop for a while, for tests of what it owns.
package looptest

import (
	"syscall"
	"time"

	"slipway/supervise/loop"
)

// Run runs a loop until d has passed.
func Run(l *loop.Loop, d time.Duration) {
	var end loop.Timer
	h := &handler{}
	l.After(&end, d, func() { h.over = true })
	l.Run(h)
}

// handler ends the loop when it is over, and takes no notice of anything else.
type handler struct{ over bool }

func (h *handler) Settle() bool                   { return h.over }
func (h *handler) Stalled(time.Duration)          {}
func (h *handler) Reaped([]loop.Death, time.Time) {}
func (h *handler) Received(syscall.Signal)        {}
func (h *handler) Passed()                        {}
