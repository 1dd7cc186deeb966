package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"slipway/internal/test/testkit"
)

// chain is a program that walks cannot catch: its processes start the next one, in a session
// of their own, and end.
const chain = `#!/bin/sh
echo . >> DIR/steps
setsid DIR/chain & exit
`

// Where control groups are delegated, what a program has started is killed in one step,
// however fast it forks, and its group is gone with it.
func TestCgroupLevel(t *testing.T) {
	c := newContainer(t, `
[program:web]
command = /bin/sh -c "for i in 1 2 3; do DIR/chain; done; exec sleep 1000"
[program:gone]
command = /bin/sh -c "setsid sleep 1000 & exec sleep 1000"
[program:plain]
command = sleep 1000
holder = no
`)
	c.write("chain", strings.ReplaceAll(chain, "DIR", c.dir))
	if err := os.Chmod(filepath.Join(c.dir, "chain"), 0o755); err != nil {
		t.Fatal(err)
	}
	group := testkit.NewCgroup(t)
	folder, err := os.Open(group)
	if err != nil {
		t.Fatal(err)
	}
	defer folder.Close()
	c.prepare("slipway", "run", "-c", "app.conf")
	c.cmd.Path, c.cmd.Args = c.bins.Slipway, append([]string{c.bins.Slipway}, c.cmd.Args[1:]...)
	c.cmd.SysProcAttr = &syscall.SysProcAttr{UseCgroupFD: true, CgroupFD: int(folder.Fd())}
	testkit.AsPID1(t, c.cmd)
	c.launch()

	levels := map[string]string{"web": "cgroup", "gone": "cgroup", "plain": "marks"}
	testkit.Eventually(t, testkit.Patience, "all run at their level", func() error {
		_, out := c.ask("status", "--output", "json")
		var all []processView
		if err := json.Unmarshal([]byte(out), &all); err != nil {
			return fmt.Errorf("%v: %s", err, out)
		}
		for _, p := range all {
			if p.State != "RUNNING" || p.Level != levels[p.Name] {
				return fmt.Errorf("%s is %s, level %q (%s)", p.Name, p.State, p.Level, p.LevelWhy)
			}
		}
		return nil
	})
	if groups := groupsBelow(group); len(groups) != 2 {
		t.Errorf("groups %v, want one for each of two programs", groups)
	}
	for _, ask := range [][]string{{"stop", "web"}, {"start", "web"}, {"signal", "KILL", "gone"}, {"stop", "all"}} {
		if status, out := c.ask(ask...); status != 0 {
			t.Errorf("%v ended with %d: %s", ask, status, out)
		}
	}
	// No process of theirs is left in a group, and so no group.
	testkit.Eventually(t, testkit.Patience, "the groups are gone", func() error {
		if groups := groupsBelow(group); len(groups) > 0 {
			return fmt.Errorf("left: %v", groups)
		}
		return nil
	})
	steps := func() int64 {
		info, err := os.Stat(filepath.Join(c.dir, "steps"))
		if err != nil {
			t.Fatal(err)
		}
		return info.Size()
	}
	if before := steps(); before == 0 {
		t.Error("the chain has not run")
	}
	c.cmd.Process.Signal(syscall.SIGTERM)
	_, text := c.wait()
	t.Log(text)
}

// groupsBelow are the groups that a supervisor has made below its own.
func groupsBelow(group string) []string {
	list, _ := filepath.Glob(group + "/slipway-*/*/cgroup.procs")
	return list
}
