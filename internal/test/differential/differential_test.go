package differential

import (
	"fmt"
	"os"
	"regexp"
	"sync"
	"sync/atomic"
	"testing"

	"slipway/internal/test/oracletest"
	"slipway/internal/test/testkit"
)

// atOnce is how many scenarios run at the same time. They mostly wait.
const atOnce = 12

func TestDifferential(t *testing.T) {
	testkit.Need(t, testkit.Linux, testkit.Root)
	if testing.Short() {
		t.Skip("takes minutes")
	}
	scenarios := readScenarios(t)
	if len(scenarios) < 80 {
		t.Errorf("%d scenarios were found, want at least the 80 that were promised", len(scenarios))
	}
	oracle := oracletest.Start(t)
	ours := testkit.Binaries(t).Slipway
	slots := make(chan struct{}, atOnce)
	var ran, equal atomic.Int32
	t.Run("all", func(t *testing.T) {
		for _, s := range scenarios {
			t.Run(s.topic+"/"+s.name, func(t *testing.T) {
				t.Parallel()
				ran.Add(1)
				slots <- struct{}{}
				defer func() { <-slots }()
				if compare(t, s, oracle, ours) {
					equal.Add(1)
				}
			})
		}
	})
	fmt.Printf("differential: %d scenarios, %d equal\n", ran.Load(), equal.Load())
}

func compare(t *testing.T, s scenario, oracle *oracletest.Oracle, ours string) bool {
	paths := []string{ours, ""} // "" is the original
	runs := make([]*run, len(paths))
	errs := make([]error, len(paths))
	var both sync.WaitGroup
	for i, path := range paths {
		dir := shortTempDir(t)
		runs[i] = &run{daemon: &daemon{path: path, oracle: oracle, dir: dir, conf: s.unpack(t, dir)}, s: s}
		both.Add(1)
		go func() { // waited for below
			defer both.Done()
			errs[i] = runs[i].execute(t)
		}()
	}
	both.Wait()
	for i, err := range errs {
		if err != nil {
			t.Errorf("%s: %v", map[int]string{0: "slipway", 1: "original"}[i], err)
		}
	}
	if t.Failed() {
		return false
	}
	if d := difference(runs[0].tr, runs[1].tr); d != "" {
		t.Error(d)
		return false
	}
	return true
}

// A rotation renames p.log.1 to p.log.2, and then p.log to p.log.1. Who waits for
// a line of p.log.1 must not be content with the moment between the two.
func TestWaitsForAFileThatIsThere(t *testing.T) {
	r := &run{daemon: &daemon{dir: t.TempDir()}}
	line := regexp.MustCompile("(?m)f") // as in "no such file or directory"
	write(t, r.path("p.log"), "e\nf\n")
	write(t, r.path("p.log.1"), "c\nd\n")
	for _, step := range []struct {
		name string
		do   func() error
		want bool
	}{
		{"before", func() error { return nil }, false},
		{"backups moved", func() error { return os.Rename(r.path("p.log.1"), r.path("p.log.2")) }, false},
		{"file moved", func() error { return os.Rename(r.path("p.log"), r.path("p.log.1")) }, true},
	} {
		if err := step.do(); err != nil {
			t.Fatal(err)
		}
		if got := r.holds("p.log.1", line); got != step.want {
			t.Errorf("%s: p.log.1 holds the line: %v, want %v", step.name, got, step.want)
		}
	}
}

// shortTempDir is a t.TempDir for sockets, whose paths must be short.
func shortTempDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "d")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}
