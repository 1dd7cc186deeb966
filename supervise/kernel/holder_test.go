package kernel_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"slipway/internal/test/testkit"
	"slipway/supervise/kernel"
	"slipway/supervise/kernel/kerneltest"
)

// envLinked says that this executable begins at the entry of package early.
const envLinked = "SLIPWAY_TEST_LINKED"

// What the holders of the simulated machine do is what real ones do. They are our own
// executable, which needs the entry for that: the test is built once more, with it.
func TestHolders(t *testing.T) {
	if os.Getenv(envLinked) == "" {
		runLinked(t)
		return
	}
	t.Run("keep nothing", holderKeepsNothing)
	t.Run("keep the contract", holdersKeepTheContract)
}

func holdersKeepTheContract(t *testing.T) {
	k, err := kernel.Open()
	if err != nil {
		t.Fatal(err)
	}
	if err := kernel.BecomeSubreaper(); err != nil {
		t.Fatal(err)
	}
	kerneltest.HolderContract(t, onLinux(k))
}

// A holder lives as long as its program, and everybody can look at it: it has nothing of
// the program's, and little memory.
func holderKeepsNothing(t *testing.T) {
	k, err := kernel.Open()
	if err != nil {
		t.Fatal(err)
	}
	null, err := k.Null()
	if err != nil {
		t.Fatal(err)
	}
	h, err := k.Hold(&kernel.Command{
		Path: "/bin/sleep", Argv: []string{"sleep", "1000"}, Umask: -1, Dir: t.TempDir(), Files: []int{null, null, null},
		Env: append(os.Environ(), "TOKEN=hunter2", "LONG="+strings.Repeat("x", 20000)),
	})
	if err != nil {
		t.Fatal(err)
	}
	defer bury(k)
	defer k.SignalTree(h.PID, syscall.SIGKILL)
	proc := "/proc/" + strconv.Itoa(h.PID)
	testkit.Eventually(t, testkit.Patience, "the holder has settled", func() error {
		for file, want := range map[string]string{"environ": "", "cmdline": "", "comm": "slipway-holder\n"} {
			if text, err := os.ReadFile(proc + "/" + file); err != nil || string(text) != want {
				return fmt.Errorf("%s has %q (%v), want %q", file, text, err, want)
			}
		}
		cwd, err := os.Readlink(proc + "/cwd")
		if err != nil || cwd != "/" {
			return fmt.Errorf("directory %q, %v", cwd, err)
		}
		fds, err := os.ReadDir(proc + "/fd")
		if err != nil || len(fds) != 2 {
			return fmt.Errorf("descriptors %v, %v, want its socket and its signals", fds, err)
		}
		rollup, err := os.ReadFile(proc + "/smaps_rollup")
		if err != nil || !strings.Contains(string(rollup), "Anonymous:             4 kB") {
			return fmt.Errorf("it has more than a page of its own: %s, %v", rollup, err)
		}
		if n := residentKiB(string(rollup)); n > 24 {
			return fmt.Errorf("it has %d KiB of the executable's pages, want three of its code: %s", n, rollup)
		}
		return nil
	})
}

// residentKiB is what Rss of a smaps_rollup says, -1 without one.
func residentKiB(rollup string) int {
	for line := range strings.Lines(rollup) {
		if f := strings.Fields(line); len(f) == 3 && f[0] == "Rss:" {
			if n, err := strconv.Atoi(f[1]); err == nil {
				return n
			}
		}
	}
	return -1
}

// runLinked runs the test that calls it in an executable with the entry.
func runLinked(t *testing.T) {
	if runtime.GOARCH != "amd64" && runtime.GOARCH != "arm64" {
		t.Skip("there is no entry for " + runtime.GOARCH)
	}
	bin := filepath.Join(t.TempDir(), "linked.test")
	build := exec.Command("go", "test", "-c", "-ldflags=-E slipway/supervise/early.entry", "-o", bin, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("cannot build: %v\n%s", err, out)
	}
	run := exec.Command(bin, "-test.run=^"+t.Name()+"$", "-test.v")
	run.Env = append(os.Environ(), envLinked+"=1")
	out, err := run.CombinedOutput()
	t.Logf("%s", out)
	if err != nil {
		t.Fatal(err)
	}
}

// An executable of go build alone has no holders, and says so.
func TestNoHolderWithoutTheEntry(t *testing.T) {
	var k kernel.Linux
	_, err := k.Hold(&kernel.Command{Path: "/bin/true", Argv: []string{"true"}, Umask: -1})
	var none kernel.NoHolder
	if !errors.As(err, &none) || none == "" {
		t.Errorf("error %v, want the reason why there is no holder", err)
	}
}
