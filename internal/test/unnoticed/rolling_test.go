package unnoticed

import (
	"strings"
	"testing"

	"slipway/internal/test/testkit"
)

// rolling is a server of four processes that take a while until they are ready.
const rolling = `
[socket:web]
listen = tcp://127.0.0.1:PORT
[program:web]
command = SELF
process_name = web_%(process_num)d
numprocs = 4
environment = SLIPWAY_TEST_SERVER=1,SERVER_READY=1,SERVER_WAIT=200ms,SERVER_LACKS=DIR/broken
sockets = web
ready = fd:4
rolling = 2
startsecs = 0
startretries = 0
on_fatal = ignore
`

// The processes of a program are restarted two by two, and the others answer meanwhile.
func TestRolling(t *testing.T) {
	s, address := supervise(t, rolling)
	s.does("wait", "-q", "exec:"+s.bins.Slipway+" healthcheck")
	n := testkit.Repeat(t, 3)
	c := during(t, address, func() {
		for range n {
			s.restarts("web:*")
		}
	})
	if len(c.failed) > 0 || c.answered == 0 {
		t.Errorf("%d rounds: %s", n, c)
	}
}

// When two of them do not come up, the other two are left as they are, and answer.
func TestRollingStops(t *testing.T) {
	s, address := supervise(t, rolling)
	s.does("wait", "-q", "exec:"+s.bins.Slipway+" healthcheck")
	s.write("broken", "")
	out, err := s.try("restart", "web:*")
	if err == nil || strings.Count(out, "left as it is, since one before it has failed (rolling)") != 2 {
		t.Errorf("the restart: %v\n%s", err, out)
	}
	if _, err := get(plain(), address); err != nil {
		t.Errorf("nobody answers: %v", err)
	}
}
