package testkit

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// recorder is a testing.TB that notes how a test would have ended.
type recorder struct {
	testing.TB
	skipped, failed string
}

func (r *recorder) Helper()                   {}
func (r *recorder) Skip(args ...any)          { r.skipped = args[0].(string) }
func (r *recorder) Fatalf(f string, a ...any) { r.failed = fmt.Sprintf(f, a...) }

// What a run asks for decides between use, skip and failure.
func TestNeed(t *testing.T) {
	const absent = "needs no-such-command-here: no no-such-command-here on this machine (apt-get install the package that brings no-such-command-here)"
	const unasked = "needs go, which this run does not ask for (SLIPWAY_REQUIRE=go, here or all)"
	for _, tt := range []struct {
		require         string
		what            Thing
		skipped, failed string
	}{
		{"", "go", unasked, ""},
		{"docker,etcd", "go", unasked, ""},
		{"here", "go", "", ""},
		{"go", "go", "", ""},
		{"all", "go", "", ""},
		{"", "sh", "", ""},
		{"here", "no-such-command-here", absent, ""},
		{"here,no-such-command-here", "no-such-command-here", "", absent},
		{"all", "no-such-command-here", "", absent},
	} {
		t.Run(tt.require+" "+string(tt.what), func(t *testing.T) {
			t.Setenv(require, tt.require)
			r := &recorder{TB: t}
			Need(r, tt.what)
			if failed, _, _ := strings.Cut(r.failed, ", and SLIPWAY_REQUIRE="); r.skipped != tt.skipped || failed != tt.failed {
				t.Errorf("Need: skipped %q, failed %q; want skipped %q, failed %q", r.skipped, r.failed, tt.skipped, tt.failed)
			}
		})
	}
}

func TestRepeatAndSeed(t *testing.T) {
	t.Setenv("SLIPWAY_REPEAT", "")
	t.Setenv("SLIPWAY_SEED", "")
	if n, few, s := Repeat(t, 7), Rounds(t, 2, 7), Seed(t); n != 7 || few != 2 || s != 1 {
		t.Errorf("by default: %d times, %d rounds, seed %d; want 7, 2, 1", n, few, s)
	}
	t.Setenv("SLIPWAY_REPEAT", "3")
	if n, many, a, b := Repeat(t, 7), Rounds(t, 2, 7), Seed(t), Seed(t); n != 21 || many != 21 || a == b {
		t.Errorf("repeated: %d times, %d rounds, seeds %d and %d; want 21, 21, and two different", n, many, a, b)
	}
	t.Setenv("SLIPWAY_SEED", "42")
	if s := Seed(t); s != 42 {
		t.Errorf("seed = %d, want 42", s)
	}
}

func TestPollReturnsLastError(t *testing.T) {
	last := errors.New("not yet")
	calls := 0
	got := poll(20*time.Millisecond, func() error { calls++; return last })
	if got != last || calls < 2 {
		t.Errorf("poll = %v after %d calls, want %v after several", got, calls, last)
	}
}

func TestAsPID1(t *testing.T) {
	Need(t, Linux, Root)
	cmd := exec.Command("/bin/sh", "-c", "echo $$; ls -d /proc/[0-9]* | wc -l")
	AsPID1(t, cmd)
	out, err := cmd.CombinedOutput()
	// The shell, ls and wc.
	if got := strings.Fields(string(out)); err != nil || len(got) != 2 || got[0] != "1" || got[1] > "4" {
		t.Errorf("in the namespace: %q, %v; want pid 1 and a /proc of its own", out, err)
	}
}

func TestBinariesAreStatic(t *testing.T) {
	Need(t, Linux)
	bins := Binaries(t)
	for _, path := range []string{bins.Slipway, bins.Init} {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(data), "ld-linux") {
			t.Errorf("%s is linked dynamically", filepath.Base(path))
		}
	}
}

func TestScratchContainer(t *testing.T) {
	Need(t, Docker)
	Build(t, "slipway-test/testkit:1", Context{
		"Dockerfile": {Text: "FROM scratch\nCOPY busybox /bin/busybox\nCOPY word /word\n"},
		"busybox":    {From: Busybox(t), Mode: 0o755},
		"word":       {Text: "hello\n"},
	})
	c := Run(t, RunOptions{Image: "slipway-test/testkit:1", Args: []string{"/bin/busybox", "sh", "-c", "/bin/busybox cat /word; trap 'exit 7' TERM; while :; do /bin/busybox sleep 0.1; done"}})
	Eventually(t, Patience, "the word is printed", func() error {
		if got := c.Logs(t); got != "hello\n" {
			return errors.New("log is " + got)
		}
		return nil
	})
	if out, status := c.Exec(t, "/bin/busybox", "sh", "-c", "echo out; exit 3"); out != "out\n" || status != 3 {
		t.Errorf("Exec = %q, %d; want \"out\\n\", 3", out, status)
	}
	if top := c.Top(t); len(top) == 0 || !strings.HasPrefix(top[0], "/bin/busybox sh") {
		t.Errorf("Top = %q, want busybox first", top)
	}
	c.Stop(t, 10*time.Second)
	if got := c.ExitStatus(t, Patience); got != 7 {
		t.Errorf("ExitStatus = %d, want 7", got)
	}
}
