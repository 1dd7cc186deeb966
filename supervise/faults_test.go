package supervise

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"slipway/internal/test/testkit"
)

// The faults that a supervisor has to survive, one test each; the numbers are those of
// the list in docs/supervision.md.

func TestF3RestOfTheGroupIgnoresTERM(t *testing.T) {
	r := start(t, "F3")
	r.wrote("out", "up")
	pid, err := strconv.Atoi(strings.Fields(r.file("out"))[0])
	if err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	r.signal(syscall.SIGTERM)
	r.ends(5*time.Second, 0)
	if took := time.Since(began); took < 900*time.Millisecond {
		t.Errorf("ended after %v, want the rest of the group to have its stopwaitsecs", took)
	}
	if err := syscall.Kill(pid, 0); err != syscall.ESRCH {
		t.Errorf("a member of the group is still there: %v", err)
	}
}

// sleepers1234 counts the processes of F4.
func sleepers1234() int {
	n := 0
	names, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, name := range names {
		if b, _ := os.ReadFile(name); string(b) == "sleep\x001234\x00" {
			n++
		}
	}
	return n
}

func TestF4CrashLeavesStraysInAnotherSession(t *testing.T) {
	before := sleepers1234()
	r := start(t, "F4")
	testkit.Eventually(t, 10*time.Second, "three starts", func() error {
		if n := strings.Count(r.file("out"), "start"); n < 3 {
			return fmt.Errorf("%d starts", n)
		}
		return nil
	})
	if n := sleepers1234() - before; n > 1 {
		t.Errorf("%d strays after three starts, want at most the one of the present run", n)
	}
	if n := strings.Count(r.text(), "left descendants outside of its group behind"); n != 1 {
		t.Errorf("said %d times, want once", n)
	}
	r.signal(syscall.SIGTERM)
	r.ends(5*time.Second, 0)
	if n := sleepers1234() - before; n != 0 {
		t.Errorf("%d strays after the end, want 0", n)
	}
}

// Supervisor leaves strays alone, until the container ends.
func TestF4AsDaemon(t *testing.T) {
	before := sleepers1234()
	r := start(t, "F4, daemon", asPID1)
	testkit.Eventually(t, 10*time.Second, "two starts", func() error {
		if n := strings.Count(r.file("out"), "start"); n < 2 {
			return fmt.Errorf("%d starts", n)
		}
		return nil
	})
	if n := sleepers1234() - before; n < 2 {
		t.Errorf("%d strays after two starts, want all of them", n)
	}
	r.signal(syscall.SIGTERM)
	r.ends(5*time.Second, 0)
	r.says("reaped unknown pid ")
}

func TestF5LauncherDaemonizes(t *testing.T) {
	r := start(t, "F5")
	r.wrote("out", "daemon up")
	r.says("forked: launcher went into the background as pid ")
	r.says("success: launcher entered RUNNING state")
	r.signal(syscall.SIGTERM)
	r.ends(5*time.Second, 0)
	r.wrote("out", "bye")
	if strings.Contains(r.text(), "exited: launcher") {
		t.Error("the launcher was reported as exited")
	}
}

func TestF8ProgramClosesItsOutput(t *testing.T) {
	r := start(t, "F8")
	r.wrote("out", "up")
	r.says("entered RUNNING state")
	before := cpu(t, r.proc.Pid)
	settled := time.Now().Add(500 * time.Millisecond)
	testkit.Eventually(t, 2*time.Second, "half a second to pass", func() error {
		if time.Now().Before(settled) {
			return errors.New("not yet")
		}
		return nil
	})
	if used := cpu(t, r.proc.Pid) - before; used > 2 {
		t.Errorf("the supervisor used %d ticks of CPU in half a second of nothing", used)
	}
	r.signal(syscall.SIGTERM)
	r.ends(3*time.Second, 0)
}

// cpu is what a process has used, in clock ticks.
func cpu(t *testing.T, pid int) int {
	t.Helper()
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		t.Fatal(err)
	}
	f := strings.Fields(string(b[strings.LastIndexByte(string(b), ')')+1:]))
	user, _ := strconv.Atoi(f[11])
	system, _ := strconv.Atoi(f[12])
	return user + system
}

func TestF9GrandchildHoldsTheOutput(t *testing.T) {
	r := start(t, "F9")
	testkit.Eventually(t, 5*time.Second, "a restart while the pipe is held", func() error {
		if n := strings.Count(r.file("out"), "start"); n < 2 {
			return fmt.Errorf("%d starts", n)
		}
		return nil
	})
	r.wrote("out", "late")
	r.signal(syscall.SIGTERM)
	r.ends(5*time.Second, 0)
}

func TestF14ProgramStopsItself(t *testing.T) {
	r := start(t, "F14")
	r.wrote("out", "up")
	r.says("entered RUNNING state")
	began := time.Now()
	r.signal(syscall.SIGTERM)
	r.ends(5*time.Second, 0)
	if took := time.Since(began); took > time.Second {
		t.Errorf("stop of a stopped program took %v", took)
	}
}

// F22 with F23: hundreds of children, in a long run thousands, die at the same moment, while two others keep the
// processors busy. Not one status is lost.
func TestF22ManyDeathsAtOnce(t *testing.T) {
	if testing.Short() {
		t.Skip("takes several seconds")
	}
	n := min(testkit.Repeat(t, 500), 5_000) // a machine may have 32,768 processes
	r := start(t, "many at once", func(o *startOptions) {
		o.env = append(o.env, "COUNT="+strconv.Itoa(n))
		for _, v := range o.env {
			if dir, ok := strings.CutPrefix(v, "DIR="); ok {
				if err := syscall.Mkfifo(filepath.Join(dir, "gate"), 0o600); err != nil {
					t.Fatal(err)
				}
			}
		}
	})
	testkit.Eventually(t, 4*time.Minute, "all are there", func() error {
		if got := strings.Count(r.text(), "spawned: "); got < n {
			return fmt.Errorf("%d of %d", got, n)
		}
		return nil
	})
	for range 2 {
		hog, err := os.StartProcess("/bin/sh", []string{"sh", "-c", "while :; do :; done"}, &os.ProcAttr{})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { hog.Kill(); hog.Wait() }()
	}
	// Those that have come as far as the fifo die at the first opening; a few may be
	// late.
	testkit.Eventually(t, 2*time.Minute, "the end", func() error {
		gate, err := os.OpenFile(filepath.Join(r.dir, "gate"), os.O_WRONLY|syscall.O_NONBLOCK, 0)
		if err == nil {
			gate.Close()
		}
		select {
		case <-r.done:
			return nil
		default:
			return errors.New("still there")
		}
	})
	r.ends(time.Second, 7)
	if got := strings.Count(r.text(), "(exit status 7; not expected)"); got != n {
		t.Errorf("%d statuses of 7, want %d", got, n)
	}
}

func TestF44SignalAtAnyTime(t *testing.T) {
	for _, delay := range []time.Duration{0, 1, 2, 3, 5, 8, 20, 50, 150, 300} {
		delay *= time.Millisecond
		t.Run(delay.String(), func(t *testing.T) {
			r := start(t, "sleep")
			<-time.After(delay)
			r.signal(syscall.SIGTERM)
			select {
			case <-r.done:
			case <-time.After(5 * time.Second):
				t.Fatal("the signal was lost")
			}
			// Before the first statement the runtime's own handler ends the
			// process, when nothing runs yet.
			if r.code != 0 && r.code != 2 && r.code != 128+15 {
				t.Errorf("exit status = %d", r.code)
			}
		})
	}
}

func TestF46SignalStorm(t *testing.T) {
	r := start(t, "sleep")
	r.says("entered RUNNING state")
	storm := []syscall.Signal{syscall.SIGUSR1, syscall.SIGWINCH, syscall.SIGCHLD, syscall.SIGALRM, syscall.SIGPIPE, syscall.SIGCONT}
	for i := range 100_000 {
		r.proc.Signal(storm[i%len(storm)])
	}
	r.signal(syscall.SIGTERM)
	r.ends(10*time.Second, 0)
	if n := strings.Count(r.text(), "indicating exit request"); n != 1 {
		t.Errorf("%d stops, want 1", n)
	}
}

func TestF47EverySignalIsDefined(t *testing.T) {
	r := start(t, "sleep, daemon")
	r.says("entered RUNNING state")
	for sig := syscall.Signal(1); sig <= 64; sig++ {
		switch sig {
		case syscall.SIGKILL, syscall.SIGSTOP, syscall.SIGTERM, syscall.SIGINT, syscall.SIGQUIT, syscall.SIGHUP:
			continue
		case syscall.SIGPROF, 32, 33, 34: // the runtime's and libc's
			continue
		}
		r.signal(sig)
	}
	r.signal(syscall.SIGUSR2)
	r.says("supervisord logreopen")
	r.signal(syscall.SIGTERM)
	r.ends(3*time.Second, 0)
}

func TestF47HangupStartsADaemonAnew(t *testing.T) {
	r := start(t, "sleep, daemon")
	r.says("entered RUNNING state")
	r.signal(syscall.SIGHUP)
	testkit.Eventually(t, 5*time.Second, "a second start", func() error {
		if n := strings.Count(r.text(), "spawned: 'sleep'"); n != 2 {
			return fmt.Errorf("%d starts", n)
		}
		return nil
	})
	r.signal(syscall.SIGTERM)
	r.ends(3*time.Second, 0)
}

func TestF53NotPID1(t *testing.T) {
	bystander, err := os.StartProcess("/bin/sleep", []string{"sleep", "1000"}, &os.ProcAttr{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { bystander.Kill(); bystander.Wait() }()
	r := start(t, "sleep")
	r.says("entered RUNNING state")
	r.signal(syscall.SIGTERM)
	r.ends(3*time.Second, 0)
	if err := bystander.Signal(syscall.Signal(0)); err != nil {
		t.Errorf("a process that is none of ours was hit: %v", err)
	}
}

func TestPID1EndsWhatIsLeft(t *testing.T) {
	r := start(t, "F4, daemon", asPID1)
	r.wrote("out", "start")
	r.signal(syscall.SIGTERM)
	r.ends(5*time.Second, 0)
}

func TestOrphansAreReaped(t *testing.T) {
	if testing.Short() {
		t.Skip("takes several seconds")
	}
	testkit.Need(t, testkit.Root)
	thousands := min(testkit.Repeat(t, 2), 20)
	r := start(t, "orphans", asPID1, func(o *startOptions) { o.env = append(o.env, "THOUSANDS="+strconv.Itoa(thousands)) })
	testkit.Eventually(t, 4*time.Minute, "all are bred", func() error {
		if !strings.Contains(r.file("out"), "bred") {
			return errors.New("not yet")
		}
		return nil
	})
	testkit.Eventually(t, time.Minute, "no zombie is left", func() error {
		if n := zombiesOf(r.proc.Pid); n > 0 {
			return fmt.Errorf("%d zombies", n)
		}
		if n := strings.Count(r.text(), "reaped unknown pid"); n != 1000*thousands {
			return fmt.Errorf("%d of %d000 reaped", n, thousands)
		}
		return nil
	})
	r.signal(syscall.SIGTERM)
	r.ends(5*time.Second, 0)
}

// zombiesOf counts the dead children of a process.
func zombiesOf(pid int) int {
	n := 0
	names, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, name := range names {
		b, _ := os.ReadFile(name)
		f := strings.Fields(string(b[strings.LastIndexByte(string(b), ')')+1:]))
		if len(f) > 1 && f[0] == "Z" && f[1] == strconv.Itoa(pid) {
			n++
		}
	}
	return n
}

// unread gives the supervisor an output that the test reads from, or closes.
func unread(t *testing.T) (*os.File, func(*startOptions)) {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close(); w.Close() })
	return r, func(o *startOptions) { o.files[1] = w }
}

func TestF62OutputIsNotRead(t *testing.T) {
	_, output := unread(t)
	r := start(t, "flood", output)
	testkit.Eventually(t, 20*time.Second, "the other program is restarted", func() error {
		if n := strings.Count(r.file("beat"), "beat"); n < 3 {
			return fmt.Errorf("%d beats", n)
		}
		return nil
	})
	r.signal(syscall.SIGTERM)
	r.ends(5*time.Second, 0)
}

// A GiB of output goes through a log of 10 MiB: nobody else is kept waiting, and the
// supervisor does not grow.
func TestFloodOfAGiB(t *testing.T) {
	if testing.Short() {
		t.Skip("writes a GiB")
	}
	r := start(t, "GiB")
	r.says("spawned: 'flood'")
	before := memory(t, r.proc.Pid, "VmRSS")
	testkit.Eventually(t, 2*time.Minute, "a GiB is written", func() error {
		_, err := os.Stat(filepath.Join(r.dir, "done"))
		return err
	})
	if grown := memory(t, r.proc.Pid, "VmHWM") - before; grown > 16<<10 {
		t.Errorf("the supervisor has grown by %d KiB", grown)
	}
	if n := strings.Count(r.file("beat"), "beat"); n < 1 {
		t.Error("another program was not restarted meanwhile")
	}
	for _, name := range []string{"out.log", "out.log.1"} {
		if info, err := os.Stat(filepath.Join(r.dir, name)); err != nil || info.Size() > 10<<20+64<<10 {
			t.Errorf("%s: %v, %v, want at most 10 MiB and a buffer", name, info, err)
		}
	}
	r.signal(syscall.SIGTERM)
	r.ends(5*time.Second, 0)
}

// memory is a figure of /proc/PID/status in KiB.
func memory(t *testing.T, pid int, what string) int {
	t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(status)) {
		if text, ok := strings.CutPrefix(line, what+":"); ok {
			n, err := strconv.Atoi(strings.TrimSuffix(strings.TrimSpace(text), " kB"))
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
	}
	t.Fatalf("no %s in the status of %d", what, pid)
	return 0
}

func TestF63OutputLosesItsReader(t *testing.T) {
	pipe, output := unread(t)
	r := start(t, "chatter", output)
	if _, err := io.ReadFull(pipe, make([]byte, 5)); err != nil {
		t.Fatal(err)
	}
	pipe.Close()
	testkit.Eventually(t, 20*time.Second, "the other program is restarted", func() error {
		if n := strings.Count(r.file("beat"), "beat"); n < 3 {
			return fmt.Errorf("%d beats", n)
		}
		return nil
	})
	r.signal(syscall.SIGTERM)
	r.ends(5*time.Second, 0)
}
