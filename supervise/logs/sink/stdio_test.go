//go:build linux

package sink

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// TestBrokenStdout runs this test binary with a stdout whose reader is gone: Go
// ends a program for that if it writes through os.Stdout.
func TestBrokenStdout(t *testing.T) {
	if os.Getenv("LOGS_TEST_CHILD") != "" {
		targets := NewTargets(Options{})
		s := targets.Stdio(1)
		s.Write([]byte("x"))
		targets.Close(time.Now().Add(time.Minute))
		if err := s.w.Err(); err != unix.EPIPE {
			fmt.Fprintln(os.Stderr, "error is", err)
			os.Exit(4)
		}
		os.Exit(3)
	}
	pr, pw, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	pr.Close()
	var stderr bytes.Buffer
	cmd := exec.Command(os.Args[0], "-test.run=^TestBrokenStdout$")
	cmd.Env = append(os.Environ(), "LOGS_TEST_CHILD=1")
	cmd.Stdout, cmd.Stderr = pw, &stderr
	err = cmd.Run()
	pw.Close()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != 3 {
		t.Errorf("child: %v, want exit status 3; stderr: %s", err, stderr.Bytes())
	}
}

func TestStdioFD(t *testing.T) {
	dir := t.TempDir()
	link := func(to, name string) string {
		path := dir + "/" + name
		if err := os.Symlink(to, path); err != nil {
			t.Fatal(err)
		}
		return path
	}
	rows := []struct {
		path   string
		want   int // by name alone
		linked int // links followed
	}{
		{"/dev/stdout", 1, 1},
		{"/dev/stderr", 2, 2},
		{"/dev/fd/1", 1, 1},
		{"/dev/fd/2", 2, 2},
		{"/proc/self/fd/1", 1, 1},
		{"/proc/self/fd/2", 2, 2},
		{fmt.Sprintf("/proc/%d/fd/1", os.Getpid()), 1, 1},
		{"/dev/fd/0", 0, 0},
		{"/dev/fd/3", 0, 0},
		{"/dev/fd/11", 0, 0},
		{"/proc/1/fd/1", 0, 0},
		{"/dev/null", 0, 0},
		{"stdout", 0, 0},
		{"", 0, 0},
		{link("/dev/stdout", "access.log"), 0, 1},
		{link("access.log", "twice.log"), 0, 1},
		{link("../"+"missing", "broken"), 0, 0},
		{link("loop", "loop"), 0, 0},
	}
	for _, row := range rows {
		t.Run(row.path, func(t *testing.T) {
			if got := StdioFD(row.path); got != row.want {
				t.Errorf("StdioFD = %d, want %d", got, row.want)
			}
			if got := NewTargets(Options{}).FD(row.path); got != row.linked {
				t.Errorf("FD = %d, want %d", got, row.linked)
			}
			if got := IsStdio(row.path); got != (row.want != 0) {
				t.Errorf("IsStdio = %v", got)
			}
		})
	}
}
