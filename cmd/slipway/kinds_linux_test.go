package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"slipway/internal/test/testkit"
)

// until asks until the answer has a text.
func (c *container) until(want string, args ...string) {
	c.t.Helper()
	testkit.Eventually(c.t, testkit.Patience, "slipway "+strings.Join(args, " ")+" says "+want, func() error {
		if status, out := c.ask(args...); !strings.Contains(out, want) {
			return fmt.Errorf("status %d: %s", status, out)
		}
		return nil
	})
}

// script writes an executable of the container's folder for sh.
func (c *container) script(name, text string) {
	c.t.Helper()
	c.write(name, "#!/bin/sh\n"+strings.ReplaceAll(text, "DIR", c.dir)+"\n")
	if err := os.Chmod(filepath.Join(c.dir, name), 0o755); err != nil {
		c.t.Fatal(err)
	}
}

// forever is a program that runs until it is asked to end.
const forever = "trap 'exit 0' TERM; while :; do sleep 0.02; done"

// example is a container with the example of docs/supervision.md that this test runs. What it
// has in /app is in the folder of the container.
func example(t *testing.T) *container {
	t.Helper()
	return exampleOf(t, t.Name())
}

// exampleOf is the example of another test's name.
func exampleOf(t *testing.T, name string) *container {
	t.Helper()
	return exampleOn(t, "supervision.md", name)
}

// exampleOn is one of another page.
func exampleOn(t *testing.T, file, name string) *container {
	t.Helper()
	page, err := os.ReadFile("../../docs/" + file)
	if err != nil {
		t.Fatal(err)
	}
	_, block, ok := strings.Cut(string(page), "```ini test="+name+"\n")
	text, _, closed := strings.Cut(block, "```")
	if !ok || !closed {
		t.Fatalf("docs/%s has no example for %s", file, name)
	}
	return newContainer(t, strings.ReplaceAll(text, "/app/", "DIR/app/"))
}

// The sentence that one has always wanted to say: migrate, then the app.
func TestExampleOfOrder(t *testing.T) {
	c := example(t)
	c.script("app/migrate", "while ! test -e DIR/schema; do sleep 0.02; done; echo migrated >>DIR/order")
	c.script("app/serve", "echo app >>DIR/order; "+forever)
	c.start("slipway", "run", "-c", "app.conf")
	c.until("waits for migrate:completed", "status")
	c.write("schema", "")
	c.until("RUNNING", "status", "app")
	if got := c.read("order"); got != "migrated\napp\n" {
		t.Errorf("order %q", got)
	}
	c.ask("shutdown")
	if status, out := c.wait(); status != 0 {
		t.Errorf("status %d\n%s", status, out)
	}
}

// What the listener supervisord_dependent_startup does is done without it: of its Python there
// is nothing here.
func TestExampleOfDependentStartup(t *testing.T) {
	c := exampleOn(t, "from-supervisor.md", t.Name())
	c.script("app/migrate", "while ! test -e DIR/schema; do sleep 0.02; done; echo migrated >>DIR/order; exit 3")
	c.script("app/serve", "echo app >>DIR/order; "+forever)
	c.start("slipway", "run", "-c", "app.conf")
	c.until("waits for migrate:exited", "status")
	c.write("schema", "")
	c.until("RUNNING", "status", "app")
	if got := c.read("order"); got != "migrated\napp\n" {
		t.Errorf("order %q", got)
	}
	c.until("STOPPED", "status", "dependent-startup")
	c.ask("restart", "app")
	c.until("RUNNING", "status", "app")
	c.ask("shutdown")
	if status, out := c.wait(); status != 0 {
		t.Errorf("status %d\n%s", status, out)
	}
}

// Tasks that come to their end, one of them once and for all.
func TestExampleOfOneshots(t *testing.T) {
	c := example(t)
	c.script("app/seed", "echo seed >>DIR/order")
	c.script("app/migrate", "test -e DIR/again || { touch DIR/again; exit 1; }; echo migrate >>DIR/order")
	c.script("app/serve", "echo app >>DIR/order; "+forever)
	for _, want := range []string{"seed\nmigrate\napp\n", "migrate\napp\n"} {
		c.write("order", "")
		c.prepare("slipway", "run", "-c", "app.conf")
		c.cmd.Env = append(c.cmd.Env, "SLIPWAY_STATE_DIR="+c.dir+"/state", "SLIPWAY_RESTART_PAUSE=10ms")
		c.launch()
		c.until("RUNNING", "status", "app")
		if _, out := c.ask("status"); strings.Count(out, "completed") != 2 {
			t.Errorf("status says\n%s", out)
		}
		if got := c.read("order"); got != want {
			t.Errorf("order %q, want %q", got, want)
		}
		c.ask("shutdown")
		if status, out := c.wait(); status != 0 {
			t.Errorf("status %d\n%s", status, out)
		}
	}
}

// What a program gets of the container, of files and of its own section, and that the
// descriptors which were made for it reach it all the same.
func TestExampleOfEnvironment(t *testing.T) {
	c := example(t)
	c.write("app/app.env", "export FROM_FILE='a b'\nOVER=file\nCANARY=changed\n")
	c.script("app/serve", "env >DIR/environ; "+forever)
	c.start("slipway", "run", "-c", "app.conf")
	c.until("RUNNING", "status", "app")
	got := "\n" + c.read("environ")
	for _, want := range []string{"FROM_FILE=a b", "OVER=section", "PATH=" + os.Getenv("PATH"), "SUPERVISOR_PROCESS_NAME=app"} {
		if !strings.Contains(got, "\n"+want+"\n") {
			t.Errorf("it lacks %s", want)
		}
	}
	for _, secret := range []string{"CANARY=hunter2", "SLIPWAY_ENV"} {
		if strings.Contains(got, secret) {
			t.Errorf("it has %s", secret)
		}
	}
	c.ask("shutdown")
	if status, out := c.wait(); status != 0 {
		t.Errorf("status %d\n%s", status, out)
	}
}

// A file that is wrong, or not there, keeps its program down and says so.
func TestEnvFileThatIsNone(t *testing.T) {
	c := newContainer(t, `
[program:bad]
command = sh -c "echo started >>DIR/started"
env_file = DIR/bad.env
startretries = 0
on_fatal = ignore
[program:missing]
command = sh -c "echo started >>DIR/started"
env_file = DIR/missing.env
startretries = 0
on_fatal = ignore
[program:lenient]
command = sh -c "echo lenient >&5; while :; do sleep 0.02; done"
env_file = -DIR/missing.env
ready = fd:5
`)
	c.write("bad.env", "A=1\nNO SENSE\n")
	c.start("slipway", "run", "-c", "app.conf")
	c.until("cannot find env_file "+c.dir+"/missing.env", "status", "missing")
	c.until("FATAL", "status", "bad")
	c.ask("wait", "lenient")
	c.until("RUNNING", "status", "lenient")
	c.ask("shutdown")
	_, out := c.wait()
	if !strings.Contains(out, c.dir+"/bad.env:2") || c.read("started") != "" {
		t.Errorf("started %q\n%s", c.read("started"), out)
	}
	if !strings.Contains(out, "ready: lenient") {
		t.Errorf("descriptor 5 does not reach the program\n%s", out)
	}
}

// A start of an image that does without some of its programs.
func TestExampleOfLayers(t *testing.T) {
	for _, tt := range []struct{ name, environ, started, leftOut string }{
		{"as it is", "", "migrate serve sshd", "left out: profiler (SLIPWAY_PROFILES has not debug)"},
		{"a profile", "SLIPWAY_PROFILES=debug", "migrate profile serve sshd", ""},
		{"without", "SLIPWAY_DISABLE=sshd,cron", "migrate serve", "left out: sshd (SLIPWAY_DISABLE)"},
		{"only", "SLIPWAY_ONLY=webapp", "migrate serve", "left out: sshd (SLIPWAY_ONLY = webapp)"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := exampleOf(t, "TestExampleOfLayers")
			for _, name := range strings.Fields("sshd serve profile") {
				c.script("app/"+name, "touch DIR/started/"+name+"; "+forever)
			}
			c.script("app/migrate", "touch DIR/started/migrate")
			c.write("started/.keep", "")
			c.prepare("slipway", "run", "-c", "app.conf")
			if tt.environ != "" {
				c.cmd.Env = append(c.cmd.Env, tt.environ)
			}
			c.launch()
			want := strings.Fields(tt.started)
			testkit.Eventually(t, testkit.Patience, "the start of "+tt.started, func() error {
				for _, name := range want {
					if _, err := os.Stat(filepath.Join(c.dir, "started", name)); err != nil {
						return err
					}
				}
				return nil
			})
			files, err := filepath.Glob(filepath.Join(c.dir, "started", "*"))
			if err != nil || len(files)-1 != len(want) { // .keep
				t.Errorf("started %q, want %q", files, want)
			}
			c.ask("shutdown")
			if status, out := c.wait(); status != 0 || !strings.Contains(out, tt.leftOut) {
				t.Errorf("status %d, want the log to say %q\n%s", status, tt.leftOut, out)
			}
		})
	}
}

// What runs at its times, and now if somebody asks for it.
func TestExampleOfSchedules(t *testing.T) {
	if _, err := time.LoadLocation("Europe/Berlin"); err != nil {
		t.Skip("this machine has no time zones: ", err)
	}
	c := example(t)
	c.script("app/serve", forever)
	c.script("app/backup", "echo saved >>DIR/saved")
	c.script("app/poll", "echo poll >>DIR/polls")
	c.start("slipway", "run", "-c", "app.conf")
	testkit.Eventually(t, testkit.Patience, "two runs of what runs every second", func() error {
		if got := c.read("polls"); strings.Count(got, "poll") < 2 {
			return fmt.Errorf("it has printed %q", got)
		}
		return nil
	})
	if _, out := c.ask("status", "backup"); !strings.Contains(out, "next run 20") || c.read("saved") != "" {
		t.Errorf("saved %q, status says\n%s", c.read("saved"), out)
	}
	if status, out := c.ask("trigger", "backup"); status != 0 {
		t.Errorf("trigger: %d\n%s", status, out)
	}
	c.until("completed; next run 20", "status", "backup")
	if got := c.read("saved"); got != "saved\n" {
		t.Errorf("saved %q", got)
	}
	c.ask("shutdown")
	if status, out := c.wait(); status != 0 {
		t.Errorf("status %d\n%s", status, out)
	}
}

// A program that is started again too often ends the container, with its status.
func TestTooManyRestarts(t *testing.T) {
	c := newContainer(t, `restart_pause = 10ms
[program:web]
command = sh -c "echo run >>DIR/runs; exit 7"
startsecs = 0
autorestart = true
max_restarts = 2 in 1h
`)
	c.start("slipway", "run", "-c", "app.conf")
	status, out := c.wait()
	if got := c.read("runs"); status != 7 || got != "run\nrun\nrun\n" || !strings.Contains(out, "ended more often than 2 in 1h0m0s (max_restarts)") {
		t.Errorf("status %d after %q\n%s", status, got, out)
	}
}
