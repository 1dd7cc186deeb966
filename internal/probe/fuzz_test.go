package probe

import (
	"testing"

	"slipway/internal/test/testkit"
)

// A probe is read or refused.
func FuzzProbe(f *testing.F) {
	for _, s := range []string{"tcp://a:1", "unix:///x", "https://[::1]:1/x?y", "exec:a b", "file:/x", "tcp://:99999", "http://a b/"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		defer testkit.Timed(t, len(text))()
		if p, err := Parse(text); err == nil && p.target == "" {
			t.Fatalf("%q asks nobody", text)
		}
	})
}
