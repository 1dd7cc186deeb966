package main

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"slipway/internal/test/etcdtest"
	"slipway/internal/test/testkit"
)

// member is a container of a fleet. What it does about a change it writes down in a file
// that all of them share.
func member(t *testing.T, endpoint, shared, lines string) *container {
	t.Helper()
	c := newContainer(t, `
secret_dirs =
quiet = 50ms
[supervisord]
logfile = DIR/activity.log
[etcd]
endpoints = `+endpoint+`
prefix = /app/
`+lines+`
[template:DIR/out.conf]
source = DIR/out.tmpl
check = sh -c "echo begins >>`+shared+`; sleep 0.3; echo ends >>`+shared+`"
notify = web
[program:web]
command = /bin/sh -c "trap 'echo told >>DIR/told' HUP; while :; do sleep 0.02; done"
startsecs = 0
reload = signal HUP
`)
	c.write("out.tmpl", "level {{ kvOr \"log/level\" \"none\" }}\n")
	return c
}

// Containers with one slot act one after the other, each gets the change, and nothing is
// left of it.
func TestSlots(t *testing.T) {
	eachEtcd(t, func(t *testing.T, version string) {
		s := etcdtest.Start(t, etcdtest.Options{Version: version})
		shared := filepath.Join(t.TempDir(), "shared")
		var all []*container
		for range 4 {
			c := member(t, s.Endpoint, shared, "slots = 1\nsplay = 20ms\n")
			c.up()
			c.has("out.conf", "level none")
			c.prints("in contact", "status", "--sources")
			all = append(all, c)
		}
		before := strings.Count(mustRead(t, shared), "begins")
		etcdctl(t, s, "put", "/app/log/level", "debug")
		for _, c := range all {
			c.has("out.conf", "level debug")
			c.has("told", "told\n")
		}
		lines := strings.Fields(mustRead(t, shared))[2*before:]
		if want := strings.Fields(strings.Repeat("begins ends ", len(all))); strings.Join(lines, " ") != strings.Join(want, " ") {
			t.Errorf("they act in the order %v, want one after the other", lines)
		}
		testkit.Eventually(t, testkit.Patience, "no slot is held", func() error {
			if left := etcdctl(t, s, "get", "--prefix", "/app/.slipway/"); left != "" {
				return fmt.Errorf("there is %s", left)
			}
			return nil
		})
		for _, c := range all {
			if log := c.read("activity.log"); strings.Contains(log, "slot") {
				t.Errorf("the log says something of slots\n%s", log)
			}
			c.down()
		}
	})
}

// A slot that is taken is waited for, which status says; it is used as soon as it is free; and
// when etcd goes away meanwhile, the change is applied without it, which the log says.
func TestSlotsAreACourtesy(t *testing.T) {
	eachEtcd(t, func(t *testing.T, version string) {
		s := etcdtest.Start(t, etcdtest.Options{Version: version})
		shared := filepath.Join(t.TempDir(), "shared")
		c := member(t, s.Endpoint, shared, "slots = 1\nslots_wait = 1s\ntimeout = 2s\n")
		c.up()
		c.prints("in contact", "status", "--sources")
		etcdctl(t, s, "put", "/app/.slipway/slots/1/other", "x")
		etcdctl(t, s, "put", "/app/log/level", "debug")
		c.prints("the change waits for one of the 1 slots of the fleet", "status")
		if got := c.read("out.conf"); got != "level none\n" {
			t.Errorf("the file is %q while the slot is taken", got)
		}
		etcdctl(t, s, "del", "/app/.slipway/slots/1/other")
		c.has("out.conf", "level debug")
		testkit.Eventually(t, testkit.Patience, "the slot is given back", func() error {
			if left := etcdctl(t, s, "get", "--prefix", "/app/.slipway/"); left != "" {
				return fmt.Errorf("there is %s", left)
			}
			return nil
		})
		etcdctl(t, s, "put", "/app/.slipway/slots/1/other", "x")
		etcdctl(t, s, "put", "/app/log/level", "warn")
		c.prints("the change waits", "status")
		s.Stop()
		c.has("out.conf", "level warn")
		c.has("activity.log", "watch: the change is applied without a slot of the fleet: no answer for 1s")
		c.down()
	})
}

// A user that may not write below .slipway goes on without slots, and that is said once.
func TestSlotsDenied(t *testing.T) {
	s := etcdtest.Start(t, etcdtest.Options{Version: "debian"})
	for _, line := range []string{
		"role add reader", "role grant-permission reader read --prefix=true /app/", "user add app:pw", "user grant-role app reader",
		"user add root:pw", "user grant-role root root", "auth enable",
	} {
		etcdctl(t, s, strings.Fields(line)...)
	}
	as := func(args ...string) { etcdctl(t, s, append([]string{"--user", "root:pw"}, args...)...) }
	c := member(t, s.Endpoint, filepath.Join(t.TempDir(), "shared"), "slots = 2\nuser = app\npassword = pw\n")
	c.up()
	c.prints("in contact", "status", "--sources")
	for _, level := range []string{"debug", "info", "warn"} {
		as("put", "/app/log/level", level)
		c.has("out.conf", "level "+level)
	}
	const text = `the change is applied without a slot of the fleet: cannot write to etcd at `
	if n := c.times("activity.log", text); n != 1 {
		t.Errorf("the log says it %d times, want once\n%s", n, c.read("activity.log"))
	}
	as("role", "grant-permission", "reader", "readwrite", "--prefix=true", "/app/.slipway/")
	as("put", "/app/.slipway/slots/1/other", "x")
	as("put", "/app/.slipway/slots/2/other", "x")
	as("put", "/app/log/level", "fatal")
	c.prints("the change waits for one of the 2 slots", "status")
	as("del", "--prefix", "/app/.slipway/slots/")
	c.has("out.conf", "level fatal")
	c.down()
}

// A change goes through the shares of a rollout. One that the first container takes back, or
// refuses, reaches no other; the next revision is a new rollout, and so is one whose refusal
// is taken back by hand.
func TestRollout(t *testing.T) {
	eachEtcd(t, func(t *testing.T, version string) {
		s := etcdtest.Start(t, etcdtest.Options{Version: version})
		shared := filepath.Join(t.TempDir(), "shared")
		var all []*container
		for range 3 {
			c := newContainer(t, `
secret_dirs =
quiet = 50ms
[supervisord]
logfile = DIR/activity.log
[etcd]
endpoints = `+s.Endpoint+`
prefix = /app/
rollout = 1, 100%
rollout_hold = 100ms
[template:DIR/out.conf]
source = DIR/out.tmpl
check = sh -c "cat {file} >>`+shared+`; ! grep -q wrong {file}"
notify = web
[program:web]
command = /bin/sh -c "exec sleep 1000"
startsecs = 0
health = exec:! grep -q ill DIR/out.conf
health_interval = 50ms
health_action = none
reload = command /bin/true
`)
			c.write("out.tmpl", "level {{ kvOr \"log/level\" \"none\" }}\n")
			c.up()
			c.prints("in contact", "status", "--sources")
			all = append(all, c)
		}
		tried := func(level string) int { return strings.Count(mustRead(t, shared), "level "+level+"\n") }
		everywhere := func(level string) {
			t.Helper()
			for _, c := range all {
				c.has("out.conf", "level "+level+"\n")
			}
			if n := tried(level); n != len(all) {
				t.Errorf("%d containers have tried %s, want all", n, level)
			}
		}
		refused := func(level, why string) {
			t.Helper()
			n := 0
			for _, c := range all {
				c.prints(why, "status", "--sources")
				if _, out := c.ask("status", "--sources"); strings.Contains(out, "the change is refused for the fleet: ") {
					n++
				}
			}
			if n != len(all)-1 || tried(level) != 1 {
				t.Errorf("%d containers have tried %s, and %d were spared it, want all but one", tried(level), level, n)
			}
		}
		etcdctl(t, s, "put", "/app/log/level", "debug")
		everywhere("debug")

		etcdctl(t, s, "put", "/app/log/level", "wrong")
		refused("wrong", "check for ")
		if got := etcdctl(t, s, "get", "--prefix", "/app/.slipway/refused/"); !strings.Contains(got, "check for ") {
			t.Errorf("below refused there is %q", got)
		}
		etcdctl(t, s, "put", "/app/log/level", "ill")
		refused("ill", "web did not come back healthy")
		for _, c := range all {
			c.has("out.conf", "level debug\n")
		}
		etcdctl(t, s, "put", "/app/log/level", "warn")
		everywhere("warn")
		for _, c := range all {
			c.down()
		}
	})
}

// Where the user may not write, there is no rollout, which is said once.
func TestRolloutDenied(t *testing.T) {
	s := etcdtest.Start(t, etcdtest.Options{Version: "debian"})
	for _, line := range []string{
		"role add reader", "role grant-permission reader read --prefix=true /app/", "user add app:pw", "user grant-role app reader",
		"user add root:pw", "user grant-role root root", "auth enable",
	} {
		etcdctl(t, s, strings.Fields(line)...)
	}
	c := member(t, s.Endpoint, filepath.Join(t.TempDir(), "shared"), "rollout = 1, 100%\nsplay = 10ms\nuser = app\npassword = pw\n")
	c.up()
	c.prints("in contact", "status", "--sources")
	for _, level := range []string{"debug", "info"} {
		etcdctl(t, s, "--user", "root:pw", "put", "/app/log/level", level)
		c.has("out.conf", "level "+level)
	}
	if n := c.times("activity.log", "the change is applied without a rollout: cannot write to etcd at "); n != 1 {
		t.Errorf("the log says it %d times, want once\n%s", n, c.read("activity.log"))
	}
	c.down()
}

// The settings of the page are such.
func TestEtcdFleetDocumented(t *testing.T) {
	c := newContainer(t, fenced(t, "etcd.md", "ini test=TestEtcdFleetDocumented"))
	if status, out := c.local("check -c app.conf"); status != 0 {
		t.Errorf("check = %d, %s", status, out)
	}
	c.write("app.conf", mustRead(t, filepath.Join(c.dir, "app.conf"))+"[etcd]\nslots = 10001\n")
	if status, out := c.local("check -c app.conf"); status != 78 || !strings.Contains(out, "expected slots from 0 to 10000, got 10001") {
		t.Errorf("check = %d, %s", status, out)
	}
}
