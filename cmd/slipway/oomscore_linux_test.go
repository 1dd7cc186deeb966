package main

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"slipway/internal/test/testkit"
)

// score is the score that a process has, as a file of /proc says.
func score(t *testing.T, file string) int {
	t.Helper()
	n, err := strconv.Atoi(strings.TrimSpace(mustRead(t, file)))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// The supervisor has the lowest score that it may have; whatever it starts has the one that
// the container was given, unless it says otherwise.
func TestOOMScore(t *testing.T) {
	c := newContainer(t, `
[program:held]
command = /bin/sh DIR/says held
pre_start = /bin/sh DIR/notes hook
ready = exec:sh DIR/notes probe
[program:marked]
command = /bin/sh DIR/says marked
holder = no
[program:own]
command = /bin/sh DIR/says own
oom_score_adj = 990
[eventlistener:ears]
command = /bin/sh DIR/says ears
events = TICK_3600
`)
	c.script("says", "cat /proc/self/oom_score_adj >DIR/$1; "+forever)
	c.script("notes", "cat /proc/self/oom_score_adj >DIR/$1")
	before := score(t, "/proc/self/oom_score_adj") // the kernel's bound for us is no higher
	c.prepare("slipway", "run", "-c", "app.conf")
	c.cmd.Args = []string{"sh", "-c", `echo 1000 >/proc/self/oom_score_adj && exec "$0" run -c app.conf`, c.bins.Slipway}
	c.cmd.Path = "/bin/sh"
	c.launch()
	for name, want := range map[string]string{"held": "1000\n", "hook": "1000\n", "probe": "1000\n", "marked": "1000\n", "ears": "1000\n", "own": "990\n"} {
		c.has(name, want)
	}
	c.until("RUNNING", "status", "held")
	testkit.Eventually(t, testkit.Patience, "the supervisor's score", func() error { // not while it forks
		if got := score(t, "/proc/"+strconv.Itoa(c.cmd.Process.Pid)+"/oom_score_adj"); got > before {
			return fmt.Errorf("it is %d, want at most %d", got, before)
		}
		return nil
	})
}
