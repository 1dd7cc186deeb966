package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"slipway/internal/test/testkit"
)

// What could not be applied for a reason that passes is applied when it has passed, although
// nothing has changed since. status says meanwhile that it is tried again, the log says it once,
// and programs are told once.
func TestOwedIsTriedAgain(t *testing.T) {
	for _, tt := range []struct {
		name, lines string
		before      func(c *container) // makes it fail
		after       func(c *container) // lets the reason pass
		says        string
	}{
		{
			name:   "the folder of the file is gone",
			before: func(c *container) { c.rename("out", "away") },
			after:  func(c *container) { c.rename("away", "out") },
			says:   "does not exist",
		},
		{
			name:   "there is a folder in the place of the file",
			before: func(c *container) { c.rename("out/app.conf", "away"); c.write("out/app.conf/x", "") },
			after:  func(c *container) { c.remove("out/app.conf"); c.rename("away", "out/app.conf") },
			says:   "there is a directory in its place",
		},
		{
			name: "the check takes too long", lines: "[check:slow]\ncommand = test ! -e DIR/slow || sleep 60\ntimeout = 1s\n",
			before: func(c *container) { c.write("slow", "") },
			after:  func(c *container) { c.remove("slow") },
			says:   "killed after 1s",
		},
		{
			name: "the check is killed", lines: "[check:frail]\ncommand = test ! -e DIR/frail || kill -9 $$\n",
			before: func(c *container) { c.write("frail", "") },
			after:  func(c *container) { c.remove("frail") },
			says:   "signal: killed",
		},
		{
			name: "the command of the check is gone", lines: "[check:gone]\ncommand = DIR/checker\n",
			before: func(c *container) { c.rename("checker", "away") },
			after:  func(c *container) { c.rename("away", "checker") },
			says:   "exit status 127",
		},
		{
			name: "the check looks at more than the file", lines: "[check:world]\ncommand = test ! -e DIR/unknown-host\n",
			before: func(c *container) { c.write("unknown-host", "") },
			after:  func(c *container) { c.remove("unknown-host") },
			says:   "exit status 1",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := owing(t, tt.lines)
			c.start("slipway", "run", "-c", "app.conf")
			c.healthy()
			tt.before(c)
			c.write("env.d/a.env", "COLOUR=green\n")
			c.statusSays("it is tried again: cannot render again", true)
			c.statusSays(tt.says, true)
			c.has("activity.log", "cannot render again, the files stay as they are: ")
			tt.after(c)
			c.has("out/app.conf", "colour green")
			c.has("told", "told\n")
			c.statusSays("not been rendered", false)
			c.down()
			if n := c.times("told", "told"); n != 1 {
				t.Errorf("the program was told %d times, want once", n)
			}
			if n := c.times("activity.log", "cannot render again"); n != 1 {
				t.Errorf("the log says it %d times, want once: %s", n, c.read("activity.log"))
			}
		})
	}
}

// owing is a container whose file is out/app.conf.
func owing(t *testing.T, lines string) *container {
	t.Helper()
	c := newContainer(t, `
quiet = 50ms
secret_dirs =
[supervisord]
logfile = DIR/activity.log
[template:DIR/out/app.conf]
source = DIR/sources/out.tmpl
notify = web
[program:web]
command = /bin/sh -c "trap 'echo told >>DIR/told' HUP; while :; do sleep 0.02; done"
startsecs = 0
reload = signal HUP
`+lines)
	c.write("sources/out.tmpl", "colour {{ .Env.COLOUR }}\n")
	c.write("env.d/a.env", "COLOUR=red\n")
	c.write("out/.keep", "")
	c.write("checker", "#!/bin/sh\n")
	if err := os.Chmod(filepath.Join(c.dir, "checker"), 0o755); err != nil {
		t.Fatal(err)
	}
	return c
}

func (c *container) rename(from, to string) {
	c.t.Helper()
	if err := os.Rename(filepath.Join(c.dir, from), filepath.Join(c.dir, to)); err != nil {
		c.t.Fatal(err)
	}
}

func (c *container) remove(name string) {
	c.t.Helper()
	if err := os.RemoveAll(filepath.Join(c.dir, name)); err != nil {
		c.t.Fatal(err)
	}
}

// A full disk is a reason that passes, also for what has to be written down.
func TestOwedOnAFullDisk(t *testing.T) {
	testkit.Need(t, testkit.Root)
	c := owing(t, "")
	script := fmt.Sprintf(`mount --make-rprivate / && mount -t tmpfs -o size=64k none %s/out && exec "$@"`, c.dir)
	c.prepare("unshare", "-m", "sh", "-c", script, "sh", c.bins.Slipway, "run", "-c", "app.conf")
	c.cmd.Path = "/usr/bin/unshare"
	c.launch()
	c.healthy()
	inside := fmt.Sprintf("/proc/%d/root%s/out/", c.cmd.Process.Pid, c.dir)
	err := os.WriteFile(inside+"much", make([]byte, 1<<20), 0o644)
	if !errors.Is(err, syscall.ENOSPC) {
		t.Fatal(err)
	}
	c.write("env.d/a.env", "COLOUR="+strings.Repeat("green", 2000)+"\n")
	c.statusSays("it is tried again: cannot render again, the files stay as they are: cannot write", true)
	if err := os.Remove(inside + "much"); err != nil {
		t.Fatal(err)
	}
	c.has("told", "told\n")
	c.down()
}

// Somebody else renders, and takes long: the change is applied after that.
func TestOwedWhileAnotherRenders(t *testing.T) {
	c := owing(t, "")
	c.start("slipway", "run", "-c", "app.conf")
	c.healthy()
	lock, err := os.OpenFile(filepath.Join(c.dir, "run/render.lock"), os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer lock.Close()
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil {
		t.Fatal(err)
	}
	c.write("env.d/a.env", "COLOUR=green\n")
	testkit.Eventually(t, testkit.Patience, "the watcher waits for the lock", func() error {
		info, err := lock.Stat()
		if err != nil {
			return err
		}
		inode := fmt.Sprintf(":%d ", info.Sys().(*syscall.Stat_t).Ino)
		locks, err := os.ReadFile("/proc/locks")
		for line := range strings.Lines(string(locks)) {
			if strings.Contains(line, "-> FLOCK") && strings.Contains(line, inode) {
				return nil
			}
		}
		return errors.Join(err, errors.New(string(locks)))
	})
	if got := c.read("out/app.conf"); got != "colour red\n" {
		t.Errorf("it is written while another one renders: %s", got)
	}
	if err := lock.Close(); err != nil {
		t.Fatal(err)
	}
	c.has("out/app.conf", "colour green")
	c.has("told", "told\n")
	c.down()
}
