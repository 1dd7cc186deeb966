package program

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"slipway/internal/test/testkit"
	"slipway/sources/protocol"
)

// A cached snapshot is believed if it is whole, and what is read is written so that it is read again.
func FuzzCache(f *testing.F) {
	c := Cache{Source: "etcd"}
	text, err := c.Encode(Kept{protocol.Update{Kind: protocol.Whole, Revision: 7}, time.Unix(1, 0)})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Fuzz(func(t *testing.T, text []byte) {
		defer testkit.Timed(t, len(text))()
		k, err := c.decode(text)
		if err != nil {
			return
		}
		out, err := c.Encode(k)
		if err != nil {
			t.Fatalf("%q cannot be written: %v", text, err)
		}
		if _, err := c.decode(out); err != nil {
			t.Fatalf("%q is written as %q: %v", text, out, err)
		}
	})
}

// A cache that is no file of slipway's does not stop a start.
func TestCacheThatIsNone(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"folder", "empty"} {
		c := Cache{File: filepath.Join(dir, name), Source: "etcd"}
		if err := os.MkdirAll(filepath.Join(dir, "folder"), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "empty"), nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := c.Load(time.Now()); err == nil {
			t.Errorf("Load of %s = nil", name)
		}
	}
}
