package system

import (
	"testing"

	"slipway/internal/test/testkit"
)

// What is read is written so that it is read again.
func FuzzKept(f *testing.F) {
	f.Add(Kept{"/etc/a.conf": "[program:a]\n", "b": ""}.Encode())
	f.Add([]byte("a\x00-1\x00x"))
	f.Add([]byte("a\x009\x00x"))
	f.Fuzz(func(t *testing.T, text []byte) {
		defer testkit.Timed(t, len(text))()
		k := DecodeKept(text)
		again := DecodeKept(k.Encode())
		if len(again) != len(k) {
			t.Fatalf("%q is %v, and then %v", text, k, again)
		}
		for name, is := range k {
			if again[name] != is {
				t.Fatalf("%q: %q is %q, and then %q", text, name, is, again[name])
			}
		}
	})
}
