package unnoticed

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"slipway/internal/test/testkit"
)

// overlapping is a server that takes a while until it is ready, and says so.
const overlapping = `
[socket:web]
listen = tcp://127.0.0.1:PORT
[program:web]
command = SELF
environment = SLIPWAY_TEST_SERVER=1,SERVER_READY=1,SERVER_WAIT=50ms
sockets = web
ready = fd:4
restart_mode = overlap
startsecs = 0
`

// Every request is answered while the server is restarted, and none waits for the next one.
func TestOverlap(t *testing.T) {
	s, address := supervise(t, overlapping)
	n := testkit.Repeat(t, 20)
	first, err := get(plain(), address)
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{first: true}
	c := during(t, address, func() {
		for range n {
			s.does("restart", "web")
			testkit.Eventually(t, testkit.Patience, "another server answers", func() error {
				answer, err := get(plain(), address)
				if err == nil && known[answer] {
					err = fmt.Errorf("it is still %s", answer)
				}
				known[answer] = true
				return err
			})
		}
	})
	if len(c.failed) > 0 || c.answered == 0 {
		t.Errorf("%d restarts: %s", n, c)
	}
}

// A server that does not come up changes nothing for those who ask the one that runs.
func TestOverlapFails(t *testing.T) {
	s, address := supervise(t, strings.Replace(overlapping, "SLIPWAY_TEST_SERVER=1", "SLIPWAY_TEST_SERVER=1,SERVER_LACKS=DIR/broken", 1))
	before, err := get(plain(), address)
	if err != nil {
		t.Fatal(err)
	}
	s.write("broken", "")
	c := during(t, address, func() {
		begin := time.Now()
		for range 3 {
			out, err := s.try("restart", "web")
			if err == nil || !strings.Contains(out, "another one was started, and ") {
				t.Errorf("the restart: %v, %s", err, out)
			}
		}
		if took := time.Since(begin); took > testkit.Patience {
			t.Errorf("three failures took %s", took)
		}
	})
	if len(c.failed) > 0 || c.by[before] != c.answered {
		t.Errorf("%s, want all answered by %s", c, before)
	}
}
