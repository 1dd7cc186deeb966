//go:build !linux

package handoff

import (
	"errors"
	"fmt"
	"os"
	"syscall"
)

// Memory is for Linux only: the supervisor is.
func Memory([]byte) (*os.File, error) {
	return nil, fmt.Errorf("cannot keep the boot snapshot in memory: %w", errors.ErrUnsupported)
}

// closeOnExec marks descriptors up to a number that no shell or build tool
// passes on by chance: slipway exec on a laptop is all that gets here.
func closeOnExec(keep []int) error {
	for fd := 3; fd < 256; fd++ {
		syscall.CloseOnExec(fd)
	}
	if len(keep) > 0 {
		return errors.ErrUnsupported
	}
	return nil
}
