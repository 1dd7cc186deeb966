package notify

import (
	"strings"
	"testing"

	"slipway/internal/test/testkit"
)

// A datagram names a process or none.
func FuzzMainPID(f *testing.F) {
	f.Add("READY=1\nMAINPID=12")
	f.Add("MAINPID=-1\nMAINPID=99999999999999999999")
	f.Fuzz(func(t *testing.T, text string) {
		defer testkit.Timed(t, len(text))()
		if pid := MainPID(strings.Split(text, "\n")); pid < 0 {
			t.Fatalf("%q names %d", text, pid)
		}
	})
}
