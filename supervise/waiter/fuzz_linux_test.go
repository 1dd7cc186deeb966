package waiter

import (
	"testing"

	"slipway/internal/test/testkit"
)

// What is read is written as it was.
func FuzzList(f *testing.F) {
	f.Add([]byte("/bin/slipway\x00/etc/a\x00file 1 2"))
	f.Fuzz(func(t *testing.T, text []byte) {
		defer testkit.Timed(t, len(text))()
		if l, ok := Decode(text); ok && string(l.Encode()) != string(text) {
			t.Fatalf("%q is written as %q", text, l.Encode())
		}
	})
}
