package ending

import (
	"testing"

	"slipway/supervise/machine"
)

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
