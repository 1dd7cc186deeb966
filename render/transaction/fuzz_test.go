package transaction

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"slipway/internal/test/testkit"
	"slipway/render"
	"slipway/render/transaction/durable"
)

// A block is put in twice without a change, and taken out again without a trace of it.
func FuzzBlock(f *testing.F) {
	f.Add([]byte("a\nb\n"), []byte("x\n"), true)
	f.Add([]byte("#!/bin/sh\n"), []byte("x"), false)
	f.Add([]byte("# BEGIN slipway\n"), []byte("x"), false)
	f.Fuzz(func(t *testing.T, file, block []byte, bottom bool) {
		defer testkit.Timed(t, len(file)+len(block))()
		target := &render.Target{Dest: "/etc/hosts", Bottom: bottom}
		once, err := withBlock(file, block, target)
		if err != nil {
			return
		}
		twice, err := withBlock(once, block, target)
		if err != nil || !bytes.Equal(once, twice) {
			t.Fatalf("%q in %q is %q, and then %q, %v", block, file, once, twice, err)
		}
		if _, err := withBlock(once, nil, target); err != nil {
			t.Fatalf("%q cannot be taken out of %q: %v", block, once, err)
		}
	})
}

// Whatever stands in a file of the runtime folder, it is believed as a whole or set aside, and a
// journal changes no file that is no target.
func FuzzState(f *testing.F) {
	f.Add([]byte(`{"version":1,"files":{}}`), true)
	f.Add([]byte(`{"version":1,"files":{"/etc/passwd":{}}}`), true)
	f.Add([]byte(`{"version":1,"set":1,"swaps":[{"dest":"/etc/passwd","path":"/etc/passwd"}]}`), false)
	dir := testkit.MemoryDir(f)
	opts := Options{Runtime: filepath.Join(dir, "run"), Root: filepath.Join(dir, "root")}
	bystander := filepath.Join(opts.Root, "etc/passwd")
	f.Fuzz(func(t *testing.T, text []byte, asManifest bool) {
		defer testkit.Timed(t, len(text))()
		name := journalFile
		if asManifest {
			name = manifestFile
		}
		for _, err := range []error{
			os.RemoveAll(opts.Runtime), os.MkdirAll(opts.Runtime, 0o700), os.MkdirAll(filepath.Dir(bystander), 0o755),
			os.WriteFile(bystander, []byte("untouched\n"), 0o644), os.WriteFile(opts.state(name), text, 0o600),
		} {
			if err != nil {
				t.Fatal(err)
			}
		}
		if _, err := Recover(durable.OS{}, opts); err != nil {
			t.Fatalf("Recover with %q: %v", text, err)
		}
		m, err := readManifest(durable.OS{}, opts)
		if m == nil {
			t.Fatalf("no manifest of %q: %v", text, err)
		}
		if got, err := os.ReadFile(bystander); err != nil || string(got) != "untouched\n" {
			t.Fatalf("%q changes another file: %q, %v", text, got, err)
		}
	})
}
