package main

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"slipway/internal/test/testkit"
)

// TestTermInTheStart sends TERM at any moment of the start. The launch stage ends with 143,
// the supervisor, which has stopped its program, with 0. None is lost, in the execve
// either, and none ends it by accident.
func TestTermInTheStart(t *testing.T) {
	const span = 25 * time.Millisecond
	tries := testkit.Repeat(t, 100)
	began := map[string]int{}
	for i := range tries {
		part := float64(i) / float64(tries)
		delay := time.Duration(part * part * float64(span)) // most of them in the launch stage
		how := termAfter(t, delay)
		if began[how]++; how != "143" && how != "0" {
			t.Errorf("TERM %v after the first instructions: %s, want 143 or 0", delay, how)
		}
	}
	t.Logf("%d tries: %v", tries, began)
}

// termAfter starts slipway, sends it TERM and says how it ended.
func termAfter(t *testing.T, delay time.Duration) string {
	t.Helper()
	c := newContainer(t, "[program:web]\ncommand = sleep 1000\n")
	c.prepare("slipway", "run", "-c", "app.conf")
	c.launch()
	awaitSlipway(t, c.cmd.Process.Pid)
	<-time.After(delay)
	if err := c.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	status, out := c.wait()
	switch ws := c.cmd.ProcessState.Sys().(syscall.WaitStatus); {
	case ws.Signaled():
		return fmt.Sprintf("ended by %v: %s", ws.Signal(), out)
	case status == 143 || status == 0:
		return fmt.Sprint(status)
	}
	return fmt.Sprintf("status %d: %s", status, out)
}

// TestTermReachesTheCommand sends TERM to what slipway exec has become.
func TestTermReachesTheCommand(t *testing.T) {
	for _, row := range []struct {
		name string
		args []string
	}{
		{"exec", []string{"exec", "-c", "app.conf", "--", "sh", "-c", "grep SigBlk /proc/self/status; echo >up; exec sleep 1000"}},
		{"a check", []string{"run", "-c", "check.conf"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			c := newContainer(t, "")
			c.write("check.conf", "[slipway]\nruntime = "+c.dir+"/run\ntemplates = "+c.dir+"/none\n[template:"+c.dir+"/out]\nsource = "+c.dir+
				"/app.tmpl\ncheck = grep SigBlk /proc/self/status >blk; echo >up; exec sleep 1000; true {file}\n[program:app]\ncommand = sleep 1000\n")
			c.write("app.tmpl", "x\n")
			c.start("slipway", row.args...)
			testkit.Eventually(t, testkit.Patience, "it has begun", func() error {
				_, err := os.Stat(c.dir + "/up")
				return err
			})
			if err := c.cmd.Process.Signal(syscall.SIGTERM); err != nil {
				t.Fatal(err)
			}
			status, out := c.wait()
			ws := c.cmd.ProcessState.Sys().(syscall.WaitStatus)
			if row.name == "exec" && (!ws.Signaled() || ws.Signal() != syscall.SIGTERM) || row.name != "exec" && status != 143 {
				t.Errorf("got status %d, %v", status, ws)
			}
			if text, err := os.ReadFile(c.dir + "/blk"); err == nil {
				out += string(text)
			}
			if want := "SigBlk:\t0000000000000000"; !strings.Contains(out, want) {
				t.Errorf("got %q, want %q", out, want)
			}
		})
	}
}

// TestControlCEndsAClient sends INT to clients that wait for ever.
func TestControlCEndsAClient(t *testing.T) {
	c := newContainer(t, "[program:web]\ncommand = sh -c 'echo hello; exec sleep 1000'\nstartsecs = 0\nstdout_logfile = DIR/web.log\n[supervisorctl]\nserverurl = unix://DIR/sv.sock\n[unix_http_server]\nfile = DIR/sv.sock\n[rpcinterface:supervisor]\nsupervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface\n")
	c.start("slipway", "run", "-c", "app.conf")
	c.healthy()
	for _, row := range []struct {
		name string
		args []string
		want int // -1: by INT itself
	}{
		{"slipway tail", []string{"slipway", "tail", "-f", "web"}, 130},
		{"supervisorctl status, which has no handler", []string{"supervisorctl", "-c", "app.conf", "tail", "-f", "web"}, 0},
	} {
		t.Run(row.name, func(t *testing.T) {
			cmd := exec.Command(c.bins.Slipway)
			cmd.Args, cmd.Dir = row.args, c.dir
			cmd.Env = []string{"SLIPWAY_CONTROL=" + c.dir + "/run/control.sock"}
			r, err := cmd.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			defer cmd.Process.Kill() // it has ended, if all is well
			buf := make([]byte, 1)
			if _, err := r.Read(buf); err != nil { // it follows
				t.Fatal(err)
			}
			if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
				t.Fatal(err)
			}
			_ = cmd.Wait() // the state says how
			if got := cmd.ProcessState.ExitCode(); got != row.want {
				t.Errorf("INT: %v, want status %d", cmd.ProcessState, row.want)
			}
		})
	}
}
