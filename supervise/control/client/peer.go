package client

import (
	"fmt"
	"os"
	"strings"
)

// Listener is the process at the other end, as it was when it began to listen.
type Listener struct{ PID, UID, GID int }

// Listener asks the kernel, and not the supervisor, who that is: what root does for
// another user must not depend on what that user says.
func (c *Client) Listener() (Listener, error) {
	l, err := listener(c.conn)
	if err != nil {
		return Listener{}, fmt.Errorf("cannot tell who the supervisor is: %w", err)
	}
	return l, nil
}

// trust says whether user own may believe what a listener at path tells. Root and
// oneself are trusted. Root trusts others too, but, where anybody can be the first, in
// /tmp and among the abstract names, only PID 1.
func trust(own int, l Listener, path string) error {
	open := strings.HasPrefix(path, "/tmp/") || strings.HasPrefix(path, "@")
	if l.UID == 0 || l.UID == own || own == 0 && (!open || l.PID == 1) {
		return nil
	}
	return fmt.Errorf("user %d listens there: %w", l.UID, os.ErrPermission)
}
