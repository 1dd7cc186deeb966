package containers

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"slipway/internal/test/testkit"
)

// TestEarlySignal: the kernel drops a signal to PID 1 that has no handler. A TERM
// at any moment of the start must end the container all the same: while files are
// rendered, before and after the first program. The moments are spread over the time
// that a start takes here.
//
// They begin when the process first has a handler, which is what its first instructions
// install. From then on none is lost, in the execve into the supervisor either, and none
// ends it with the status 2 of the Go runtime.
func TestEarlySignal(t *testing.T) {
	testkit.Need(t, testkit.Linux, testkit.Root)
	if testing.Short() {
		t.Skip("starts the supervisor many times")
	}
	moments := testkit.Repeat(t, 40)
	whole := startUp(t, func(_ *exec.Cmd, up func() bool) time.Duration {
		begin := time.Now()
		testkit.Eventually(t, testkit.Patience, "the program starts", func() error {
			if !up() {
				return errors.New("it has not")
			}
			return nil
		})
		return time.Since(begin)
	})
	for i := range moments {
		delay := whole * 5 / 4 * time.Duration(i) / time.Duration(moments)
		startUp(t, func(cmd *exec.Cmd, _ func() bool) time.Duration {
			<-time.After(delay)
			image := handlesTerm(cmd.Process.Pid)
			if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
				t.Fatal(err)
			}
			done := make(chan error, 1)
			go func() { done <- cmd.Wait() }() // ends with the process, which startUp kills
			select {
			case <-done:
				if got := cmd.ProcessState.ExitCode(); got != 0 && got != 128+int(syscall.SIGTERM) {
					t.Errorf("TERM after %v of %v: exit status = %d, want 0 or 143\n%s", delay, whole, got, cmd.Stderr)
				}
			case <-time.After(testkit.Patience):
				t.Errorf("TERM after %v of %v, to %q, was lost", delay, whole, image)
			}
			return 0
		})
	}
}

// startUp starts slipway as PID 1, waits until it handles TERM, calls f, and ends
// it. up tells whether the program has started.
func startUp(t *testing.T, f func(cmd *exec.Cmd, up func() bool) time.Duration) time.Duration {
	t.Helper()
	dir := t.TempDir()
	conf := filepath.Join(dir, "slipway.conf")
	write(t, filepath.Join(dir, "t.tmpl"), "x\n")
	write(t, conf, strings.ReplaceAll("[slipway]\nruntime=DIR/run\n[supervisord]\nlogfile=/dev/null\npidfile=DIR/pid\n[template:DIR/out]\nsource=DIR/t.tmpl\n"+
		"[program:web]\ncommand=/bin/sh -c 'echo >DIR/up; exec sleep 1000'\n", "DIR", dir))
	cmd := exec.Command(testkit.Binaries(t).Slipway, "run", "-c", conf)
	cmd.Stderr = new(strings.Builder)
	testkit.AsPID1(t, cmd)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		cmd.Process.Kill() // an error means that it has ended
		cmd.Wait()         // or has been waited for
	}()
	awaitHandler(t, cmd.Process.Pid)
	return f(cmd, func() bool {
		_, err := os.Stat(filepath.Join(dir, "up"))
		return err == nil
	})
}

// awaitHandler waits, without a pause, until a process runs slipway and handles
// TERM: before it runs the shell that has prepared the namespace.
func awaitHandler(t *testing.T, pid int) {
	t.Helper()
	deadline := time.Now().Add(testkit.Patience)
	for handlesTerm(pid) == "" {
		if time.Now().After(deadline) {
			t.Fatalf("pid %d does not come to handle TERM", pid)
		}
	}
}

// handlesTerm is the name of the executable that a process runs, if that is one of
// ours and has a handler for TERM.
func handlesTerm(pid int) (image string) {
	exe, err := os.Readlink(fmt.Sprintf("/proc/%d/exe", pid))
	if err != nil || !strings.HasPrefix(filepath.Base(exe), "slipway") {
		return ""
	}
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return ""
	}
	for line := range strings.Lines(string(status)) {
		if mask, found := strings.CutPrefix(line, "SigCgt:"); found {
			caught, err := strconv.ParseUint(strings.TrimSpace(mask), 16, 64)
			if err == nil && caught&(1<<(syscall.SIGTERM-1)) != 0 {
				return filepath.Base(exe)
			}
		}
	}
	return ""
}
