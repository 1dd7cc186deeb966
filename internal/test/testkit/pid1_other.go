//go:build !linux

package testkit

import (
	"os/exec"
	"testing"
)

// AsPID1 skips the test: PID namespaces are Linux's.
func AsPID1(t testing.TB, _ *exec.Cmd) {
	t.Helper()
	Need(t, Linux)
}
