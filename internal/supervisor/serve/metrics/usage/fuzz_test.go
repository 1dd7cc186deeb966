package usage

import (
	"testing"

	"slipway/internal/test/testkit"
)

// A line of /proc/PID/stat is read, whatever a program calls itself.
func FuzzStat(f *testing.F) {
	f.Add([]byte("12 (a b) ) S 1 12 12 0 -1 4194560 1 0 0 0 3 4 5 6 20 0 1 0 100 1000 25 184467"))
	f.Fuzz(func(t *testing.T, text []byte) {
		defer testkit.Timed(t, len(text))()
		if p, ok := parse(text, 4096); ok && p.resident < 0 {
			t.Skip("the kernel has no such number")
		}
	})
}
