package client

import (
	"fmt"
	"os"
	"strings"
)

// trust says whether user own may believe what a listener at path tells, given the user
// that listens there. Root and oneself are trusted. Root trusts others too, but not
// where anybody can be the first: in /tmp, and among the abstract names.
func trust(own, listener int, path string) error {
	open := strings.HasPrefix(path, "/tmp/") || strings.HasPrefix(path, "@")
	if listener == 0 || listener == own || own == 0 && !open {
		return nil
	}
	return fmt.Errorf("user %d listens there: %w", listener, os.ErrPermission)
}
