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

// has waits until a file of the container has a content.
func (c *container) has(name, want string) {
	c.t.Helper()
	testkit.Eventually(c.t, testkit.Patience, name+" has "+want, func() error {
		got, err := os.ReadFile(filepath.Join(c.dir, name))
		if err == nil && !strings.Contains(string(got), want) {
			err = fmt.Errorf("%s = %q", name, got)
		}
		return err
	})
}

// statusSays waits until the status of the container has a text, or has it no more.
func (c *container) statusSays(text string, want bool) {
	c.t.Helper()
	testkit.Eventually(c.t, testkit.Patience, fmt.Sprintf("status says %q: %t", text, want), func() error {
		if _, out := c.ask("status"); strings.Contains(out, text) != want {
			return errors.New(out)
		}
		return nil
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
	c.has("activity.log", "watch: rendered again because a source or a file has changed: "+filepath.Join(c.dir, "out.conf")+": modify; to be told: web")

	c.write("env.d/a.env", "COLOUR=puce\n")
	c.has("activity.log", "watch: cannot read the sources again, everything stays as it is")
	c.statusSays("files have not been rendered again since ", true)

	c.write("env.d/a.env", "COLOUR=black\n")
	c.has("activity.log", "watch: change refused, the former files are back program=web")
	c.has("out.conf", "colour green")

	c.write("env.d/a.env", "COLOUR=blue\n")
	c.has("out.conf", "colour blue")
	c.statusSays("files have not been rendered again since ", false)
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

// Without a reload of its own a program is restarted, and one that does not start with
// the new files gets the former ones back.
func TestABadFileIsTakenBackFromARestartedProgram(t *testing.T) {
	c := newContainer(t, `
[supervisord]
logfile = DIR/activity.log
[template:DIR/out.conf]
source = DIR/out.tmpl
notify = web
[program:web]
command = /bin/sh -c "grep -q good DIR/out.conf || exit 1; exec sleep 1000"
`)
	c.write("out.tmpl", "{{ .Env.COLOUR }}\n")
	c.write("env.d/a.env", "COLOUR=good\n")
	c.start("slipway", "run", "-c", "app.conf")
	c.healthy()
	c.write("env.d/a.env", "COLOUR=bad\n")
	c.has("activity.log", "watch: change refused, the former files are back program=web")
	c.has("out.conf", "good\n")
	c.healthy()
	testkit.Eventually(t, testkit.Patience, "web runs, and the change is refused", func() error {
		if _, out := c.ask("status"); !strings.Contains(out, "RUNNING") || !strings.Contains(out, "change refused at ") {
			return errors.New(out)
		}
		return nil
	})
	c.write("env.d/a.env", "COLOUR=good again\n")
	c.has("out.conf", "good again\n")
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

// A render by hand, as by docker exec or cron, has the environment of the start, tells
// the programs concerned, and says what came of it; what is left is paid by a watcher
// that is started for it.
func TestRenderByHand(t *testing.T) {
	c := newContainer(t, `
[supervisord]
logfile = DIR/activity.log
[template:DIR/out.conf]
source = DIR/out.tmpl
notify = web
[program:web]
command = /bin/sh -c "exec sleep 1000"
startsecs = 0
reload = command /bin/sh -c "test ! -e DIR/deaf"
health = exec:! grep -q black DIR/out.conf
health_interval = 50ms
health_action = none
`)
	c.write("out.tmpl", "{{ .Env.CANARY }} red\n")
	c.start("slipway", "run", "-c", "app.conf")
	c.healthy()
	for _, step := range []struct {
		name     string
		template string // "" leaves it
		args     string
		status   int
		want     []string // in what is printed
		file     string   // afterwards
		state    string   // of web, afterwards
	}{
		{"nothing to do", "", "render", 0, []string{"nothing to change"}, "red", "healthy"},
		{"a change", "{{ .Env.CANARY }} green\n", "render", 0, []string{"out.conf: modify", "program has taken its files over program=web"}, "green", "healthy"},
		{"only looking", "{{ .Env.CANARY }} black\n", "render --diff", 0, []string{"+hunter2 black"}, "green", "healthy"},
		{"a bad change", "", "render", 1, []string{"web did not come back healthy with it, the former files are back", "render --force"}, "green", "change refused at "},
		{"it again", "", "render", 1, []string{"cannot apply the change: program web did not come back healthy with it"}, "green", "change refused at "},
		{"another one", "{{ .Env.CANARY }} blue\n", "render", 0, []string{"modify"}, "blue", "healthy"},
		{"taken back by hand", "", "render --rollback", 0, []string{"modify", "taken its files over"}, "green", "taken back by hand"},
		{"it again", "", "render", 1, []string{"it was taken back by hand at ", "--force"}, "green", "taken back by hand"},
		{"it again, by force", "", "render --force", 0, []string{"modify"}, "blue", "healthy"},
	} {
		t.Run(step.name, func(t *testing.T) {
			if step.template != "" {
				c.write("out.tmpl", step.template)
			}
			status, out := c.ask(strings.Fields(step.args)...)
			if status != step.status {
				t.Errorf("status = %d, want %d", status, step.status)
			}
			for _, want := range step.want {
				if !strings.Contains(out, want) {
					t.Errorf("printed %q, want %q in it", out, want)
				}
			}
			if got, want := c.read("out.conf"), "hunter2 "+step.file+"\n"; got != want {
				t.Errorf("file = %q, want %q", got, want)
			}
			if _, out := c.ask("status"); !strings.Contains(out, step.state) {
				t.Errorf("status says %q, want %q in it", out, step.state)
			}
		})
	}

	by := fmt.Sprintf("render: rendered again by slipway render of uid %d: %s: modify; to be told: web", os.Getuid(), filepath.Join(c.dir, "out.conf"))
	if log := c.read("activity.log"); !strings.Contains(log, by) || strings.Contains(log, "hunter2") {
		t.Errorf("the log of the container is %q, want who asked for the change, and what it did", log)
	}

	// A rehearsal has the values of the container, tells nobody, and is where it is said to be.
	elsewhere := t.TempDir()
	t.Chdir(elsewhere)
	if err := os.MkdirAll(filepath.Join(elsewhere, "root", c.dir), 0o755); err != nil {
		t.Fatal(err)
	}
	if status, out := c.ask("render", "--root", "root"); status != 0 || strings.Contains(out, "taken its files over") {
		t.Errorf("render --root = %d, %q, want a file and nobody told", status, out)
	}
	if got, err := os.ReadFile(filepath.Join(elsewhere, "root", c.dir, "out.conf")); string(got) != "hunter2 blue\n" {
		t.Errorf("the rehearsal has made %q, %v", got, err)
	}

	c.write("deaf", "")
	c.write("out.tmpl", "{{ .Env.CANARY }} white\n")
	if status, out := c.ask("render"); status != 1 || !strings.Contains(out, "cannot reload web: reload command: exit status 1") || !strings.Contains(out, "the program is told again at ") {
		t.Errorf("render = %d, %q, want what could not be done and when it is tried again", status, out)
	}
	if status, out := c.ask("render"); status != 1 || !strings.Contains(out, "nothing to change") || !strings.Contains(out, "cannot reload web") {
		t.Errorf("render = %d, %q, want that it is still owed", status, out)
	}
	if _, out := c.ask("status"); !strings.Contains(out, "has not taken over") {
		t.Errorf("status = %q, want what is owed", out)
	}
	if _, out := c.ask("status", "--output", "json"); !strings.Contains(out, `"owed": {`) || !strings.Contains(out, `"failure": "cannot reload web`) {
		t.Errorf("status as JSON = %q, want what is owed", out)
	}
	if err := os.Remove(filepath.Join(c.dir, "deaf")); err != nil {
		t.Fatal(err)
	}
	c.has("activity.log", "watch: program has taken its files over program=web")
	testkit.Eventually(t, testkit.Patience, "nothing is owed", func() error {
		if _, out := c.ask("status"); strings.Contains(out, "has not taken over") {
			return errors.New(out)
		}
		return nil
	})
}
