package keys

import (
	"strings"
	"testing"

	"slipway/internal/test/testkit"
)

// Keys that are read lie below the prefix, unless they are written with a slash, and are written
// so that they are read again.
func FuzzKeys(f *testing.F) {
	for _, s := range []string{"a: 1\nb:\n  c: x\n", "/whole/key: x\n", "{\"a\": [1, {\"b\": null}]}", "a: &x 1\nb: *x\n", "? [a]\n: 1\n"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		defer testkit.Timed(t, len(text))()
		pairs, err := Read("-", "/app", strings.NewReader(text))
		if err != nil {
			return
		}
		out, err := YAML(pairs, "/app")
		if err != nil {
			t.Fatalf("%q is read, and cannot be written: %v", text, err)
		}
		again, err := Read("-", "/app", strings.NewReader(string(out)))
		if err != nil || len(again) != len(pairs) {
			t.Fatalf("%q is written as %q, which is %d keys instead of %d: %v", text, out, len(again), len(pairs), err)
		}
	})
}
