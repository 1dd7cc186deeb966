//go:build linux

package auto

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"slipway/supervise/kernel"
	"slipway/supervise/logs/sink/sinktest"

	"golang.org/x/sys/unix"
)

func TestNew(t *testing.T) {
	dir := t.TempDir()
	seen := map[string]bool{}
	name := regexp.MustCompile(`^web_01-stderr---supervisor-[a-z0-9_]{8}\.log$`)
	for range 100 {
		path, err := New(&kernel.Linux{}, dir, "web_01", "stderr", "supervisor")
		if err != nil {
			t.Fatal(err)
		}
		if !name.MatchString(filepath.Base(path)) || seen[path] {
			t.Errorf("path = %s, want a new one like %s", path, name)
		}
		seen[path] = true
		st, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if st.Mode() != 0o600 {
			t.Errorf("mode = %o, want 600", st.Mode())
		}
		if !isAuto(filepath.Base(path), "supervisor") {
			t.Errorf("%s would not be cleaned", path)
		}
	}
	if _, err := New(&kernel.Linux{}, dir+"/missing", "x", "stdout", "y"); !errors.Is(err, unix.ENOENT) {
		t.Errorf("New in a missing directory = %v, want %v", err, unix.ENOENT)
	}
}

func TestClean(t *testing.T) {
	rows := []struct {
		name string
		gone bool
	}{
		{"web-stdout---supervisor-abcd1234.log", true},
		{"web-stdout---supervisor-abcd1234.log.1", true},
		{"web-stdout---supervisor-abcd1234.log.1234", true},
		{"web-stdout---supervisor-abcd1234.log.", true},
		{"web-stdout---supervisor-abcd1234.log12", true},
		{"x---supervisor-y.log", true},
		{"a---supervisor-b---supervisor-c.log", true},
		{"with blank---supervisor-y.log", true},
		{"web-stdout---supervisor-abcd1234.log.12.gz", true},
		{"web-stdout---supervisor-abcd1234.log.gz~", true},
		{"web-stdout---supervisor-abcd1234.log.12345", false},
		{"web-stdout---supervisor-abcd1234.log.12345.gz", false},
		{"web-stdout---supervisor-abcd1234.log.gz", false},
		{"web-stdout---supervisor-ab cd.log", false},
		{"web-stdout---supervisor-.log", false},
		{"---supervisor-abcd1234.log", false},
		{"web-stdout---other-abcd1234.log", false},
		{"web-stdout--supervisor-abcd1234.log", false},
		{"supervisord.log", false},
	}
	dir := t.TempDir()
	for _, row := range rows {
		sinktest.Put(t, filepath.Join(dir, row.name), "")
	}
	if err := os.Mkdir(filepath.Join(dir, "dir---supervisor-y.log"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := Clean(&kernel.Linux{}, dir, "supervisor"); err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			_, err := os.Stat(filepath.Join(dir, row.name))
			if gone := os.IsNotExist(err); gone != row.gone {
				t.Errorf("gone = %v, want %v", gone, row.gone)
			}
		})
	}
	if _, err := os.Stat(filepath.Join(dir, "dir---supervisor-y.log")); err != nil {
		t.Errorf("a directory was touched: %v", err)
	}
	if err := Clean(&kernel.Linux{}, dir+"/missing", "supervisor"); err == nil {
		t.Error("no error for a missing directory")
	}
}
