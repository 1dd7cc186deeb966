package unnoticed

import (
	"fmt"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"slipway/internal/test/testkit"
)

const behindASocket = `
[socket:web]
listen = tcp://127.0.0.1:PORT
[program:web]
command = SELF
environment = SLIPWAY_TEST_SERVER=1
sockets = web
startsecs = 0
restart_pause = 10ms, 10ms, 1, 0
`

// Nobody who connects is refused while the program behind a socket is restarted.
func TestRestarts(t *testing.T) {
	s, address := supervise(t, behindASocket)
	n := testkit.Repeat(t, 20)
	c := during(t, address, func() {
		for range n {
			s.restarts("web")
		}
	})
	if len(c.failed) > 0 || c.answered == 0 {
		t.Errorf("%d restarts: %s", n, c)
	}
}

// Nor while it crashes. What it has accepted is lost with it.
func TestCrashes(t *testing.T) {
	_, address := supervise(t, behindASocket)
	n := testkit.Repeat(t, 5)
	c := during(t, address, func() {
		for range n {
			answer, err := get(plain(), address)
			for err != nil { // its connection was accepted by the one before
				answer, err = get(plain(), address)
			}
			pid, _ := strconv.Atoi(strings.Fields(answer)[0])
			syscall.Kill(pid, syscall.SIGKILL)
			testkit.Eventually(t, testkit.Patience, "another one answers", func() error {
				if now, err := get(plain(), address); err != nil || now == answer {
					return fmt.Errorf("%s, %v", now, err)
				}
				return nil
			})
		}
	})
	if c.refused > 0 || c.answered == 0 {
		t.Errorf("%d crashes: %s", n, c)
	}
}
