package containers

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"slipway/internal/test/testkit"
)

// threads is how many threads a process has.
func threads(t *testing.T, pid int) string {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Fatalf("PID 1 is gone: %v", err)
	}
	_, rest, _ := strings.Cut(string(text), "\nThreads:")
	line, _, _ := strings.Cut(rest, "\n")
	return strings.TrimSpace(line)
}

// thrown reports whether the Go runtime has given up.
func thrown(text string) bool {
	return strings.Contains(text, "goroutine ") || strings.Contains(text, "newosproc")
}

// TestProcessLimit: a program forks until the container has as many processes as it may,
// others print and die beside it. PID 1 makes no thread, clients answer or say why not,
// and the end is orderly.
func TestProcessLimit(t *testing.T) {
	build(t)
	ini := program("bomb", "/bin/sh -c 'while :; do sleep 3 & done'", "on_fatal=ignore", "autorestart=true") +
		program("talk", "/bin/sh -c 'while :; do echo hello; done'", "on_fatal=ignore", "stopsignal=KILL") +
		program("die", "/bin/sh -c 'echo dying >&2; read -t 0.1 x </proc/1/mem; exit 1'", "on_fatal=ignore", "startretries=100000")
	for range testkit.Repeat(t, 2) {
		c := testkit.Run(t, testkit.RunOptions{Image: image, Flags: configured(t, ini, "--pids-limit", "40")})
		pid := c.PID(t)
		before := ""
		testkit.Eventually(t, testkit.Patience, "the limit is reached", func() error {
			if strings.Contains(c.Logs(t), "Too many processes") || strings.Contains(c.Logs(t), "can't fork") {
				before = threads(t, pid)
				return nil
			}
			return errors.New("not yet")
		})
		for range 5 {
			// The engine may not be able to start anything there, either.
			out, _ := exec.Command("docker", "exec", c.ID, "slipway", "status").CombinedOutput()
			if thrown(string(out)) && strings.Contains(string(out), "slipway/") {
				t.Errorf("slipway status: %s", out)
			}
			c.Kill(t, "HUP")
		}
		if after := threads(t, pid); after != before {
			t.Errorf("PID 1 had %s threads, then %s", before, after)
		}
		c.Stop(t, time.Minute)
		if status, log := c.ExitStatus(t, testkit.Patience), c.Logs(t); status != 0 || thrown(log) {
			t.Errorf("exit status after docker stop = %d, want 0\n%s", status, log)
		}
	}
}

// TestTooFewTasks: where a container may have fewer threads than a start takes, it says so.
func TestTooFewTasks(t *testing.T) {
	build(t)
	for _, limit := range []int{1, 3, 5, 8, 12, 13, 14} {
		out, err := exec.Command("docker", "run", "--rm", "--pids-limit", fmt.Sprint(limit), image, "run", "--", "sh", "-c", "echo up; exit 5").CombinedOutput()
		status := 0
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			status = exit.ExitCode()
		}
		said := strings.Contains(string(out), "cannot start: the kernel makes no more processes and threads")
		t.Logf("limit %d: %d, %v", limit, status, said)
		switch {
		case status == 5 && limit > 12, status == 71 && said:
		case status == 125 || status == 128 || strings.Contains(string(out), "OCI runtime"): // the engine's own start has failed
		default:
			t.Errorf("with %d tasks: exit status %d, want 71, or 5\n%s", limit, status, out)
		}
	}
}
