package main

import (
	"os"
	"strings"
	"testing"

	"slipway/internal/test/testkit"
)

// What a program is given by the kernel, it has; and no descriptor more.
func TestExampleOfAttributes(t *testing.T) {
	c := example(t)
	c.script("app/serve", `{
		echo "files $(ulimit -Sn) $(ulimit -Hn) core $(ulimit -Sc) nice $(nice) oom $(cat /proc/self/oom_score_adj)"
		grep -E '^(NoNewPrivs|Cpus_allowed_list)' /proc/$$/status
		for fd in /proc/$$/fd/*; do readlink $fd; done
	} >DIR/new; mv DIR/new DIR/itself; `+forever)
	c.start("slipway", "run", "-c", "app.conf")
	testkit.Eventually(t, testkit.Patience, "the program has written", func() error {
		_, err := os.Stat(c.dir + "/itself")
		return err
	})
	out := c.read("itself")
	for _, want := range []string{"files 512 1024 core 0 nice 5 oom 500\n", "NoNewPrivs:\t1\n", "Cpus_allowed_list:\t0\n"} {
		if !strings.Contains(out, want) {
			t.Errorf("it does not have %q:\n%s", want, out)
		}
	}
	if strings.Contains(out, "oom_score_adj") || strings.Contains(out, "socket:") {
		t.Errorf("it has descriptors of somebody else:\n%s", out)
	}
}

// A user who is not root has the capabilities of the list, and can never get others.
func TestCapabilities(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root gives capabilities")
	}
	c := newContainer(t, `
[program:web]
command = /bin/sh -c "grep -E '^(Uid|Cap)' /proc/self/status; exec sleep 1000"
user = nobody
capabilities = NET_BIND_SERVICE, CAP_KILL
[program:nothing]
command = /bin/sh -c "grep -E '^(Uid|Cap)' /proc/self/status; exec sleep 1000"
capabilities = none
`)
	c.start("slipway", "run", "-c", "app.conf")
	for _, set := range []string{"CapBnd", "CapEff", "CapAmb"} {
		c.until(set+":\t0000000000000420", "tail", "web")
		c.until(set+":\t0000000000000000", "tail", "nothing")
	}
	c.until("Uid:\t65534\t65534", "tail", "web")
	c.until("Uid:\t0\t0", "tail", "nothing")
}

// What cannot be set is a failed start that names the call, the program, and what is missing.
func TestAttributesThatCannotBeSet(t *testing.T) {
	c := newContainer(t, `
[slipway]
on_fatal = ignore
[program:wide]
command = /bin/sh DIR/up
limit_nofile = unlimited
startretries = 0
[program:other]
command = /bin/sh DIR/up
`)
	c.script("up", forever)
	c.start("slipway", "run", "-c", "app.conf")
	c.until("FATAL", "status", "wide")
	c.until("couldn't set limit_nofile for 'wide': EPERM (CAP_SYS_RESOURCE is missing, or it is more than", "status", "wide")
	c.until("RUNNING", "status", "other")
}
