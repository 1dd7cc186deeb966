package containers

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"slipway/internal/test/testkit"
	"slipway/supervise/control"
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
		program("talk", "/bin/sh -c 'while :; do echo hello; i=0; while [ $i -lt 1000 ]; do i=$((i+1)); done; done'", "on_fatal=ignore", "stopsignal=KILL") +
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
	for _, limit := range []int{1, 3, 5, 8, 12, 13, 14, 15} {
		out, err := exec.Command("docker", "run", "--rm", "--pids-limit", fmt.Sprint(limit), image, "run", "--", "sh", "-c", "echo up; exit 5").CombinedOutput()
		status := 0
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			status = exit.ExitCode()
		}
		said := strings.Contains(string(out), "cannot start: the kernel makes no more processes and threads")
		t.Logf("limit %d: %d, %v", limit, status, said)
		switch {
		case status == 5 && limit > 13, status == 71 && said:
		case status == 125 || status == 128 || strings.Contains(string(out), "OCI runtime"): // the engine's own start has failed
		default:
			t.Errorf("with %d tasks: exit status %d, want 71, or 5\n%s", limit, status, out)
		}
	}
}

// TestDescriptorLimit: clients of the control socket take all descriptors that they can
// get. A program that dies is started again, and PID 1 has nothing to do in between.
func TestDescriptorLimit(t *testing.T) {
	build(t)
	dir := t.TempDir()
	write(t, dir+"/keep", "")
	ini := program("die", "/bin/sh -c 'echo up; read -t 1 x </proc/1/fd/none; sleep 2; exit 1'", "on_fatal=ignore")
	c := testkit.Run(t, testkit.RunOptions{Image: image, Flags: configured(t, ini, "--ulimit", "nofile=64:64", "-v", dir+":/run/slipway")})
	pid := c.PID(t)
	says(t, c, "up")
	for range 100 {
		conn, err := net.Dial("unix", dir+"/control.sock")
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		// A call that stays open: the events.
		conn.Write(control.AppendFrame(nil, control.Frame{
			Kind: control.FrameRequest, ID: 1, Method: control.OpEventStream, Args: []control.Value{control.Strings(nil)},
		}))
	}
	says(t, c, "cannot serve another client of the control socket")
	before, used := strings.Count(c.Logs(t), "up\n"), cpu(t, pid)
	began := time.Now()
	testkit.Eventually(t, testkit.Patience, "the program is started again", func() error {
		if n := strings.Count(c.Logs(t), "up\n"); n < before+2 {
			return fmt.Errorf("%d starts", n)
		}
		return nil
	})
	if took := cpu(t, pid) - used; took > time.Since(began)/4 {
		t.Errorf("PID 1 needed %v of CPU in %v: it spins", took, time.Since(began))
	}
	c.Stop(t, time.Minute)
	if status := c.ExitStatus(t, testkit.Patience); status != 0 {
		t.Errorf("exit status after docker stop = %d, want 0", status)
	}
}

// cpu is how much CPU time a process has used, in the kernel and outside.
func cpu(t *testing.T, pid int) time.Duration {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), ") ")
	f := strings.Fields(rest)
	var ticks time.Duration
	for _, field := range f[11:13] {
		n, err := strconv.Atoi(field)
		if err != nil {
			t.Fatal(err)
		}
		ticks += time.Duration(n)
	}
	return ticks * time.Second / 100
}
