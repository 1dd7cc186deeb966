package main

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"slipway/internal/test/testkit"
)

// The owner of a container hears how it is, at a path and at an abstract name, and the
// programs do not get the socket. Its end is written where Kubernetes looks.
func TestOwnerOfTheContainerIsTold(t *testing.T) {
	for _, kind := range []string{"path", "abstract"} {
		t.Run(kind, func(t *testing.T) {
			c := newContainer(t, `
[program:app]
command = /bin/sh DIR/app
on_exit = shutdown
relay = yes
startretries = 0
`)
			name := filepath.Join(c.dir, "notify.sock")
			if kind == "abstract" {
				name = fmt.Sprintf("@slipway-test-%d-%d", os.Getpid(), time.Now().UnixNano())
			}
			socket, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: name, Net: "unixgram"})
			if err != nil {
				t.Fatal(err)
			}
			defer socket.Close()
			c.script("app", `echo "socket: ${NOTIFY_SOCKET:-none}"; while ! test -e DIR/over; do sleep 0.02; done; echo "no more" >&2; exit 9`)
			c.prepare("slipway", "run", "-c", "app.conf")
			c.cmd.Env = append(c.cmd.Env, "NOTIFY_SOCKET="+name, "SLIPWAY_TERMINATION_LOG="+filepath.Join(c.dir, "why"))
			c.launch()
			heard := func(want string) {
				t.Helper()
				buf := make([]byte, 4096)
				for {
					socket.SetReadDeadline(time.Now().Add(testkit.Patience))
					n, err := socket.Read(buf)
					if err != nil {
						t.Fatalf("%s was not said: %v", want, err)
					}
					if strings.Contains(string(buf[:n]), want) {
						return
					}
				}
			}
			heard("READY=1\nSTATUS=1 of 1")
			c.until("socket: none", "tail", "app")
			if _, out := c.ask("enter", "app", "--", "sh", "-c", "echo socket: ${NOTIFY_SOCKET:-none}"); !strings.Contains(out, "socket: none") {
				t.Errorf("slipway enter passes the socket on: %s", out)
			}
			c.write("over", "")
			heard("STOPPING=1\nSTATUS=app has ended")
			if status, out := c.wait(); status != 9 {
				t.Errorf("status %d, want 9: %s", status, out)
			}
			if got, want := c.read("why"), "app has ended (on_exit=shutdown); exit status 9\nno more\n"; got != want {
				t.Errorf("the last words are %q, want %q", got, want)
			}
		})
	}
}
