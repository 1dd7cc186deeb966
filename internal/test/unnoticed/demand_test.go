package unnoticed

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"slipway/internal/test/testkit"
)

// onDemand is a server that is started by a connection and stopped as soon as it is idle.
const onDemand = `
[socket:web]
listen = tcp://127.0.0.1:PORT
[program:web]
command = SELF
environment = SLIPWAY_TEST_SERVER=1
sockets = web
start = on-demand
idle_stop = 50ms
startsecs = 0
`

// Every request is answered by a server that is stopped whenever nobody is connected: also those
// that come while it stops, and those that come while there is none.
func TestOnDemand(t *testing.T) {
	s, address := supervise(t, onDemand)
	random := rand.New(rand.NewPCG(testkit.Seed(t), 0))
	by := map[string]bool{}
	for n, asked := testkit.Repeat(t, 8), 0; len(by) < n; asked++ {
		answer, err := get(plain(), address)
		if err != nil {
			t.Fatalf("request %d, of server %d: %v", asked, len(by), err)
		}
		by[answer] = true
		time.Sleep(time.Duration(random.IntN(300)) * time.Millisecond) // load, and what it leaves out
	}
	testkit.Eventually(t, testkit.Patience, "it waits", func() error {
		out, err := s.try("status")
		if err != nil || !strings.Contains(out, "STOPPED") || !strings.Contains(out, "waits for a connection") {
			return fmt.Errorf("status: %v\n%s", err, out)
		}
		return nil
	})
	s.does("healthcheck")
}
