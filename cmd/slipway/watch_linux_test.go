package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"slipway/internal/testkit"
)

// has waits until a file of the container has a content.
func (c *container) has(name, want string) {
	c.t.Helper()
	testkit.Eventually(c.t, time.Minute, name+" has "+want, func() error {
		got, err := os.ReadFile(filepath.Join(c.dir, name))
		if err == nil && !strings.Contains(string(got), want) {
			err = fmt.Errorf("%s = %q", name, got)
		}
		return err
	})
}

// read returns a file of the container; "" if there is none.
func (c *container) read(name string) string {
	text, _ := os.ReadFile(filepath.Join(c.dir, name))
	return string(text)
}

// A changed value is rendered and told to the programs concerned, once; a wrong one
// changes nothing; one that makes the program ill is taken back.
func TestWatchConverges(t *testing.T) {
	c := newContainer(t, `
quiet = 50ms
[supervisord]
logfile = DIR/activity.log
[env:COLOUR]
required = true
values = red, green, blue, black
type = enum
[template:DIR/out.conf]
source = DIR/sources/out.tmpl
notify = web
[program:web]
command = /bin/sh -c "trap 'echo told >>DIR/told' HUP; while :; do sleep 0.02; done"
startsecs = 0
reload = signal HUP
health = exec:! grep -q black DIR/out.conf
health_interval = 50ms
health_action = none
[program:other]
command = /bin/sh -c "trap 'echo told >>DIR/other' HUP; while :; do sleep 0.02; done"
startsecs = 0
`)
	c.write("sources/out.tmpl", "colour {{ .Env.COLOUR }}\n")
	c.write("env.d/a.env", "COLOUR=red\n")
	c.start("slipway", "run", "-c", "app.conf")
	c.healthy()
	c.has("out.conf", "colour red")

	c.write("env.d/a.env", "COLOUR=green\n")
	c.has("out.conf", "colour green")
	c.has("told", "told\n")
	c.has("activity.log", "watch: program has taken its files over program=web")

	c.write("env.d/a.env", "COLOUR=puce\n")
	c.has("activity.log", "watch: cannot read the sources again, everything stays as it is")

	c.write("env.d/a.env", "COLOUR=black\n")
	c.has("activity.log", "watch: change refused, the former files are back program=web")
	c.has("out.conf", "colour green")

	c.write("env.d/a.env", "COLOUR=blue\n")
	c.has("out.conf", "colour blue")
	if status, out := c.ask("status"); status != 0 || strings.Contains(out, "watch") {
		t.Errorf("status = %d, %q, want the two programs", status, out)
	}
	if got := c.read("other"); got != "" {
		t.Errorf("a program that has no part in it was told: %q", got)
	}
	if err := c.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if status, out := c.wait(); status != 0 {
		t.Errorf("status = %d, want 0: %s", status, out)
	}
}

// A probe asks over the network, in a process that is not PID 1.
func TestReadyIsAskedOverTheNetwork(t *testing.T) {
	c := newContainer(t, `
[supervisord]
logfile = DIR/activity.log
[program:peer]
command = /bin/sh -c "exec sleep 1000"
ready = unix://DIR/peer.sock
ready_timeout = 1s
startretries = 0
startsecs = 0
`)
	c.start("slipway", "run", "-c", "app.conf")
	status, out := c.wait()
	if want := "connect: no such file or directory"; status != 75 || !strings.Contains(c.read("activity.log"), want) {
		t.Errorf("status = %d, want 75 and %q in the log: %s%s", status, want, out, c.read("activity.log"))
	}
}
