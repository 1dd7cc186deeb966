package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"slipway/internal/test/testkit"
)

// aDaemon writes its pid file, and removes it when it is asked to end, by itself.
const aDaemon = `#!/bin/sh
trap 'rm -f "$1"; exit 0' TERM
echo $$ > "$1"
while :; do sleep 1000 & wait $!; done
`

// launchers are ways into the background that every system has: what a shell does with the
// command of the daemon, DAEMON, and its pid file.
var launchers = []struct {
	name, line string
	needs      string // a command
	root       bool
}{
	{"setsid", "setsid -f DAEMON", "setsid", false},
	{"nohup", "nohup DAEMON > /dev/null 2>&1 &", "nohup", false},
	{"background", "DAEMON &", "", false},
	{"double-fork", "(setsid sh -c 'DAEMON &' &)", "setsid", false},
	{"no-environment", "env -i /bin/sh -c 'setsid -f DAEMON'", "setsid", false},
	{"pause-before-setsid", "(sleep 0.05; exec setsid DAEMON) &", "setsid", false},
	{"pause-in-between", "(sleep 0.05; setsid -f DAEMON; sleep 0.05) &", "setsid", false},
	{"start-stop-daemon", "start-stop-daemon --start --quiet --background --pidfile PIDFILE.own --make-pidfile --startas DIR/daemon -- PIDFILE", "start-stop-daemon", false},
	{"su", `su -s /bin/sh -c "setsid DAEMON &" root`, "su", true},
	{"perl", `perl -e 'fork and exit; require POSIX; POSIX::setsid(); fork and exit; $0 = "x" x 4000; exec "/bin/sh", "DIR/daemon", "PIDFILE"'`, "perl", false},
}

// launcherCopies is how many of each kind run at once.
const launcherCopies = 6

// TestLaunchers: a daemon of whatever make is adopted, none is started twice, each is
// stopped by its own signal, and none is left. All kinds run at once, and again.
func TestLaunchers(t *testing.T) {
	for range testkit.Repeat(t, 1) {
		launchAll(t, "holder", nil)
	}
}

// The same where control groups are delegated.
func TestLaunchersWithControlGroups(t *testing.T) {
	dir := testkit.NewCgroup(t)
	if err := unix.Setxattr(dir, "user.delegate", []byte("1"), 0); err != nil { // as systemd marks it
		t.Skip("this kernel keeps no attributes of control groups: " + err.Error())
	}
	group, err := os.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer group.Close()
	for range testkit.Repeat(t, 1) {
		launchAll(t, "cgroup", &syscall.SysProcAttr{UseCgroupFD: true, CgroupFD: int(group.Fd())})
	}
}

// Where a seccomp profile lets nobody be a holder, the pid file says which of the orphans that
// have come to the supervisor it is, of whatever make.
func TestLaunchersWithoutHolders(t *testing.T) {
	c, scripts := launching(t, 1)
	c.prepare("slipway", "run", "-c", "app.conf")
	var err error
	testkit.Refused(t, syscall.EPERM, func() { err = c.cmd.Start() }, testkit.Call{Number: unix.SYS_SIGNALFD4})
	if err != nil {
		t.Fatal(err)
	}
	endWith(t, c.cmd)
	c.stopAll(c.adopted(len(scripts), "marks"))
}

// nothingLeft fails the test if a process runs whose arguments have the test's folder.
func (c *container) nothingLeft() {
	c.t.Helper()
	if list, _ := exec.Command("pgrep", "-af", c.dir).Output(); len(list) > 0 {
		c.t.Errorf("processes are left: %s", list)
	}
}

// launching has a program for each copy of each launcher, and returns their scripts.
func launching(t *testing.T, copies int) (*container, map[string]string) {
	t.Helper()
	var conf strings.Builder
	scripts := map[string]string{}
	for _, l := range launchers {
		if _, err := exec.LookPath(l.needs); l.needs != "" && err != nil || l.root && os.Getuid() != 0 {
			continue
		}
		for i := range copies {
			name := fmt.Sprintf("%s-%d", l.name, i)
			fmt.Fprintf(&conf, "[program:%s]\ncommand = /bin/sh DIR/%s.sh\npidfile = DIR/%s.pid\n", name, name, name)
			line := strings.ReplaceAll(l.line, "DAEMON", "/bin/sh DIR/daemon PIDFILE")
			scripts[name] = strings.ReplaceAll(line, "PIDFILE", "DIR/"+name+".pid")
		}
	}
	c := newContainer(t, conf.String())
	c.write("daemon", aDaemon)
	if err := os.Chmod(filepath.Join(c.dir, "daemon"), 0o755); err != nil {
		t.Fatal(err)
	}
	for name, line := range scripts {
		c.write(name+".sh", strings.ReplaceAll(line, "DIR", c.dir)+"\n")
	}
	return c, scripts
}

// launchAll is one round, at a level, of a supervisor with these attributes.
func launchAll(t *testing.T, level string, attr *syscall.SysProcAttr) {
	t.Helper()
	c, scripts := launching(t, launcherCopies)
	want := len(scripts)
	c.prepare("slipway", "run", "-c", "app.conf")
	c.cmd.SysProcAttr = attr
	c.launch()
	c.stopAll(c.adopted(want, level))
}

// stopAll stops the daemons, and fails the test if one was not asked, has been started twice, or
// has left something.
func (c *container) stopAll(main map[string]int) {
	t := c.t
	t.Helper()
	status, out := c.ask("stop", "all")
	if status != 0 {
		t.Errorf("stop ended with %d: %s", status, out)
	}
	for name, pid := range main {
		if _, err := os.Stat(filepath.Join(c.dir, name+".pid")); !os.IsNotExist(err) {
			t.Errorf("%s has left its pid file (%v): it was not stopped by its signal", name, err)
		}
		if err := syscall.Kill(pid, 0); err != syscall.ESRCH {
			t.Errorf("%s (%d) is left: %v", name, pid, err)
		}
	}
	if err := c.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	_, text := c.wait()
	if n := strings.Count(text, "spawned: "); n != len(main) {
		t.Errorf("%d starts, want %d", n, len(main))
	}
	if strings.Contains(text, "SIGKILL") || t.Failed() {
		t.Errorf("the log says\n%s", text)
	}
	c.nothingLeft()
}

// adopted waits until all daemons run and are the programs' main processes, and returns
// their numbers.
func (c *container) adopted(want int, level string) map[string]int {
	c.t.Helper()
	main := map[string]int{}
	testkit.Eventually(c.t, testkit.Patience, "all daemons are adopted", func() error {
		_, out := c.ask("status", "--output", "json")
		var all []processView
		if err := json.Unmarshal([]byte(out), &all); err != nil {
			return fmt.Errorf("%v: %s", err, out)
		}
		for _, p := range all {
			text, err := os.ReadFile(filepath.Join(c.dir, p.Name+".pid"))
			if pid := strings.TrimSpace(string(text)); p.State != "RUNNING" || err != nil || pid != strconv.FormatInt(p.PID, 10) || p.Level != level {
				return fmt.Errorf("%s is %s as %d (%s %s), its file has %q", p.Name, p.State, p.PID, p.Level, p.LevelWhy, pid)
			}
			main[p.Name] = int(p.PID)
		}
		if len(all) != want {
			return fmt.Errorf("%d programs, want %d", len(all), want)
		}
		return nil
	})
	return main
}

// The line from which all of this began: the environment is put into the file of defaults by
// a shell, and the service is started by a script of init, which wipes its environment and
// leaves the server in the background. It is supervised all the same, unchanged.
func TestClassicServiceLine(t *testing.T) {
	c := newContainer(t, `
[program:webapp]
command=/bin/bash -c "env > DIR/tomcat.env && cat DIR/default >> DIR/tomcat.env && mv DIR/tomcat.env DIR/default && DIR/service tomcat7 start"
`)
	if _, err := exec.LookPath("bash"); err != nil {
		t.Skip("there is no bash")
	}
	c.write("default", "DOCKER_OPTS=\"-DHOST=${ELASTICSEARCH_HOST}\"\n")
	c.write("service", "#!/bin/sh\ncd / && exec env -i PATH=\"$PATH\" /bin/sh DIR/init.d \"$2\"\n")
	c.write("init.d", `. DIR/default
case $1 in start) (umask 022; setsid /bin/sh DIR/server "$DOCKER_OPTS" > /dev/null 2>&1 &) ;; esac
exit 0
`)
	c.write("server", `trap 'echo stopped > DIR/out; exit 0' TERM
echo "$1" > DIR/out
while :; do sleep 1000 & wait $!; done
`)
	for _, name := range []string{"service", "init.d", "server"} {
		path := filepath.Join(c.dir, name)
		text, err := os.ReadFile(path)
		if err == nil {
			err = os.WriteFile(path, []byte(strings.ReplaceAll(string(text), "DIR", c.dir)), 0o755)
		}
		if err == nil {
			err = os.Chmod(path, 0o755)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	c.prepare("slipway", "run", "-c", "app.conf")
	c.cmd.Env = append(c.cmd.Env, "ELASTICSEARCH_HOST=es.example")
	c.launch()
	testkit.Eventually(t, testkit.Patience, "the server runs with what the environment said", func() error {
		text, err := os.ReadFile(filepath.Join(c.dir, "out"))
		if want := "-DHOST=es.example\n"; err == nil && string(text) != want {
			err = fmt.Errorf("it has %q, want %q", text, want)
		}
		if _, out := c.ask("status", "--output", "json"); err == nil && !strings.Contains(out, `"RUNNING"`) {
			err = errors.New(out)
		}
		return err
	})
	if err := c.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	status, text := c.wait()
	if out, _ := os.ReadFile(filepath.Join(c.dir, "out")); status != 0 || string(out) != "stopped\n" {
		t.Errorf("ended with %d, the server said %q; want 0, and that it was stopped\n%s", status, out, text)
	}
	if n := strings.Count(text, "spawned: "); n != 1 || !strings.Contains(text, "forked: webapp went into the background") {
		t.Errorf("%d starts, want 1 that is followed:\n%s", n, text)
	}
}

// An executable of go build alone has no holders, and status says so.
func TestLevelWithoutTheEntry(t *testing.T) {
	c := newContainer(t, "[program:web]\ncommand = sleep 1000\nstartsecs = 0\n")
	bin := filepath.Join(t.TempDir(), "slipway")
	build := exec.Command("go", "build", "-o", bin, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("cannot build: %v\n%s", err, out)
	}
	c.prepare("slipway", "run", "-c", "app.conf")
	c.cmd.Path = bin
	c.launch()
	c.healthy()
	_, out := c.ask("status", "--output", "json")
	var all []processView
	if err := json.Unmarshal([]byte(out), &all); err != nil || len(all) != 1 {
		t.Fatalf("%v: %s", err, out)
	}
	if all[0].Level != "marks" || !strings.Contains(all[0].LevelWhy, "without the entry") {
		t.Errorf("level %q (%s), want marks, as there is no entry", all[0].Level, all[0].LevelWhy)
	}
	if err := c.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	c.wait()
}
