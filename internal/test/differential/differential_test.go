package differential

import (
	"fmt"
	"os"
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
	ours := testkit.Binaries(t).Slipway
	oracle := oracletest.Start(t)
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
