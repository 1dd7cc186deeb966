package kernel_test

import (
	"fmt"
	"net"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"slipway/supervise/kernel"
)

// Who listens at an address is named: another process, or ourselves.
func TestWhoListens(t *testing.T) {
	k := new(kernel.Linux)
	path := filepath.Join(t.TempDir(), "s")
	unixSocket, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	tcp, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := tcp.Addr().(*net.TCPAddr).Port
	if got, want := k.WhoListens(path, 0)+"; "+k.WhoListens("", port), "another section of the same configuration; another section of the same configuration"; got != want {
		t.Errorf("of our own sockets: %q, want %q", got, want)
	}

	file, err := tcp.(*net.TCPListener).File()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("/proc/self/exe")
	cmd.Args = []string{playing, "pause"}
	cmd.Stdin = file // it has the socket, and we have not
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer cmd.Wait()
	defer cmd.Process.Kill()
	file.Close()
	tcp.Close()
	if got := k.WhoListens("", port); !strings.HasSuffix(got, fmt.Sprintf(" (pid %d)", cmd.Process.Pid)) {
		t.Errorf("of another process: %q, want its name and pid %d", got, cmd.Process.Pid)
	}

	unixSocket.Close()
	if got := k.WhoListens(path, 0); got != "" {
		t.Errorf("nobody listens: %q", got)
	}
}
