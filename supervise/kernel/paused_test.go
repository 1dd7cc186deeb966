package kernel_test

import (
	"fmt"
	"os/exec"
	"syscall"
	"testing"

	"slipway/internal/test/testkit"
	"slipway/supervise/kernel"
)

func TestIsPaused(t *testing.T) {
	k := new(kernel.Linux)
	cmd := exec.Command("/proc/self/exe")
	cmd.Args = []string{playing, "pause"}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer cmd.Wait()
	defer cmd.Process.Kill()
	for _, tt := range []struct {
		sig  syscall.Signal
		want bool
	}{{syscall.SIGSTOP, true}, {syscall.SIGCONT, false}} {
		cmd.Process.Signal(tt.sig)
		testkit.Eventually(t, testkit.Patience, tt.sig.String(), func() error {
			if got := k.IsPaused(cmd.Process.Pid); got != tt.want {
				return fmt.Errorf("paused: %v", got)
			}
			return nil
		})
	}
	if k.IsPaused(1 << 30) {
		t.Error("a process that there is not is paused")
	}
}
