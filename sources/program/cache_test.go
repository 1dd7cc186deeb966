package program

import (
	"bytes"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"slipway/internal/test/testkit"
	"slipway/sources"
	"slipway/sources/kv"
	"slipway/sources/protocol"
)

func TestCache(t *testing.T) {
	at := time.Date(2026, 5, 4, 3, 2, 1, 5, time.UTC)
	settings := []protocol.Setting{{Name: "prefix", Text: "/app/"}, {Name: "endpoints", Text: "http://a:1"}}
	c := Cache{File: filepath.Join(t.TempDir(), "etcd.snapshot"), Source: "etcd", Settings: settings, MaxAge: time.Hour}
	if _, err := c.Load(at); err == nil || err.Error() != "none was kept yet" {
		t.Errorf("Load without a file = %v", err)
	}
	value := sources.Value{Text: "multi\nline \\ seal 00", Secret: true, Origin: sources.Origin{Source: "etcd", File: "/app/x", Revision: 7}}
	k := Kept{protocol.Update{
		Kind: protocol.Whole, Revision: 7, Store: "dee0", Keys: []kv.Pair{{Key: "/app/x", Value: value}},
		Vars: []sources.Var{{Name: "A", Value: sources.Value{Text: "", Origin: sources.Origin{Source: "etcd", Revision: 7}}}},
	}, at}
	text, err := c.Encode(k)
	if err != nil {
		t.Fatal(err)
	}
	write := func(text []byte) {
		t.Helper()
		if err := os.WriteFile(c.File, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(text)
	got, err := c.Load(at.Add(time.Hour))
	if err != nil || !reflect.DeepEqual(got, k) {
		t.Errorf("Load = %#v, %v, want %#v", got, err, k)
	}
	for _, row := range []struct {
		name, want string
		cache      func(*Cache)
		now        time.Duration
	}{
		{"too old", "which is more than max_age = 1h0m0s ago", func(*Cache) {}, time.Hour + 1},
		{"any age will do", "", func(c *Cache) { c.MaxAge = 0 }, 1000 * time.Hour},
		{"other prefixes", "it is of another source or of other prefixes", func(c *Cache) { c.Settings = settings[1:] }, 0},
		{"another way to the same", "", func(c *Cache) { c.Settings = settings[:1] }, 0},
		{"another source", "it is of another source or of other prefixes", func(c *Cache) { c.Source = "consul" }, 0},
	} {
		t.Run(row.name, func(t *testing.T) {
			c := c
			row.cache(&c)
			_, err := c.Load(at.Add(row.now))
			if (err != nil) != (row.want != "") || err != nil && !strings.Contains(err.Error(), row.want) {
				t.Errorf("Load = %v, want %q", err, row.want)
			}
		})
	}
	t.Run("any damage is seen", func(t *testing.T) {
		for i := range text {
			broken := bytes.Clone(text)
			broken[i] ^= 0x10
			write(broken)
			if _, err := c.Load(at); err == nil {
				t.Fatalf("byte %d of %d is another one, and it was read", i, len(text))
			}
			if i < len(text)-1 { // without its last line feed all of it is there
				write(text[:i])
				if _, err := c.Load(at); err == nil {
					t.Fatalf("%d of %d bytes were read", i, len(text))
				}
			}
		}
	})
}

// A snapshot that another user has made would decide what is rendered.
func TestCacheOfStrangers(t *testing.T) {
	testkit.Need(t, testkit.Linux, testkit.Root)
	c := Cache{File: filepath.Join(t.TempDir(), "etcd.snapshot"), Source: "etcd"}
	text, err := c.Encode(Kept{protocol.Update{Kind: protocol.Whole, Revision: 7}, time.Now()})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(c.File, text, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Load(time.Now()); err != nil {
		t.Fatalf("Load = %v", err)
	}
	if err := os.Chown(c.File, 4711, 4711); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Load(time.Now()); err == nil || !strings.Contains(err.Error(), "it belongs to uid 4711") {
		t.Errorf("SUCCEEDED: Load of a stranger's file = %v", err)
	}
}
