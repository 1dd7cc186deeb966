package main

import (
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"slipway/internal/test/testkit"
)

// withoutPtrace makes cmd run without the capability that lets one look into every process:
// containers do not have it.
func withoutPtrace(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	path, err := exec.LookPath("setpriv")
	if err != nil {
		t.Skip(err.Error())
	}
	cmd.Args = append([]string{"setpriv", "--bounding-set=-sys_ptrace", cmd.Path}, cmd.Args[1:]...)
	cmd.Path = path
}

// inside runs a shell command in the container, as docker exec does.
func (c *container) inside(script string) (string, error) {
	cmd := exec.Command("/bin/sh", "-c", script)
	withoutPtrace(c.t, cmd)
	out, err := exec.Command("nsenter", append([]string{"-t", strconv.Itoa(c.cmd.Process.Pid), "-p", "-m"}, cmd.Args...)...).CombinedOutput()
	return strings.TrimSpace(string(out)), err
}

// Root in a container can use what /proc shows of PID 1, whatever PID 1 has started as
// another user: programs, cron jobs and docker exec write to /proc/1/fd/1.
func TestPID1CanBeLookedInto(t *testing.T) {
	testkit.Need(t, testkit.Root, testkit.Accounts)
	c := newContainer(t, `
[unix_http_server]
file = DIR/http.sock
[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface
[program:other]
command = /bin/sleep 1000
user = nobody
startsecs = 0
ready = exec:/bin/true
reload = command /bin/true
[program:cron]
command = /bin/sh -c "echo from a program > /proc/1/fd/1; exec sleep 1000"
depends_on = other
startsecs = 0
autorestart = false
`)
	c.prepare("slipway", "run", "-c", "app.conf")
	withoutPtrace(t, c.cmd)
	testkit.AsPID1(t, c.cmd)
	c.launch()
	c.healthy()
	look := func(after string) {
		t.Helper()
		out, err := c.inside("echo after " + after + " > /proc/1/fd/1 && readlink /proc/1/exe && cat /proc/1/environ > /dev/null")
		if err != nil {
			t.Errorf("after %s: %v: %s", after, err, out)
		}
	}
	look("a program of another user and its probe")
	if status, out := c.ask("reload", "other"); status != 0 {
		t.Fatalf("reload = %d, %s", status, out)
	}
	look("a command of another user")
	ctl := exec.Command(c.bins.Slipway, "-s", "unix://"+c.dir+"/http.sock", "status")
	ctl.Args[0] = "supervisorctl"
	if out, err := ctl.Output(); !strings.Contains(string(out), "RUNNING") {
		t.Fatalf("supervisorctl status: %v: %s", err, out)
	}
	look("a call over HTTP")
	if status, out := c.ask("shutdown"); status != 0 {
		t.Fatalf("shutdown = %d, %s", status, out)
	}
	_, out := c.wait()
	for _, want := range []string{"from a program\n", "after a program of another user", "after a command", "after a call over HTTP"} {
		if !strings.Contains(out, want) {
			t.Errorf("the container's output lacks %q:\n%s", want, out)
		}
	}
}
