package listener_test

import (
	"errors"
	"strings"
	"testing"

	"slipway/internal/supervisor/listener"
)

func TestServe(t *testing.T) {
	const event = "ver:3.0 eventname:PROCESS_STATE_EXITED len:26\nprocessname:web expected:0"
	for _, tt := range []struct {
		name, in  string
		out, errs string
		status    int
	}{
		{"no event", "", "READY\n", "", 0},
		{"one event", event, "READY\nRESULT 3\nwebREADY\n", "", 0},
		{"two events", event + event, "READY\nRESULT 3\nwebREADY\nRESULT 3\nwebREADY\n", "", 0},
		{"the supervisor goes in the middle of one", event[:60], "READY\n", "", 0},
		{"without a length", "eventname:TICK_5\n", "READY\n", "l: expected the header of an event, got \"eventname:TICK_5\\n\"\n", 1},
		{"a negative length", "len:-1\n", "READY\n", "l: expected the header of an event, got \"len:-1\\n\"\n", 1},
		{"a listener that fails", "eventname:BAD len:0\n", "READY\n", "l: cannot\n", 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var out, errs strings.Builder
			status := listener.Serve("l", strings.NewReader(tt.in), &out, &errs, func(e listener.Event) (string, error) {
				if e.Name() == "BAD" {
					return "", errors.New("cannot")
				}
				return e.Fields()["processname"], nil
			})
			if status != tt.status || out.String() != tt.out || errs.String() != tt.errs {
				t.Errorf("status %d, out %q, errs %q, want %d, %q, %q", status, out.String(), errs.String(), tt.status, tt.out, tt.errs)
			}
		})
	}
}
