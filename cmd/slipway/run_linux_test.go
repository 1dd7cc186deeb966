package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"slipway/internal/test/testkit"
)

// container is a run of the released executables in a folder of its own.
type container struct {
	t    *testing.T
	dir  string
	bins testkit.Bins
	cmd  *exec.Cmd
	out  bytes.Buffer // read it after wait only
}

func newContainer(t *testing.T, conf string) *container {
	t.Helper()
	c := &container{t: t, dir: t.TempDir(), bins: testkit.Binaries(t)}
	c.write("app.conf", "[slipway]\nruntime = "+c.dir+"/run\nenv_dir = "+c.dir+"/env.d\ntemplates = "+c.dir+"/templates\n"+strings.ReplaceAll(conf, "DIR", c.dir))
	return c
}

func (c *container) write(name, text string) {
	c.t.Helper()
	file := filepath.Join(c.dir, name)
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		c.t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		c.t.Fatal(err)
	}
}

// start runs slipway under the name and the arguments given.
func (c *container) start(name string, args ...string) {
	c.t.Helper()
	c.prepare(name, args...)
	c.launch()
}

func (c *container) prepare(name string, args ...string) {
	c.cmd = exec.Command(c.bins.Slipway)
	c.cmd.Args = append([]string{name}, args...)
	c.cmd.Dir = c.dir
	c.cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "CANARY=hunter2"}
	c.cmd.Stdout, c.cmd.Stderr = &c.out, &c.out
}

func (c *container) launch() {
	c.t.Helper()
	if err := c.cmd.Start(); err != nil {
		c.t.Fatal(err)
	}
	endWith(c.t, c.cmd)
}

// endWith has a supervisor ended with the test, if it runs then, and its programs with it: a
// supervisor that is killed leaves them behind. The first TERM asks, the third kills.
func endWith(t *testing.T, cmd *exec.Cmd) {
	t.Cleanup(func() {
		go cmd.Process.Wait() // fails where the test has waited
		testkit.Eventually(t, testkit.Patience, "the end of the supervisor", func() error {
			if err := cmd.Process.Signal(syscall.SIGTERM); err == nil {
				return errors.New("it is still there")
			}
			return nil
		})
	})
}

// startWaiting starts slipway and returns when its standard error has said what it waits for.
func (c *container) startWaiting(want string, args ...string) {
	c.t.Helper()
	log, err := os.Create(filepath.Join(c.dir, "stderr"))
	if err != nil {
		c.t.Fatal(err)
	}
	defer log.Close()
	c.prepare("slipway", args...)
	c.cmd.Stderr = log
	c.launch()
	testkit.Eventually(c.t, testkit.Patience, "it says what it waits for", func() error {
		text, err := os.ReadFile(log.Name())
		if err == nil && !strings.Contains(string(text), want) {
			err = fmt.Errorf("it has said %q", text)
		}
		return err
	})
}

// wait returns the exit status and all that was printed.
func (c *container) wait() (int, string) {
	c.t.Helper()
	done := make(chan error, 1)
	go func() { done <- c.cmd.Wait() }() // ends with the process; read below
	select {
	case err := <-done:
		var exit *exec.ExitError
		if err != nil && !errors.As(err, &exit) {
			c.t.Fatal(err)
		}
		return c.cmd.ProcessState.ExitCode(), c.out.String()
	case <-time.After(testkit.Patience):
		c.t.Fatal("slipway does not end")
		return 0, ""
	}
}

// ask runs a command over the control socket.
func (c *container) ask(args ...string) (status int, out string) {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), testkit.Patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, c.bins.Slipway, args...)
	cmd.Env = []string{"SLIPWAY_CONTROL=" + c.dir + "/run/control.sock"}
	text, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		c.t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), string(text)
}

func (c *container) healthy() {
	c.t.Helper()
	testkit.Eventually(c.t, testkit.Patience, "slipway healthcheck", func() error {
		if status, out := c.ask("healthcheck"); status != 0 {
			return fmt.Errorf("status %d: %s", status, out)
		}
		return nil
	})
}

func TestRunBecomesTheSupervisor(t *testing.T) {
	c := newContainer(t, `
[program:web]
command = /bin/sh -c "echo parent $PPID; echo line two; exec sleep 1000"
startsecs = 0
holder = no
stdout_logfile = DIR/web.log
[program:job]
command = /bin/sh -c "exec sleep 1000"
autostart = false
startsecs = 0
`)
	c.start("slipway", "run", "-c", "app.conf")
	c.healthy()
	pid := c.cmd.Process.Pid
	testkit.Eventually(t, testkit.Patience, "the program's parent is the process that was started", func() error {
		log, err := os.ReadFile(filepath.Join(c.dir, "web.log"))
		if want := fmt.Sprintf("parent %d\nline two\n", pid); err == nil && string(log) != want {
			err = fmt.Errorf("log = %q, want %q", log, want)
		}
		return err
	})
	cmdline, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
	if err != nil || !bytes.HasPrefix(cmdline, []byte("slipway-init\x00run\x00")) || bytes.Contains(cmdline, []byte("hunter2")) {
		t.Errorf("command line = %q, %v, want slipway-init run, without values", cmdline, err)
	}
	for _, step := range []struct {
		args   string
		status int
		want   string
	}{
		{"status", 0, "RUNNING"},
		{"status --output json web", 0, `"state": "RUNNING"`},
		{"status nosuch", 1, "cannot find nosuch"},
		{"start job", 0, "job: started"},
		{"start job", 0, "job: running already"},
		{"stop job", 0, "job: stopped"},
		{"stop job", 0, "job: not running"},
		{"restart web", 0, "web: restarted"},
		{"signal CONT web", 0, "web: signalled"},
		{"signal NOISE web", 1, "there is no such signal"},
		{"start nosuch", 1, "slipway: hint: slipway status lists the programs"},
		{"tail -n 1 web", 0, "line two\n"},
		{"env --explain CANARY", 0, "CANARY = hunter2\n  from environment"}, // not what this command's own environment has
		{"reread", 0, "nothing differs"},
		{"update", 0, "nothing differs\n"},
		{"stop all", 0, "web: stopped"},
		{"start all", 0, "job: started"},
	} {
		status, out := c.ask(strings.Fields(step.args)...)
		if status != step.status || !strings.Contains(out, step.want) {
			t.Errorf("slipway %s = %d, %q, want %d, %q", step.args, status, out, step.status, step.want)
		}
	}
	c.write("app.conf", "[slipway]\nruntime = "+c.dir+"/run\n[program:web]\ncommand = nonsense %(here\n")
	if status, out := c.ask("reread"); status != 78 || !strings.Contains(out, "the running one stays") {
		t.Errorf("reread of a broken file = %d, %q, want 78 and that the running one stays", status, out)
	}
	if status, out := c.ask("shutdown"); status != 0 || !strings.Contains(out, "shut down") {
		t.Errorf("shutdown = %d, %q, want 0, shut down", status, out)
	}
	if status, out := c.wait(); status != 0 {
		t.Errorf("exit status = %d, want 0\n%s", status, out)
	}
	if status, out := c.ask("status"); status != 69 || !strings.Contains(out, "nothing listens on") {
		t.Errorf("status without a supervisor = %d, %q, want 69", status, out)
	}
}

func TestRunEndsWithItsCommand(t *testing.T) {
	for _, row := range []struct {
		name    string
		command string
		want    int
	}{
		{"its status", "exit 7", 7},
		{"success", "exit 0", 0},
		{"its signal", "kill -KILL $$", 137},
	} {
		t.Run(row.name, func(t *testing.T) {
			c := newContainer(t, "")
			c.start("slipway", "-c", "app.conf", "--", "sh", "-c", row.command)
			if status, out := c.wait(); status != row.want {
				t.Errorf("exit status = %d, want %d\n%s", status, row.want, out)
			}
		})
	}
}

// A signal that arrives while a check runs ends the launch, and the check.
func TestSignalDuringTheLaunch(t *testing.T) {
	for _, sig := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT, syscall.SIGQUIT, syscall.SIGHUP} {
		t.Run(sig.String(), func(t *testing.T) {
			c := newContainer(t, `
[template:DIR/out/app.conf]
source = DIR/app.tmpl
parents = true
check = echo $$ > DIR/check.pid; sleep 1000; true {file}
[program:app]
command = sleep 1000
`)
			c.write("app.tmpl", "text\n")
			c.start("slipway", "run", "-c", "app.conf")
			var check int
			testkit.Eventually(t, testkit.Patience, "the check runs", func() error {
				text, err := os.ReadFile(filepath.Join(c.dir, "check.pid"))
				if err == nil {
					check, err = strconv.Atoi(strings.TrimSpace(string(text)))
				}
				return err
			})
			if err := c.cmd.Process.Signal(sig); err != nil {
				t.Fatal(err)
			}
			if status, out := c.wait(); status != 128+int(sig) {
				t.Errorf("exit status = %d, want %d\n%s", status, 128+int(sig), out)
			}
			testkit.Eventually(t, testkit.Patience, "the check ends", func() error {
				if err := syscall.Kill(check, 0); !errors.Is(err, syscall.ESRCH) {
					return fmt.Errorf("process %d is there: %v", check, err)
				}
				return nil
			})
			if _, err := os.Stat(filepath.Join(c.dir, "out/app.conf")); err == nil {
				t.Error("the file was written")
			}
		})
	}
}

func TestSupervisord(t *testing.T) {
	conf := `
[supervisord]
logfile = DIR/supervisord.log
pidfile = DIR/supervisord.pid
[template:DIR/app.conf.rendered]
source = DIR/app.tmpl
[program:web]
command = sleep 1000
startsecs = 0
`
	t.Run("in the foreground", func(t *testing.T) {
		c := newContainer(t, conf)
		c.write("app.tmpl", "text\n")
		c.start("supervisord", "-n", "-c", "app.conf", "-e", "debug")
		c.healthy()
		if text, err := os.ReadFile(filepath.Join(c.dir, "app.conf.rendered")); err != nil || string(text) != "text\n" {
			t.Errorf("rendered = %q, %v: the same file serves both", text, err)
		}
		if err := c.cmd.Process.Signal(syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
		if status, out := c.wait(); status != 0 || !strings.Contains(out, "supervisord started with pid") {
			t.Errorf("exit status = %d, want 0, and a log on standard output\n%s", status, out)
		}
	})
	t.Run("as a daemon", func(t *testing.T) {
		c := newContainer(t, conf)
		c.write("app.tmpl", "text\n")
		c.start("supervisord", "-c", "app.conf")
		if status, out := c.wait(); status != 0 {
			t.Fatalf("exit status = %d, want 0 as soon as it runs\n%s", status, out)
		}
		text, err := os.ReadFile(filepath.Join(c.dir, "supervisord.pid"))
		if err != nil {
			t.Fatal(err)
		}
		pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
		if err != nil || pid == c.cmd.Process.Pid {
			t.Fatalf("pid file = %q, %v, want the daemon's", text, err)
		}
		c.healthy()
		if err := syscall.Kill(pid, syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
		testkit.Eventually(t, testkit.Patience, "the daemon ends", func() error {
			if status, _ := c.ask("status"); status != 69 {
				return fmt.Errorf("slipway status = %d", status)
			}
			return nil
		})
	})
}
