package containers

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"slipway/internal/testkit"
)

// TestEarlySignal: the kernel drops a signal to PID 1 that has no handler yet. A
// TERM at any moment after the start must end the container all the same: in the
// launch stage, across the exec, before and after the first program.
//
// The first 2 ms are the Go runtime's, which has not installed its handlers; no
// program can do anything about them.
func TestEarlySignal(t *testing.T) {
	testkit.Need(t, testkit.Linux, testkit.Root)
	bins := testkit.Binaries(t)
	dir := t.TempDir()
	conf := filepath.Join(dir, "slipway.conf")
	write(t, filepath.Join(dir, "t.tmpl"), "x\n")
	write(t, conf, fmt.Sprintf("[supervisord]\nlogfile=/dev/null\npidfile=%s/pid\n[template:%s/out]\nsource=%s/t.tmpl\n"+
		"[program:web]\ncommand=/bin/sleep 1000\n", dir, dir, dir))

	for delay := 2 * time.Millisecond; delay <= 50*time.Millisecond; delay += 2 * time.Millisecond {
		t.Run(delay.String(), func(t *testing.T) {
			cmd := exec.Command(bins.Slipway, "run", "-c", conf)
			testkit.AsPID1(t, cmd)
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			done := make(chan error, 1)
			go func() { done <- cmd.Wait() }() // ends with the process, killed below at the latest
			defer cmd.Process.Kill()           // an error means that it has ended

			awaitExe(t, cmd.Process.Pid, "slipway")
			<-time.After(delay)
			if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
				t.Fatal(err)
			}
			select {
			case <-done:
				if got := cmd.ProcessState.ExitCode(); got != 0 && got != 128+int(syscall.SIGTERM) {
					t.Errorf("exit status = %d (%v), want 0 or 143", got, cmd.ProcessState)
				}
			case <-time.After(5 * time.Second):
				t.Errorf("TERM after %v was lost: it still runs after 5 s", delay)
			}
		})
	}
}

// awaitExe waits, without a pause, until a process runs the executable: the shell
// before it has prepared the namespace.
func awaitExe(t *testing.T, pid int, name string) {
	t.Helper()
	deadline := time.Now().Add(10 * time.Second)
	for time.Now().Before(deadline) {
		exe, err := os.Readlink(fmt.Sprintf("/proc/%d/exe", pid))
		if err == nil && strings.HasPrefix(filepath.Base(exe), name) {
			return
		}
	}
	t.Fatalf("pid %d does not come to run %s", pid, name)
}
