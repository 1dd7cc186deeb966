package main

import (
	"compress/gzip"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"slipway/internal/test/testkit"
)

// oldLogs returns what a log and its old files hold, oldest first, and the names of the latter.
func oldLogs(t *testing.T, path string) (text string, names []string) {
	t.Helper()
	names, err := filepath.Glob(path + ".*")
	if err != nil {
		t.Fatal(err)
	}
	number := func(name string) int {
		n, _ := strconv.Atoi(strings.TrimSuffix(strings.TrimPrefix(name, path+"."), ".gz"))
		return n
	}
	slices.SortFunc(names, func(a, b string) int { return number(b) - number(a) })
	var all strings.Builder
	for _, name := range append(names, path) {
		f, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		var r io.Reader = f
		if strings.HasSuffix(name, ".gz") {
			if r, err = gzip.NewReader(f); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
		}
		if _, err := io.Copy(&all, r); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		f.Close()
	}
	return all.String(), names
}

// A program prints as fast as it can, its log is put away again and again, and the old files
// are compressed meanwhile: every line is there once, in order. The end comes in the middle of
// it, and the next start compresses the rest.
func TestNoLineIsLostWhileOldLogsAreCompressed(t *testing.T) {
	n := testkit.Repeat(t, 100_000)
	const line = "line %d of a program that prints as fast as it can\n"
	conf := `[program:flood]
command = seq -f "line %%.0f of a program that prints as fast as it can" 1 ` + strconv.Itoa(n) + `
startsecs = 0
autorestart = false
stdout_logfile = DIR/flood.log
stdout_logfile_maxbytes = 500KB
stdout_logfile_backups = 500
log_compress = gzip
[program:stays]
command = sleep 1000
`
	c := newContainer(t, conf)
	c.start("slipway", "run", "-c", "app.conf")
	testkit.Eventually(t, testkit.Patience, "the end of the flood", func() error {
		if _, out := c.ask("status", "flood"); !strings.Contains(out, "EXITED") {
			return fmt.Errorf("status: %s", out)
		}
		return nil
	})
	c.ask("shutdown")
	c.wait()
	log := filepath.Join(c.dir, "flood.log")
	again := newContainer(t, strings.NewReplacer("DIR", c.dir, "seq -f", "true", "1 "+strconv.Itoa(n), "").Replace(conf))
	again.start("slipway", "run", "-c", "app.conf")
	testkit.Eventually(t, testkit.Patience, "all old files are compressed", func() error {
		if left, _ := filepath.Glob(log + ".*[0-9~]"); len(left) > 0 {
			return fmt.Errorf("%v are left", left)
		}
		return nil
	})
	again.ask("shutdown")
	again.wait()
	text, names := oldLogs(t, log)
	if len(names) < 5 {
		t.Errorf("there are %d old files only", len(names))
	}
	next := 1
	for got := range strings.Lines(text) {
		if want := fmt.Sprintf(line, next); got != want {
			t.Fatalf("got %q, want %q", got, want)
		}
		next++
	}
	if next != n+1 {
		t.Errorf("%d lines are there, want %d", next-1, n)
	}
}
