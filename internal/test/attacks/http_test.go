package attacks

import (
	"fmt"
	"strings"
	"testing"

	"slipway/internal/test/testkit"
)

// rpc are the sections of an HTTP server.
func rpc(server string) string {
	return "[inet_http_server]\n" + server + "\n[rpcinterface:supervisor]\n" +
		"supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface\n"
}

// TestForeignPage: what a page of a stranger makes an operator's browser send stops nothing.
func TestForeignPage(t *testing.T) {
	build(t)
	c := victim(t, rpc("port=127.0.0.1:9001"))
	for _, how := range []string{"origin", "fetch", "rebinding"} {
		if said := repelled(t, c, "1000", "page", "127.0.0.1:9001", how); !strings.Contains(said, "403") {
			t.Errorf("%s: %s, want 403", how, said)
		}
	}
	alive(t, c)
}

// TestReachedByNeighbours: without a password nobody reaches a program over the network, and
// the container runs on.
func TestReachedByNeighbours(t *testing.T) {
	build(t)
	c := victim(t, rpc("port=*:9001"))
	neighbour := victim(t, "")
	repelled(t, neighbour, "0", "reach", c.IP(t)+":9001")
	alive(t, c)
	if log := c.Logs(t); !strings.Contains(log, "[inet_http_server]") || !strings.Contains(log, "set username and password") {
		t.Errorf("nothing says what to do:\n%s", log)
	}
}

// TestPasswordGuesses: passwords per second do not grow with connections.
func TestPasswordGuesses(t *testing.T) {
	build(t)
	c := victim(t, rpc("port=*:9001\nusername=admin\npassword=correct-horse"))
	t.Log(repelled(t, c, "1000", "guess", "127.0.0.1:9001"))
	alive(t, c)
}

// TestSwell: one request does not make the front grow.
func TestSwell(t *testing.T) {
	build(t)
	c := victim(t, rpc("port=127.0.0.1:9001")+
		"[program:flood]\ncommand=/bin/sh -c 'head -c 20000000 /dev/zero; exec sleep 100000'\nstdout_logfile=/tmp/flood.log\n")
	testkit.Eventually(t, testkit.Patience, "the log is there", func() error {
		if out, _ := c.Exec(t, "stat", "-c", "%s", "/tmp/flood.log"); len(strings.TrimSpace(out)) < 8 {
			return fmt.Errorf("%s bytes", out)
		}
		return nil
	})
	t.Log(repelled(t, c, "0", "swell", "127.0.0.1:9001"))
	alive(t, c)
}
