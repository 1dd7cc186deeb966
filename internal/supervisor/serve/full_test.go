package serve

import (
	"errors"
	"net"
	"os"
	"syscall"
	"testing"
)

// fullListener has no room for a connection.
type fullListener struct {
	net.Listener
	err error
}

func (l fullListener) Accept() (net.Conn, error) {
	return nil, &net.OpError{Op: "accept", Net: "unix", Err: os.NewSyscallError("accept4", l.err)}
}

// TestFullMachineIsTemporary: whatever the machine has not enough of, the server waits.
func TestFullMachineIsTemporary(t *testing.T) {
	for _, full := range []error{syscall.EMFILE, syscall.ENFILE, syscall.ENOBUFS, syscall.ENOMEM} {
		_, err := peers{fullListener{err: full}}.Accept()
		temporary, ok := err.(interface{ Temporary() bool }) // what net/http asks
		if !ok || !temporary.Temporary() || !errors.Is(err, full) {
			t.Errorf("%v: %v is not temporary", full, err)
		}
	}
}
