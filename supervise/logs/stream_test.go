//go:build linux

package logs

import (
	"os"
	"path/filepath"
	"testing"
)

func TestStreamWritesFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.log")
	targets := NewTargets(Options{})
	s := targets.Stream(Spec{Process: "x", Logfile: path}, Hooks{})
	s.Feed([]byte("one\ntwo"))
	s.Close()
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if want := "one\ntwo"; string(got) != want {
		t.Errorf("file = %q, want %q", got, want)
	}
}
