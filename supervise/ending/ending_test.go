package ending

import (
	"testing"

	"slipway/supervise/machine"
)

// The counter is shared out among those that were killed; what is over is others'.
func TestLimit(t *testing.T) {
	var l Limit
	n := 5
	count := func() int { return n }
	l.Begin(count)
	for _, tt := range []struct{ counter, killed, ours, others int }{
		{5, 1, 0, 0}, {6, 1, 1, 0}, {6, 1, 0, 0}, {9, 2, 2, 1}, {12, 0, 0, 0}, {12, 1, 1, 2}, {-1, 1, 0, 0}, {20, 1, 0, 0},
	} {
		n = tt.counter
		l.Begin(count) // changes nothing
		if ours, others := l.Share(tt.killed, count); ours != tt.ours || others != tt.others {
			t.Errorf("counter %d, %d killed: %d and %d others, want %d and %d", tt.counter, tt.killed, ours, others, tt.ours, tt.others)
		}
	}
	var blind Limit
	blind.Begin(func() int { return -1 })
	if ours, others := blind.Share(3, func() int { t.Error("a counter that is not there is read"); return 0 }); ours+others != 0 {
		t.Errorf("without a counter: %d and %d", ours, others)
	}
}

func TestNews(t *testing.T) {
	for _, tt := range []struct {
		st     machine.Status
		memory bool
		cause  machine.Cause
		text   string
	}{
		{machine.Status{Code: 3}, false, machine.ByItself, ""},
		{machine.Status{Signal: 11, Core: true}, false, machine.ByItself, "terminated by SIGSEGV (core dumped)"},
		{machine.Status{Signal: 9}, true, machine.ByMemory, "terminated by SIGKILL by the memory limit"},
	} {
		if cause, text := News(tt.st, tt.memory); cause != tt.cause || text != tt.text {
			t.Errorf("%+v: %v, %q; want %v, %q", tt.st, cause, text, tt.cause, tt.text)
		}
	}
}
