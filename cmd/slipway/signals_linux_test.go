package main

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"slipway/internal/test/testkit"
)

// says waits until a file in the container's folder has a text.
func (c *container) says(file, want string) {
	c.t.Helper()
	testkit.Eventually(c.t, testkit.Patience, file+" says "+strconv.Quote(want), func() error {
		text, err := os.ReadFile(filepath.Join(c.dir, file))
		if err == nil && !strings.Contains(string(text), want) {
			err = fmt.Errorf("it says %q", text)
		}
		return err
	})
}

func (c *container) signal(sig syscall.Signal) {
	c.t.Helper()
	if err := c.cmd.Process.Signal(sig); err != nil {
		c.t.Fatal(err)
	}
}

// asPID1 runs a test twice: of a process like any other, and of PID 1 in a namespace.
func asPID1(t *testing.T, test func(t *testing.T, prepare func(c *container))) {
	t.Run("any process", func(t *testing.T) { test(t, func(*container) {}) })
	t.Run("PID 1", func(t *testing.T) {
		testkit.Need(t, testkit.Linux, testkit.Root)
		test(t, func(c *container) { testkit.AsPID1(t, c.cmd) })
	})
}

const web = "[program:web]\ncommand = sh -c 'echo up; exec sleep 1000'\nstartsecs = 0\nstdout_logfile = DIR/web.log\n"

// TestNoSignalEndsTheSupervisor sends every signal that can be caught.
func TestNoSignalEndsTheSupervisor(t *testing.T) {
	asPID1(t, func(t *testing.T, prepare func(c *container)) {
		c := newContainer(t, web)
		c.prepare("slipway", "run", "-c", "app.conf")
		prepare(c)
		c.launch()
		c.healthy()
		for sig := syscall.Signal(1); sig <= 64; sig++ {
			switch sig {
			case syscall.SIGKILL, syscall.SIGSTOP, syscall.SIGTERM, syscall.SIGINT, syscall.SIGQUIT:
				continue
			}
			c.signal(sig)
			if status, out := c.ask("status", "web"); status != 0 || !strings.Contains(out, "RUNNING") {
				t.Fatalf("after signal %d: status %d: %s", sig, status, out)
			}
		}
		c.signal(syscall.SIGTERM)
		status, out := c.wait()
		if status != 0 {
			t.Errorf("exit status = %d, want 0\n%s", status, out)
		}
		if n := strings.Count(out, "received SIGSEGV, which has no meaning here"); n != 1 {
			t.Errorf("it is said %d times that SEGV has no meaning, want once\n%s", n, out)
		}
	})
}

// TestNoSignalEndsTheStart sends those that usually end a Go program by a trace, or any
// program, at every moment of the start.
func TestNoSignalEndsTheStart(t *testing.T) {
	signals := []syscall.Signal{syscall.SIGABRT, syscall.SIGSEGV, syscall.SIGBUS, syscall.SIGFPE, syscall.SIGILL, syscall.SIGTRAP,
		syscall.SIGSTKFLT, syscall.SIGSYS, 32, 34, 35, 64, syscall.SIGUSR1, syscall.SIGALRM, syscall.SIGPIPE}
	r := rand.New(rand.NewPCG(testkit.Seed(t), 0))
	asPID1(t, func(t *testing.T, prepare func(c *container)) {
		for range testkit.Repeat(t, 10) {
			c := newContainer(t, web)
			c.prepare("slipway", "run", "-c", "app.conf")
			prepare(c)
			c.launch()
			awaitSlipway(t, c.cmd.Process.Pid)
			for begin := time.Now(); time.Since(begin) < 10*time.Millisecond; {
				c.signal(signals[r.IntN(len(signals))])
			}
			testkit.Eventually(t, testkit.Patience, "the program is up", func() error {
				state, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", c.cmd.Process.Pid))
				if err != nil || strings.Contains(string(state), "State:\tZ") {
					_, out := c.wait()
					t.Fatalf("slipway has ended: %v\n%s", c.cmd.ProcessState, out)
				}
				if c.read("web.log") == "" {
					return fmt.Errorf("it is not:\n%s", state)
				}
				return nil
			})
			c.signal(syscall.SIGTERM)
			if status, out := c.wait(); status != 0 {
				t.Fatalf("exit status = %d, want 0\n%s", status, out)
			}
		}
	})
}

// awaitSlipway waits, without a pause, until a process has handlers of ours: before it is
// the shell that has prepared the namespace, or has none. The one of 64 is the last.
func awaitSlipway(t *testing.T, pid int) {
	t.Helper()
	for deadline := time.Now().Add(testkit.Patience); time.Now().Before(deadline); {
		status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
		_, caught, _ := strings.Cut(string(status), "SigCgt:\t")
		set, _ := strconv.ParseUint(strings.TrimSpace(caught[:min(16, len(caught))]), 16, 64)
		if set&(1<<(64-1)) != 0 && strings.HasPrefix(string(status), "Name:\tslipway") {
			return
		}
	}
	t.Fatal("slipway does not begin")
}

// TestCommandGetsItsSignals is slipway run -- COMMAND with a real one.
func TestCommandGetsItsSignals(t *testing.T) {
	asPID1(t, func(t *testing.T, prepare func(c *container)) {
		c := newContainer(t, "")
		names := []string{"HUP", "INT", "QUIT", "USR1", "USR2", "TERM", "WINCH", "ALRM"}
		var script strings.Builder
		for _, n := range names {
			fmt.Fprintf(&script, "trap 'echo %s >>got' %s; ", n, n)
		}
		script.WriteString("mkfifo never; exec 3<>never; echo up >>got; while :; do read x <&3; done")
		c.prepare("slipway", "run", "-c", "app.conf", "--", "sh", "-c", script.String())
		prepare(c)
		c.launch()
		c.says("got", "up")
		for _, sig := range []syscall.Signal{syscall.SIGHUP, syscall.SIGINT, syscall.SIGQUIT, syscall.SIGUSR1, syscall.SIGUSR2, syscall.SIGTERM, syscall.SIGWINCH, syscall.SIGALRM} {
			c.signal(sig)
			c.says("got", names[0]+"\n")
			names = names[1:]
		}
		child := leafOf(t, c.cmd.Process.Pid)
		c.signal(syscall.SIGTSTP)
		awaitState(t, child, "T")
		c.signal(syscall.SIGCONT)
		awaitState(t, child, "S")
		c.signal(36) // it has no handler for that
		status, out := c.wait()
		if status != 128+36 || out != "" {
			t.Errorf("exit status = %d, %q, want %d, and silence", status, out, 128+36)
		}
	})
}

// leafOf is the last descendant of a process, each of which has one child: there may be a
// holder between. A child belongs to the thread that has made it.
func leafOf(t *testing.T, pid int) int {
	t.Helper()
	for {
		lists, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
		if err != nil {
			t.Fatal(err)
		}
		var children []string
		for _, list := range lists {
			text, err := os.ReadFile(list)
			if err != nil {
				t.Fatal(err)
			}
			children = append(children, strings.Fields(string(text))...)
		}
		if len(children) == 0 {
			return pid
		}
		if pid, err = strconv.Atoi(strings.Join(children, " ")); err != nil {
			t.Fatalf("the children are %q", children)
		}
	}
}

// awaitState waits until a process is in a state, such as T for stopped.
func awaitState(t *testing.T, pid int, want string) {
	t.Helper()
	testkit.Eventually(t, testkit.Patience, "state "+want, func() error {
		status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
		if err == nil && !strings.Contains(string(status), "State:\t"+want) {
			err = fmt.Errorf("it is\n%s", status)
		}
		return err
	})
}

// TestDeathSignalSurvivesTheHandoff starts slipway so that it gets TERM when its parent,
// a thread, ends. An execve by another than the main thread clears that.
func TestDeathSignalSurvivesTheHandoff(t *testing.T) {
	c := newContainer(t, web)
	c.prepare("slipway", "run", "-c", "app.conf")
	c.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM}
	started := make(chan struct{})
	release := make(chan struct{})
	var begin func()
	begin = func() { // ends when it is released, and its thread with it
		runtime.LockOSThread()
		if syscall.Gettid() == os.Getpid() { // the main thread never ends
			go begin()
		} else {
			c.launch()
			close(started)
		}
		<-release
	}
	go begin()
	<-started
	c.healthy()
	close(release)
	if status, out := c.wait(); status != 0 || !strings.Contains(out, "received SIGTERM") {
		t.Errorf("exit status = %d, want 0 because of TERM\n%s", status, out)
	}
}

// TestProgramDiesWithTheSupervisor kills a supervisor that is not PID 1.
func TestProgramDiesWithTheSupervisor(t *testing.T) {
	for _, user := range []string{"", "nobody"} {
		t.Run("user="+user, func(t *testing.T) {
			conf := "[program:web]\nstartsecs = 0\npdeathsig = USR1\ncommand = sh -c 'trap \"echo gone; kill \\$!; exit\" USR1; echo up; while :; do sleep 1000 & wait; kill $!; done'\nstdout_logfile = DIR/web.log\n"
			if user != "" {
				testkit.Need(t, testkit.Linux, testkit.Root)
				conf += "user = " + user + "\n"
			}
			// The output is a file: a pipe has no reader by then.
			c := newContainer(t, strings.ReplaceAll(conf, "echo ", "echo >&2 "))
			c.write("app.conf", strings.ReplaceAll(c.read("app.conf"), "sh -c '", "sh -c 'exec 2>>"+c.dir+"/out; "))
			if err := os.WriteFile(filepath.Join(c.dir, "out"), nil, 0o666); err != nil {
				t.Fatal(err)
			}
			if err := errors.Join(os.Chmod(filepath.Join(c.dir, "out"), 0o666), openTo(c.dir)); err != nil {
				t.Fatal(err)
			}
			c.start("slipway", "run", "-c", "app.conf")
			c.says("out", "up")
			c.signal(syscall.SIGKILL)
			c.says("out", "gone")
			c.wait()
		})
	}
}

// openTo lets everybody pass through the folders of a test.
func openTo(dir string) error {
	for ; strings.HasPrefix(dir, os.TempDir()) && dir != os.TempDir(); dir = filepath.Dir(dir) {
		if err := os.Chmod(dir, 0o755); err != nil {
			return err
		}
	}
	return nil
}

// TestProgramsBeginWithNothing starts slipway with signals ignored and blocked, as a
// careless parent does. Programs get none of that, and their ends are noticed.
func TestProgramsBeginWithNothing(t *testing.T) {
	c := newContainer(t, "[program:web]\ncommand = sh -c 'grep Sig /proc/self/status; exec sleep 1000'\nstartsecs = 0\nstdout_logfile = DIR/web.log\n"+
		"[program:job]\ncommand = false\nautorestart = false\nstartsecs = 0\n")
	c.prepare("sh", "-c", "trap '' HUP PIPE TSTP TTIN CHLD INT USR1; exec "+c.bins.Slipway+" run -c app.conf")
	c.cmd.Path = "/bin/sh"
	runtime.LockOSThread()
	var set, old unix.Sigset_t
	for _, sig := range []syscall.Signal{syscall.SIGUSR2, syscall.SIGTERM, syscall.SIGCHLD, 40} {
		set.Val[0] |= 1 << (sig - 1)
	}
	if err := unix.PthreadSigmask(unix.SIG_BLOCK, &set, &old); err != nil {
		t.Fatal(err)
	}
	c.launch()
	if err := unix.PthreadSigmask(unix.SIG_SETMASK, &old, nil); err != nil {
		t.Fatal(err)
	}
	runtime.UnlockOSThread()
	c.says("web.log", "SigCgt:")
	for line := range strings.Lines(c.read("web.log")) {
		if (strings.HasPrefix(line, "SigBlk") || strings.HasPrefix(line, "SigIgn")) && !strings.HasSuffix(line, "\t0000000000000000\n") {
			t.Errorf("a program begins with %s", line)
		}
	}
	testkit.Eventually(t, testkit.Patience, "the end of job is noticed", func() error {
		if _, out := c.ask("status", "job"); !strings.Contains(out, "EXITED") {
			return errors.New(out)
		}
		return nil
	})
	c.signal(syscall.SIGTERM)
	if status, out := c.wait(); status != 0 {
		t.Errorf("exit status = %d, want 0\n%s", status, out)
	}
}
