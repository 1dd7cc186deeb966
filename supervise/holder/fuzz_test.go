package holder

import (
	"testing"

	"slipway/internal/test/testkit"
)

// Records are read one after the other, and are what was written.
func FuzzRecord(f *testing.F) {
	f.Add(Record{Kind: 1, PID: 2, A: 3, B: 4}.Append(nil))
	f.Fuzz(func(t *testing.T, text []byte) {
		defer testkit.Timed(t, len(text))()
		for rest := text; ; {
			r, after, ok := Read(rest)
			if !ok {
				if len(rest) >= Size {
					t.Fatalf("%d bytes are no record", len(rest))
				}
				return
			}
			if got := string(r.Append(nil)); got != string(rest[:Size]) {
				t.Fatalf("%q is written as %q", rest[:Size], got)
			}
			_ = r.Err()
			rest = after
		}
	})
}
