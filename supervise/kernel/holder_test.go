package kernel_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"

	"slipway/supervise/kernel"
	"slipway/supervise/kernel/kerneltest"
)

// envLinked says that this executable begins at the entry of package early.
const envLinked = "SLIPWAY_TEST_LINKED"

// What the holders of the simulated machine do is what real ones do. They are our own
// executable, which needs the entry for that: the test is built once more, with it.
func TestHoldersKeepTheContract(t *testing.T) {
	if os.Getenv(envLinked) == "" {
		runLinked(t, "TestHoldersKeepTheContract")
		return
	}
	k, err := kernel.Open()
	if err != nil {
		t.Fatal(err)
	}
	if err := kernel.BecomeSubreaper(); err != nil {
		t.Fatal(err)
	}
	kerneltest.HolderContract(t, onLinux(k))
}

// runLinked runs a test of this package in an executable with the entry.
func runLinked(t *testing.T, test string) {
	if runtime.GOARCH != "amd64" && runtime.GOARCH != "arm64" {
		t.Skip("there is no entry for " + runtime.GOARCH)
	}
	bin := filepath.Join(t.TempDir(), "linked.test")
	build := exec.Command("go", "test", "-c", "-ldflags=-E slipway/supervise/early.entry", "-o", bin, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("cannot build: %v\n%s", err, out)
	}
	run := exec.Command(bin, "-test.run=^"+test+"$", "-test.v")
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
