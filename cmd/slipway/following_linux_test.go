package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"slipway/internal/test/etcdtest"
	"slipway/internal/test/testkit"
)

// followed is a running container that follows /app/ of an etcd. Program web writes down
// when it is told of its file and which variables it was started with.
func followed(t *testing.T, endpoint, lines string) *container {
	t.Helper()
	c := newContainer(t, `
secret_dirs =
quiet = 50ms
[supervisord]
logfile = DIR/activity.log
[etcd]
endpoints = `+endpoint+`
prefix = /app/
export = /app/env/
`+lines+`
[env:COLOUR]
type = enum
values = red, green, blue, black
[template:DIR/out.conf]
source = DIR/out.tmpl
check = sh -c "! grep -q wrong {file}"
notify = web
[program:web]
command = /bin/sh -c "trap 'echo told >>DIR/told' HUP; echo $COLOUR >>DIR/started; while :; do sleep 0.02; done"
startsecs = 0
reload = signal HUP
restart_on = COLOUR
[program:other]
command = /bin/sh -c "trap 'echo told >>DIR/other' HUP; echo $COLOUR >>DIR/other.started; while :; do sleep 0.02; done"
startsecs = 0
`)
	c.write("out.tmpl", "level {{ kvOr \"log/level\" \"none\" }} of {{ kvOr \"twin\" \"none\" }}\n")
	return c
}

// up starts the container and waits for it.
func (c *container) up() {
	c.t.Helper()
	c.start("slipway", "run", "-c", "app.conf")
	c.healthy()
}

// prints waits until a command over the control socket prints something.
func (c *container) prints(want string, args ...string) {
	c.t.Helper()
	testkit.Eventually(c.t, testkit.Patience, strings.Join(args, " ")+" says "+want, func() error {
		if _, out := c.ask(args...); !strings.Contains(out, want) {
			return errors.New(out)
		}
		return nil
	})
}

// down ends the container and looks at how it ended.
func (c *container) down() {
	c.t.Helper()
	if err := c.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		c.t.Fatal(err)
	}
	if status, out := c.wait(); status != 0 {
		c.t.Errorf("status = %d, want 0: %s", status, out)
	}
}

// times is how often a text is in a file of the container.
func (c *container) times(name, text string) int { return strings.Count(c.read(name), text) }

func eachEtcd(t *testing.T, test func(t *testing.T, version string)) {
	for _, version := range etcdtest.Versions() {
		t.Run(version, func(t *testing.T) { test(t, version) })
	}
}

// A put changes the file, and the program concerned is told; a variable reaches programs at
// their next start, and those that want to be restarted for it at once; a value that the
// check refuses changes nothing.
func TestFollowing(t *testing.T) {
	eachEtcd(t, func(t *testing.T, version string) {
		s := etcdtest.Start(t, etcdtest.Options{Version: version})
		etcdctl(t, s, "put", "/app/log/level", "info")
		etcdctl(t, s, "put", "/app/env/colour", "red")
		c := followed(t, s.Endpoint, "")
		c.up()
		c.has("out.conf", "level info")
		c.has("started", "red\n")

		etcdctl(t, s, "put", "/app/log/level", "debug")
		c.has("out.conf", "level debug")
		c.has("told", "told\n")

		etcdctl(t, s, "put", "/app/env/colour", "green")
		c.has("started", "red\ngreen\n")
		c.prints("COLOUR = green\n  from etcd /app/env/colour at revision ", "env", "--explain", "COLOUR")
		if got := c.read("other") + c.read("other.started"); got != "red\n" {
			t.Errorf("a program that has no part in it: %q, want its start alone", got)
		}
		if status, out := c.ask("restart", "other"); status != 0 {
			t.Errorf("restart other = %d, %s", status, out)
		}
		c.has("other.started", "red\ngreen\n")

		etcdctl(t, s, "put", "/app/log/level", "wrong")
		c.has("activity.log", "watch: cannot render again, the files stay as they are: ")
		etcdctl(t, s, "put", "/app/env/colour", "puce")
		c.has("activity.log", "watch: cannot read the sources again, everything stays as it is: ")
		etcdctl(t, s, "put", "/app/env/colour", "blue")
		etcdctl(t, s, "put", "/app/log/level", "warn")
		c.has("out.conf", "level warn")
		c.has("started", "red\ngreen\nblue\n")

		etcdctl(t, s, "del", "/app/log/level")
		c.has("out.conf", "level none")
		c.down()
	})
}

// fault is one thing that goes wrong with a cluster or with what follows it. It leaves the
// key /app/log/level with the value "after".
type fault struct {
	name string
	do   func(f *faulty)
	log  []string // what the log says of it, besides that contact was lost and is back
	lost bool     // it is said that contact is lost; else it may be
}

// faulty is a container that follows a server over a wire.
type faulty struct {
	*container
	s    *etcdtest.Server
	wire *etcdtest.Wire
}

func (f *faulty) put(value string) { etcdctl(f.t, f.s, "put", "/app/log/level", value) }

// stale waits until the status says that contact is lost, for a reason.
func (f *faulty) stale(cause string) {
	f.t.Helper()
	testkit.Eventually(f.t, testkit.Patience, "the source is stale for "+cause, func() error {
		if status, out := f.ask("status", "--sources"); status != 1 || !strings.Contains(out, "stale") || !strings.Contains(out, cause) {
			return errors.New(out)
		}
		return nil
	})
}

// root is etcdctl as root, once there are users.
func (f *faulty) root(args ...string) {
	etcdctl(f.t, f.s, append([]string{"--user", "root:hunter4"}, args...)...)
}

// kill kills the processes below the supervisor whose command line has a word.
func (c *container) kill(word string) {
	c.t.Helper()
	killed := 0
	for _, pid := range descendants(c.t, c.cmd.Process.Pid) {
		line, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
		if err == nil && strings.Contains(string(line), word) && syscall.Kill(pid, syscall.SIGKILL) == nil {
			killed++
		}
	}
	if killed == 0 {
		c.t.Errorf("there is no process %q to kill", word)
	}
}

// descendants are the processes below one.
func descendants(t *testing.T, pid int) (all []int) {
	t.Helper()
	files, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		text, _ := os.ReadFile(file) // one that has ended has none
		for _, word := range strings.Fields(string(text)) {
			if child, err := strconv.Atoi(word); err == nil {
				all = append(append(all, child), descendants(t, child)...)
			}
		}
	}
	return all
}

func (f *faulty) revision() int {
	f.t.Helper()
	out := etcdctl(f.t, f.s, "get", "/app/log/level", "-w", "json")
	_, text, _ := strings.Cut(out, `"revision":`)
	text, _, _ = strings.Cut(text, ",")
	n, err := strconv.Atoi(text)
	if err != nil {
		f.t.Fatalf("no revision in %s", out)
	}
	return n
}

func faults() []fault {
	const replaced = "watch: history of etcd was replaced, everything is taken from the new one"
	return []fault{
		{"the server is restarted", func(f *faulty) {
			f.s.Stop()
			f.stale("connection")
			f.s.Run()
			f.put("after")
		}, nil, true},
		{"the server says nothing", func(f *faulty) {
			resume := f.s.Pause()
			f.stale("answers no read within 500ms")
			resume()
			f.put("after")
		}, nil, true},
		{"the network is cut", func(f *faulty) {
			f.wire.Cut()
			f.put("after")
			f.stale("connection refused")
			f.wire.Mend()
		}, nil, true},
		{"the history is compacted while the network is cut", func(f *faulty) {
			f.wire.Cut()
			for range 5 {
				f.put("between")
			}
			f.put("after")
			etcdctl(f.t, f.s, "compact", strconv.Itoa(f.revision()))
			etcdctl(f.t, f.s, "defrag")
			f.stale("connection refused")
			f.wire.Mend()
		}, nil, true},
		{"a backup is restored", func(f *faulty) {
			f.put("after")
			restore := f.s.Save()
			for range 5 {
				f.put("lost")
			}
			f.has("out.conf", "level lost")
			restore()
		}, []string{replaced}, false},
		{"the cluster is another one", func(f *faulty) {
			n := f.revision()
			f.s.Renew()
			for range n + 5 { // further than the former
				f.put("between")
			}
			f.put("after")
		}, []string{replaced, "former_store="}, false},
		{"the user is removed, and is back", func(f *faulty) {
			for _, line := range []string{
				"user add root:hunter4", "user grant-role root root", "role add reader", "role grant-permission reader read --prefix=true /app/",
				"user add app:hunter3", "user grant-role app reader", "auth enable",
			} {
				etcdctl(f.t, f.s, strings.Fields(line)...)
			}
			f.root("put", "/app/log/level", "seen")
			f.has("out.conf", "level seen")
			f.root("user", "delete", "app")
			f.stale("")
			f.root("put", "/app/log/level", "after")
			f.root("user", "add", "app:hunter5")
			f.root("user", "grant-role", "app", "reader")
			f.stale(`the user "app" or the password is wrong`)
			f.write("password", "hunter5\n")
		}, nil, true},
		{"the user may not read any more, and may again", func(f *faulty) {
			for _, line := range []string{
				"user add root:hunter4", "user grant-role root root", "role add reader", "role grant-permission reader read --prefix=true /app/",
				"user add app:hunter3", "user grant-role app reader", "auth enable",
			} {
				etcdctl(f.t, f.s, strings.Fields(line)...)
			}
			f.root("role", "revoke-permission", "--prefix=true", "reader", "/app/")
			f.stale("permission denied")
			f.root("put", "/app/log/level", "after")
			f.root("role", "grant-permission", "--prefix=true", "reader", "read", "/app/")
		}, nil, true},
		{"the source is killed", func(f *faulty) {
			f.kill("slipway-source-etcd")
			f.put("after")
		}, []string{"signal: killed"}, true},
		{"the watcher is killed", func(f *faulty) {
			f.kill("slipway\x00watch")
			f.put("after")
		}, []string{"the watcher has ended (terminated by SIGKILL"}, false},
	}
}

// What the faults of a cluster do, each by its name: programs keep what they have, one line
// says what is wrong and one that it is over, and the newest revision is applied.
func TestFollowingFaults(t *testing.T) {
	eachEtcd(t, func(t *testing.T, version string) {
		for _, row := range faults() {
			t.Run(row.name, func(t *testing.T) {
				s := etcdtest.Start(t, etcdtest.Options{Version: version})
				etcdctl(t, s, "put", "/app/log/level", "before")
				f := faulty{s: s, wire: etcdtest.Connect(t, s)}
				f.container = followed(t, f.wire.Endpoint, "timeout = 500ms\nuser = app\npassword_file = DIR/password\n")
				f.write("password", "hunter3\n")
				if !strings.Contains(row.name, "the user") {
					f.container = followed(t, f.wire.Endpoint, "timeout = 500ms\n")
				}
				f.up()
				f.has("out.conf", "level before")
				f.prints("in contact", "status")
				row.do(&f)
				f.has("out.conf", "level after")
				f.prints("in contact", "status", "--sources")
				lost := f.times("activity.log", "watch: lost contact to etcd")
				back := f.times("activity.log", "watch: contact to etcd is back")
				if lost != back || row.lost && lost == 0 {
					t.Errorf("the log says %d times that contact is lost and %d times that it is back:\n%s", lost, back, f.read("activity.log"))
				}
				for _, line := range row.log {
					if !strings.Contains(f.read("activity.log"), line) {
						t.Errorf("the log does not say %q:\n%s", line, f.read("activity.log"))
					}
				}
				if n := f.times("started", "\n"); n != 1 {
					t.Errorf("web was started %d times, want once", n)
				}
				f.down()
			})
		}
	})
}

// A container whose store is away for long is not ready, if that is asked for.
func TestStaleIsUnready(t *testing.T) {
	s := etcdtest.Start(t, etcdtest.Options{Version: "debian"})
	c := followed(t, s.Endpoint, "timeout = 300ms\non_stale = unready\nstale_after = 100ms\n")
	c.up()
	c.prints("in contact", "status")
	s.Stop()
	testkit.Eventually(t, testkit.Patience, "the container is not ready", func() error {
		if status, out := c.ask("healthcheck"); status != 1 || !strings.Contains(out, "etcd: no contact for ") {
			return fmt.Errorf("status %d: %s", status, out)
		}
		return nil
	})
	c.has("activity.log", "watch: etcd is stale, the container counts as not ready for=")
	s.Run()
	c.healthy()
	c.down()
}
