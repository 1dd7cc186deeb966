package containers

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"slipway/internal/test/testkit"
	"slipway/supervise/control"
)

// threads is how many threads a process has.
func threads(t *testing.T, pid int) string {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Fatalf("PID 1 is gone: %v", err)
	}
	_, rest, _ := strings.Cut(string(text), "\nThreads:")
	line, _, _ := strings.Cut(rest, "\n")
	return strings.TrimSpace(line)
}

// thrown reports whether the Go runtime has given up.
func thrown(text string) bool {
	return strings.Contains(text, "goroutine ") || strings.Contains(text, "newosproc")
}

// TestProcessLimit: a program forks until the container has as many processes as it may,
// others print and die beside it. PID 1 makes no thread, clients answer or say why not,
// and the end is orderly.
func TestProcessLimit(t *testing.T) {
	build(t)
	ini := program("bomb", "/bin/sh -c 'while :; do sleep 3 & done'", "on_fatal=ignore", "autorestart=true") +
		program("talk", "/bin/sh -c 'while :; do echo hello; i=0; while [ $i -lt 1000 ]; do i=$((i+1)); done; done'", "on_fatal=ignore", "stopsignal=KILL") +
		program("die", "/bin/sh -c 'echo dying >&2; read -t 0.1 x </proc/1/mem; exit 1'", "on_fatal=ignore", "startretries=100000")
	for range testkit.Repeat(t, 2) {
		c := testkit.Run(t, testkit.RunOptions{Image: image, Flags: configured(t, ini, "--pids-limit", "40")})
		pid := c.PID(t)
		before := ""
		testkit.Eventually(t, testkit.Patience, "the limit is reached", func() error {
			if strings.Contains(c.Logs(t), "Too many processes") || strings.Contains(c.Logs(t), "can't fork") {
				before = threads(t, pid)
				return nil
			}
			return errors.New("not yet")
		})
		for range 5 {
			// The engine may not be able to start anything there, either.
			out, _ := exec.Command("docker", "exec", c.ID, "slipway", "status").CombinedOutput()
			if thrown(string(out)) && strings.Contains(string(out), "slipway/") {
				t.Errorf("slipway status: %s", out)
			}
			c.Kill(t, "HUP")
		}
		if after := threads(t, pid); after != before {
			t.Errorf("PID 1 had %s threads, then %s", before, after)
		}
		c.Stop(t, time.Minute)
		if status, log := c.ExitStatus(t, testkit.Patience), c.Logs(t); status != 0 || thrown(log) {
			t.Errorf("exit status after docker stop = %d, want 0\n%s", status, log)
		}
	}
}

// TestThreadsAtTheLimit: a container may have no more tasks than it has, and a program forks all
// the time. With six FIFOs that take little, a syslog that takes nothing, HUPs, logs that are
// opened anew, requests and a collector that runs without a pause, PID 1 never has a thread more
// than at RUNNING.
func TestThreadsAtTheLimit(t *testing.T) {
	build(t)
	dir := t.TempDir()
	write(t, dir+"/keep", "")
	ini := program("bomb", "/bin/sh -c 'while :; do sleep 1 & done'", "on_fatal=ignore", "autorestart=true", "startretries=100000", "startsecs=0", "priority=1000")
	var fifos []*os.File
	for i := range 8 {
		name := fmt.Sprintf("w%d", i)
		log := "stdout_syslog=true\n"
		if i < 6 {
			log = "stdout_logfile=/run/slipway/" + name + "\nstdout_logfile_maxbytes=0\n"
			if err := syscall.Mkfifo(dir+"/"+name, 0o600); err != nil {
				t.Fatal(err)
			}
			f, err := os.OpenFile(dir+"/"+name, os.O_RDWR|syscall.O_NONBLOCK, 0)
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			fifos = append(fifos, f)
		}
		ini += "[program:" + name + "]\ncommand=/bin/sh -c 'while :; do echo a line of " + name + "; done'\non_fatal=ignore\n" + log
	}
	syslog, err := net.ListenPacket("unixgram", dir+"/log") // of which nobody reads
	if err != nil {
		t.Fatal(err)
	}
	defer syslog.Close()
	c := testkit.Run(t, testkit.RunOptions{Image: image, Flags: configured(t, ini, "-e", "GOGC=1", "--pids-limit", "100",
		"-v", dir+":/run/slipway", "-v", dir+"/log:/dev/log")})
	pid := c.PID(t)
	testkit.Eventually(t, testkit.Patience, "the writers run", func() error {
		out, _ := fromOutside(t, dir, "status", "w0", "w1", "w2", "w3", "w4", "w5", "w6", "w7")
		if strings.Count(out, "RUNNING") < 8 {
			return errors.New(out)
		}
		return nil
	})
	before := threads(t, pid)
	tasks := 0
	for line := range strings.Lines(testkit.MustDocker(t, "top", c.ID, "-eo", "pid,nlwp")) {
		if f := strings.Fields(line); f[0] != "PID" {
			n, err := strconv.Atoi(f[1])
			if err != nil {
				t.Fatal(err)
			}
			tasks += n
		}
	}
	testkit.MustDocker(t, "update", "--pids-limit", strconv.Itoa(tasks), c.ID)
	answers, buf := 0, make([]byte, 8<<10)
	for range testkit.Repeat(t, 10) {
		for _, sig := range []syscall.Signal{syscall.SIGHUP, syscall.SIGUSR2} {
			if err := syscall.Kill(pid, sig); err != nil {
				t.Fatal(err)
			}
		}
		if out, err := fromOutside(t, dir, "status"); err == nil && strings.Contains(out, "bomb") {
			answers++
		} else {
			t.Errorf("status: %v\n%s", err, out)
		}
		for _, f := range fifos {
			syscall.Read(int(f.Fd()), buf) // an error means that there was nothing
		}
		if now := threads(t, pid); now != before {
			t.Fatalf("PID 1 had %s threads, and has %s", before, now)
		}
	}
	t.Logf("%d tasks, %s threads of PID 1, %d answers", tasks, before, answers)
	c.Stop(t, time.Minute)
	if status, log := c.ExitStatus(t, testkit.Patience), c.Logs(t); status != 0 || thrown(log) {
		t.Errorf("exit status after docker stop = %d, want 0\n%s", status, log)
	}
}

// fromOutside is a command of a client outside of the container, for the socket in dir.
func fromOutside(t *testing.T, dir string, args ...string) (string, error) {
	cmd := exec.Command(testkit.Binaries(t).Slipway, args...)
	cmd.Env = append(os.Environ(), "SLIPWAY_CONTROL="+dir+"/control.sock")
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.ExitCode() == 1 { // not everything runs
		err = nil
	}
	return string(out), err
}

// TestTooFewTasks: where a container may have fewer threads than a start takes, it says so.
func TestTooFewTasks(t *testing.T) {
	build(t)
	for _, limit := range []int{1, 3, 5, 8, 12, 13, 14, 15} {
		out, err := exec.Command("docker", "run", "--rm", "--pids-limit", fmt.Sprint(limit), image, "run", "--", "sh", "-c", "echo up; exit 5").CombinedOutput()
		status := 0
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			status = exit.ExitCode()
		}
		said := strings.Contains(string(out), "cannot start: the kernel makes no more processes and threads")
		t.Logf("limit %d: %d, %v", limit, status, said)
		switch {
		case status == 5 && limit > 13, status == 71 && said:
		case status == 125 || status == 128 || strings.Contains(string(out), "OCI runtime"): // the engine's own start has failed
		default:
			t.Errorf("with %d tasks: exit status %d, want 71, or 5\n%s", limit, status, out)
		}
	}
}

// TestDescriptorLimit: clients of the control socket take all descriptors that they can
// get. A program that dies is started again, and PID 1 has nothing to do in between.
func TestDescriptorLimit(t *testing.T) {
	build(t)
	dir := t.TempDir()
	write(t, dir+"/keep", "")
	ini := program("die", "/bin/sh -c 'echo up; read -t 1 x </proc/1/fd/none; sleep 2; exit 1'", "on_fatal=ignore")
	c := testkit.Run(t, testkit.RunOptions{Image: image, Flags: configured(t, ini, "--ulimit", "nofile=64:64", "-v", dir+":/run/slipway")})
	pid := c.PID(t)
	says(t, c, "up")
	for range 100 {
		conn, err := net.Dial("unix", dir+"/control.sock")
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		// A call that stays open: the events.
		conn.Write(control.AppendFrame(nil, control.Frame{
			Kind: control.FrameRequest, ID: 1, Method: control.OpEventStream, Args: []control.Value{control.Strings(nil)},
		}))
	}
	says(t, c, "cannot serve another client of the control socket")
	before, used := strings.Count(c.Logs(t), "up\n"), cpu(t, pid)
	began := time.Now()
	testkit.Eventually(t, testkit.Patience, "the program is started again", func() error {
		if n := strings.Count(c.Logs(t), "up\n"); n < before+2 {
			return fmt.Errorf("%d starts", n)
		}
		return nil
	})
	if took := cpu(t, pid) - used; took > time.Since(began)/4 {
		t.Errorf("PID 1 needed %v of CPU in %v: it spins", took, time.Since(began))
	}
	c.Stop(t, time.Minute)
	if status := c.ExitStatus(t, testkit.Patience); status != 0 {
		t.Errorf("exit status after docker stop = %d, want 0", status)
	}
}

// cpu is how much CPU time a process has used, in the kernel and outside.
func cpu(t *testing.T, pid int) time.Duration {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), ") ")
	f := strings.Fields(rest)
	var ticks time.Duration
	for _, field := range f[11:13] {
		n, err := strconv.Atoi(field)
		if err != nil {
			t.Fatal(err)
		}
		ticks += time.Duration(n)
	}
	return ticks * time.Second / 100
}
