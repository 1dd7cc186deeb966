//go:build !linux

package handoff

import (
	"errors"
	"fmt"
)

// Detach is for Linux only: the supervisor is.
func (e Exec) Detach() error {
	return fmt.Errorf("cannot start the supervisor: %w", errors.ErrUnsupported)
}

// NotReady is the end of a detached supervisor that never became ready.
type NotReady struct{ Status int }

func (e *NotReady) Error() string {
	return fmt.Sprintf("the supervisor ended before it was ready, with status %d", e.Status)
}
