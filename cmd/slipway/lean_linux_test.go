package main

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"slipway/internal/test/testkit"
)

// rests waits until the watcher of the container is the small program, and returns its number.
func (c *container) rests() (pid int) {
	c.t.Helper()
	testkit.Eventually(c.t, testkit.Patience, "the watcher rests", func() error {
		for _, p := range descendants(c.t, c.cmd.Process.Pid) {
			if line, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", p)); strings.Contains(string(line), "wait-for-files") {
				pid = p
				return nil
			}
		}
		return errors.New(c.read("activity.log"))
	})
	return pid
}

// lean is a container with a file to follow; lines are more of its configuration.
func lean(t *testing.T, lines string) *container {
	t.Helper()
	c := newContainer(t, `
quiet = 50ms
[supervisord]
logfile = DIR/activity.log
loglevel = debug
[env:COLOUR]
values = red, green, blue, black
type = enum
[template:DIR/out.conf]
source = DIR/sources/out.tmpl
notify = web
[program:web]
command = /bin/sh -c "trap 'echo told >>DIR/told' HUP; while :; do sleep 0.02; done"
startsecs = 0
reload = signal HUP
`+lines)
	c.write("sources/out.tmpl", "colour {{ .Env.COLOUR }}\n")
	c.write("env.d/a.env", "COLOUR=red\n")
	c.start("slipway", "run", "-c", "app.conf")
	c.healthy()
	c.has("out.conf", "colour red")
	return c
}

// ends stops the container, which ends well, the watcher included.
func (c *container) ends() {
	c.t.Helper()
	if err := c.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		c.t.Fatal(err)
	}
	if status, out := c.wait(); status != 0 {
		c.t.Errorf("status = %d, want 0: %s", status, out)
	}
}

// pss is the proportional memory of a process, in KiB.
func pss(t *testing.T, pid int) int {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", pid))
	if err != nil {
		t.Skip("this kernel does not tell: ", err)
	}
	for line := range strings.Lines(string(text)) {
		if f := strings.Fields(line); len(f) > 1 && f[0] == "Pss:" {
			n, err := strconv.Atoi(f[1])
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
	}
	t.Fatalf("no Pss in %s", text)
	return 0
}

// What waits for files is small, the same process, and nobody is told that it is not the watcher.
// Each kind of change wakes it, and it rests again.
func TestTheWatcherRests(t *testing.T) {
	t.Parallel()
	c := lean(t, "")
	pid := c.rests()
	// It gives back what its start has needed, and is that process before.
	testkit.Eventually(t, testkit.Patience, "it needs little", func() error {
		if got, most := pss(t, pid), 2560; got > most {
			return fmt.Errorf("it has %d KiB, want at most %d", got, most)
		}
		return nil
	})
	t.Logf("it has %d KiB", pss(t, pid))
	for _, change := range []struct{ name, file, text, out string }{
		{"a value", "env.d/a.env", "COLOUR=green\n", "colour green"},
		{"a template", "sources/out.tmpl", "paint {{ .Env.COLOUR }}\n", "paint green"},
		{"a new file in a folder", "env.d/b.env", "COLOUR=blue\n", "paint blue"},
	} {
		t.Run(change.name, func(t *testing.T) {
			told := strings.Count(c.read("told"), "told")
			c.write(change.file, change.text)
			c.has("out.conf", change.out)
			testkit.Eventually(t, testkit.Patience, "web is told", func() error {
				if got := strings.Count(c.read("told"), "told"); got != told+1 {
					return fmt.Errorf("told %d times, want once", got-told)
				}
				return nil
			})
			if got := c.rests(); got != pid {
				t.Errorf("process %d rests, want the same: %d", got, pid)
			}
		})
	}
	if log := c.read("activity.log"); strings.Contains(log, "the watcher has ended") {
		t.Errorf("somebody noticed:\n%s", log)
	}
	c.ends()
}

// A change that is wrong changes nothing, is said once, and the next one is taken.
func TestAWrongChangeWakesTheWatcher(t *testing.T) {
	t.Parallel()
	c := lean(t, "")
	for _, wrong := range []struct{ name, file, text, good string }{
		{"a value", "env.d/a.env", "COLOUR=puce\n", "COLOUR=red\n"},
		{"a template", "sources/out.tmpl", "{{ .Env.COLOUR", "colour {{ .Env.COLOUR }}\n"},
		{"a line that is none", "env.d/a.env", "COLOUR", "COLOUR=red\n"},
	} {
		t.Run(wrong.name, func(t *testing.T) {
			pid := c.rests()
			c.write(wrong.file, wrong.text)
			c.statusSays("files have not been rendered again since ", true)
			c.has("out.conf", "colour red")
			c.write(wrong.file, wrong.good)
			c.statusSays("files have not been rendered again since ", false)
			if got := c.rests(); got != pid {
				t.Errorf("process %d rests, want the same: %d", got, pid)
			}
		})
	}
	if log := c.read("activity.log"); strings.Contains(log, "the watcher has ended") {
		t.Errorf("the watcher has ended:\n%s", log)
	}
	c.ends()
}

// It is started again when it is killed, and what changed meanwhile is rendered.
func TestTheRestingWatcherIsKilled(t *testing.T) {
	t.Parallel()
	c := lean(t, "")
	pid := c.rests()
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	c.write("env.d/a.env", "COLOUR=green\n")
	c.has("out.conf", "colour green")
	if got := c.rests(); got == pid {
		t.Error("the same process rests, want another")
	}
	c.ends()
}

// Somebody else renders: what programs are owed then is paid by the watcher, which rests.
func TestTheRestingWatcherPays(t *testing.T) {
	t.Parallel()
	c := lean(t, "")
	c.rests()
	told := strings.Count(c.read("told"), "told")
	c.write("run/later", "") // a file beside the manifest is none of its business
	c.write("sources/out.tmpl", "paint {{ .Env.COLOUR }}\n")
	if status, out := c.ask("render"); status != 0 {
		t.Fatalf("render = %d: %s", status, out)
	}
	c.has("out.conf", "paint red")
	testkit.Eventually(t, testkit.Patience, "web is told once", func() error {
		if got := strings.Count(c.read("told"), "told"); got != told+1 {
			return fmt.Errorf("told %d times", got-told)
		}
		return nil
	})
	c.rests()
	c.ends()
}
