package handoff

import (
	"reflect"
	"testing"

	"slipway/internal/test/testkit"
)

// A boot snapshot that is read is written so that it is read again.
func FuzzSnapshot(f *testing.F) {
	text, err := Snapshot{Notes: []string{"a note"}}.Encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Add([]byte("{}"))
	f.Fuzz(func(t *testing.T, text []byte) {
		defer testkit.Timed(t, len(text))()
		s, err := Decode(text)
		if err != nil {
			return
		}
		out, err := s.Encode()
		if err != nil {
			t.Fatalf("%q cannot be written: %v", text, err)
		}
		again, err := Decode(out)
		if err != nil {
			t.Fatalf("%q is written as %q: %v", text, out, err)
		}
		if twice, err := again.Encode(); err != nil || !reflect.DeepEqual(twice, out) {
			t.Fatalf("%q is written as %q, and then %q", text, out, twice)
		}
	})
}
