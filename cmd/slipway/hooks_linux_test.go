package main

import (
	"os"
	"strings"
	"testing"

	"slipway/internal/test/testkit"
)

// Commands run around a program, as its user and with what they may want to know.
func TestExampleOfHooks(t *testing.T) {
	c := example(t)
	c.script("app/serve", "echo serve >>DIR/story; "+forever)
	for _, name := range []string{"prepare", "warm-up", "leave", "tidy"} {
		c.script("app/"+name, `echo $SLIPWAY_HOOK $* ${SLIPWAY_MAIN_PID:+pid} $SLIPWAY_EXIT_STATUS $SLIPWAY_EXIT_SIGNAL >>DIR/story; while test -e DIR/hold-$SLIPWAY_HOOK; do sleep 0.02; done`)
	}
	c.write("hold-pre_start", "")
	c.start("slipway", "run", "-c", "app.conf")
	c.until("waits for pre_start", "status", "app")
	if err := os.Remove(c.dir + "/hold-pre_start"); err != nil {
		t.Fatal(err)
	}
	c.until("RUNNING", "status", "app")
	wrote := func(want string) {
		t.Helper()
		testkit.Eventually(t, testkit.Patience, "the story goes on", func() error {
			if got := c.read("story"); got != want {
				return errStory(got)
			}
			return nil
		})
	}
	story := "pre_start\nserve\npost_start pid\n"
	wrote(story)
	if status, out := c.ask("stop", "app"); status != 0 {
		t.Errorf("stop: status %d: %s", status, out)
	}
	wrote(story + "pre_stop --politely pid\npost_stop 0\n")
}

type errStory string

func (e errStory) Error() string { return "it is " + string(e) }

// A pre_start that fails is a failed start, which names it.
func TestPreStartThatFails(t *testing.T) {
	c := newContainer(t, `
[slipway]
on_fatal = ignore
restart_pause = 50ms
[program:app]
command = /bin/sh DIR/up
pre_start = /bin/sh -c "exit 7"
startretries = 1
[program:stuck]
command = /bin/sh DIR/up
pre_start = sleep 1000
hook_timeout = 50ms
startretries = 0
[program:other]
command = /bin/sh DIR/up
`)
	c.script("up", forever)
	c.start("slipway", "run", "-c", "app.conf")
	c.until("pre_start has failed (exit status 7)", "status", "app")
	c.until("FATAL", "status", "app")
	c.until("pre_start has not ended within 50ms", "status", "stuck")
	c.until("RUNNING", "status", "other")
}

// A program has the groups that it was given, and no others.
func TestSupplementaryGroups(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root gives groups")
	}
	c := newContainer(t, `
[program:two]
command = /bin/sh -c "echo have $(id -G); exec sleep 1000"
user = nobody
supplementary_groups = 4, 12345
[program:none]
command = /bin/sh -c "echo have $(id -G); exec sleep 1000"
user = root
supplementary_groups =
`)
	c.start("slipway", "run", "-c", "app.conf")
	c.until("have 65534 4 12345\n", "tail", "two")
	c.until("have 0\n", "tail", "none")
	if _, out := c.ask("enter", "two", "--", "id", "-G"); strings.TrimSpace(out) != "65534 4 12345" {
		t.Errorf("slipway enter has the groups %q", out)
	}
}

// What stops with another program is back with it; its own end is that of the container.
func TestExampleOfTogether(t *testing.T) {
	c := example(t)
	c.script("app/serve", forever)
	c.script("app/proxy", "trap 'exit 0' TERM; while ! test -e DIR/over; do sleep 0.02; done; exit 9")
	c.start("slipway", "run", "-c", "app.conf")
	c.until("RUNNING", "status", "site:proxy")
	c.ask("stop", "site:app")
	c.until("STOPPED", "status", "site:proxy")
	c.ask("start", "site:app")
	c.until("RUNNING", "status", "site:proxy")
	c.write("over", "")
	if status, out := c.wait(); status != 9 {
		t.Errorf("status %d, want 9: %s", status, out)
	}
}
