package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"slipway/internal/test/testkit"
)

// fed is a pipe that gives a text once.
func fed(t *testing.T, text string) *os.File {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.WriteString(text); err != nil { // it fits
		t.Fatal(err)
	}
	w.Close()
	t.Cleanup(func() { r.Close() })
	return r
}

// A configuration that can be read only once, from a pipe or a shell's <(…), is the same for
// every stage of every mode.
func TestConfigurationThatCanBeReadOnce(t *testing.T) {
	const conf = `
[slipway]
runtime = DIR/run
[program:web]
command = /bin/sh -c "echo web runs; exec sleep 1000"
startsecs = 0
stdout_logfile = DIR/web.log
`
	for _, row := range []struct {
		name string
		argv string // FILE stands for the configuration
		runs bool   // until somebody ends it
		want string
	}{
		{"run", "slipway run -c FILE", true, ""},
		{"supervisord", "supervisord -n -c FILE", true, ""},
		{"exec", "slipway exec -c FILE -- /bin/echo executed", false, "executed"},
		{"check", "slipway check -c FILE", false, "1 process"},
		{"render", "slipway render --check -c FILE", false, "nothing to change"},
		{"layers", "slipway layers -c FILE", false, "[program:web]"},
	} {
		for _, file := range []string{"/dev/stdin", "/dev/fd/3", "/proc/self/fd/3"} {
			t.Run(row.name+" "+file, func(t *testing.T) {
				c := newContainer(t, "")
				pipe := fed(t, strings.ReplaceAll(conf, "DIR", c.dir))
				words := strings.Fields(strings.ReplaceAll(row.argv, "FILE", file))
				c.prepare(words[0], words[1:]...)
				if file == "/dev/stdin" {
					c.cmd.Stdin = pipe
				} else {
					c.cmd.ExtraFiles = []*os.File{pipe}
				}
				c.launch()
				if !row.runs {
					if status, out := c.wait(); status != 0 || !strings.Contains(out, row.want) {
						t.Errorf("status %d, %q, want 0 and %q", status, out, row.want)
					}
					return
				}
				c.healthy()
				if row.name == "run" {
					c.reloadsOnce(file)
				}
				if status, out := c.ask("shutdown"); status != 0 {
					t.Errorf("shutdown = %d, %q", status, out)
				}
				status, out := c.wait()
				if log, err := os.ReadFile(filepath.Join(c.dir, "web.log")); status != 0 || string(log) != "web runs\n" {
					t.Errorf("status %d, the program has printed %q, %v, want that it has run once:\n%s", status, log, err, out)
				}
				if row.name == "run" && strings.Count(out, file+": can be read only once") != 2 {
					t.Errorf("the two reloads have not said that %s cannot be read again:\n%s", file, out)
				}
			})
		}
	}
}

// reloadsOnce reloads twice and insists that nothing has changed.
func (c *container) reloadsOnce(file string) {
	c.t.Helper()
	if status, out := c.ask("reread"); status != 0 || !strings.Contains(out, "nothing differs") {
		c.t.Errorf("reread = %d, %q, want that nothing differs", status, out)
	}
	if err := c.cmd.Process.Signal(syscall.SIGHUP); err != nil {
		c.t.Fatal(err)
	}
	if status, out := c.ask("status"); status != 0 || !strings.Contains(out, "RUNNING") {
		c.t.Errorf("status = %d, %q, want RUNNING", status, out)
	}
	if status, out := c.ask("render", "--diff"); status != 0 {
		c.t.Errorf("render with %s = %d, %q", file, status, out)
	}
}

// A daemon that leaves its parent takes the configuration along.
func TestDaemonOfAConfigurationThatCanBeReadOnce(t *testing.T) {
	c := newContainer(t, "")
	cmd := exec.Command(c.bins.Slipway, "-c", "/dev/stdin")
	cmd.Args[0], cmd.Dir = "supervisord", c.dir
	cmd.Stdin = fed(t, fmt.Sprintf("[slipway]\nruntime = %s/run\n[supervisord]\nlogfile = %s/log\npidfile = %s/pid\n[program:web]\ncommand = /bin/sleep 1000\nstartsecs = 0\n", c.dir, c.dir, c.dir))
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("supervisord: %v: %s", err, out)
	}
	c.healthy()
	if status, out := c.ask("status"); status != 0 || !strings.Contains(out, "RUNNING") {
		t.Errorf("status = %d, %q, want RUNNING", status, out)
	}
	if status, out := c.ask("shutdown"); status != 0 {
		t.Errorf("shutdown = %d, %q", status, out)
	}
	testkit.Eventually(t, testkit.Patience, "the daemon ends", func() error {
		if status, out := c.ask("status"); status != 69 {
			return fmt.Errorf("status = %d, %s", status, out)
		}
		return nil
	})
}
