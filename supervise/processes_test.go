package supervise

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"slipway/internal/test/testkit"
	"slipway/supervise/config"
	"slipway/supervise/control"
	"slipway/supervise/control/client"
	"slipway/supervise/control/surface"
)

// The tests here and in faults_test.go use real processes: what they are about is Linux, or
// what a program is given. All others run on the simulated machine.

// processScenarios are programs whose state is a file in the directory of the test.
func processScenarios() map[string]func() *config.Config {
	dir := os.Getenv("DIR")
	long := "exec sleep 1000"
	return map[string]func() *config.Config{
		"secrets":          secretScenario,
		"ready by slipway": func() *config.Config { return groups(program("db", long, ready("http://probed/", 0))) },
		"ready fd": func() *config.Config {
			return groups(program("db", "while ! test -e "+filepath.Join(dir, "up")+"; do sleep 0.02; done; echo >&5; echo again >&5; exec sleep 1000", ready("fd:5", 0)))
		},
		"ready notify": func() *config.Config {
			exe, err := os.Executable()
			if err != nil {
				panic(err)
			}
			return groups(program("db", "while ! test -e "+filepath.Join(dir, "up")+"; do sleep 0.02; done; "+exe+" notify; exec sleep 1000", ready("notify", 0)))
		},
	}
}

// dial connects to the control socket of a supervisor under test.
func (r *running) dial() *client.Client {
	r.t.Helper()
	var c *client.Client
	testkit.Eventually(r.t, testkit.Patience, "control socket", func() (err error) {
		c, err = client.Dial(context.Background(), filepath.Join(r.dir, "control.sock"))
		return err
	})
	r.t.Cleanup(func() { c.Close() })
	return c
}

// ask makes a call that must succeed, or fail with a fault of that code. An answer is of
// the kind that the operation's row promises.
func ask(t *testing.T, c *client.Client, want control.Code, method string, args ...control.Value) control.Value {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), testkit.Patience)
	defer cancel()
	v, err := c.Call(ctx, method, args...)
	got := control.Success
	if err != nil {
		var f *control.Fault
		if !errors.As(err, &f) {
			t.Fatalf("%s: %v", method, err)
		}
		got = f.Code
	}
	if got != want {
		t.Fatalf("%s = %v (%v), want %v", method, got.Name(), err, want.Name())
	}
	if row, ok := surface.Lookup(method); err == nil && (!ok || v.Kind() != row.Result) {
		t.Errorf("%s answers with a %s, its row promises %s", method, v.Kind(), row.Result)
	}
	return v
}

func info(t *testing.T, c *client.Client, name string) control.ProcessInfo {
	t.Helper()
	return control.Read[control.ProcessInfo](ask(t, c, control.Success, control.OpProcessGet, control.String(name)))
}

// fakeProbe stands for `slipway probe`: it looks for a file, and says what it was
// asked.
func fakeProbe() int {
	dir := os.Getenv("DIR")
	what, _ := io.ReadAll(os.Stdin) // what is missing is seen in the file
	os.WriteFile(filepath.Join(dir, "asked"), what, 0o600)
	if _, err := os.Stat(filepath.Join(dir, "up")); err != nil {
		fmt.Println("connection refused")
		return 1
	}
	return 0
}

func (r *running) touch(name string) {
	r.t.Helper()
	if err := os.WriteFile(filepath.Join(r.dir, name), nil, 0o600); err != nil {
		r.t.Fatal(err)
	}
}

func TestReadyIsAskedBySlipway(t *testing.T) {
	r := start(t, "ready by slipway")
	r.wrote("asked", "http://probed/")
	c := r.dial()
	if i := info(t, c, "db"); i.Ready {
		t.Errorf("ready before its probe has succeeded: %+v", i)
	}
	r.touch("up")
	ask(t, c, control.Success, control.OpWaitReady, control.String("db"))
}

func TestReadyByItself(t *testing.T) {
	for _, name := range []string{"ready fd", "ready notify"} {
		t.Run(name, func(t *testing.T) {
			r := start(t, name)
			c := r.dial()
			r.says("success: db entered RUNNING state")
			if i := info(t, c, "db"); i.Ready {
				t.Errorf("ready before it has said so: %+v", i)
			}
			r.touch("up")
			ask(t, c, control.Success, control.OpWaitReady, control.String("db"))
			if i := info(t, c, "db"); i.State != control.Running || i.Generation != 1 {
				t.Errorf("after it has said so twice: %+v", i)
			}
		})
	}
}

// notifyReady is a program that calls sd_notify(3), in C's words.
func notifyReady() int {
	conn, err := net.Dial("unixgram", os.Getenv("NOTIFY_SOCKET"))
	if err != nil {
		return 1
	}
	for _, text := range []string{"STATUS=loading\nREADY=0\n", "STATUS=up\nREADY=1", "READY=1\n"} {
		if _, err := conn.Write([]byte(text)); err != nil {
			return 1
		}
	}
	return 0
}

func TestSecretsAreWithheld(t *testing.T) {
	r := start(t, "secrets", func(o *startOptions) { o.env = append(o.env, "TOKEN=hunter2", "PASSWORD=hunter3", "PLAIN=1") })
	for _, tt := range []struct {
		name, lists, want string
	}{
		{"without the key", "all", "hunter2 hunter3 1\n"},
		{"one listed", "one", "hunter2 - 1\n"},
		{"none listed", "none", "- - 1\n"},
	} {
		t.Run(tt.name, func(t *testing.T) { r.wrote(tt.lists, tt.want) })
	}
}

func secretScenario() *config.Config {
	show := func(name string) string {
		return `echo "${TOKEN--} ${PASSWORD--} $PLAIN" >` + filepath.Join(os.Getenv("DIR"), name) + "; exec sleep 1000"
	}
	return groups(program("all", show("all")), program("one", show("one"), secrets("TOKEN")), program("none", show("none"), secrets()))
}

// Many connections that say nothing, and one that talks nonsense, keep nobody from
// being answered.
func TestControlHostilePeers(t *testing.T) {
	r := start(t, "sleep")
	r.dial()
	path := filepath.Join(r.dir, "control.sock")
	for i := range 300 {
		var conn net.Conn
		testkit.Eventually(t, testkit.Patience, fmt.Sprintf("connection %d", i), func() (err error) {
			conn, err = net.Dial("unix", path) // EAGAIN while as many wait as may
			return err
		})
		defer conn.Close()
		if i%3 == 0 {
			conn.Write([]byte{0xff, 0xff, 0xff, 0xff, 'x'})
		}
	}
	ask(t, r.dial(), control.Success, control.OpProcessList)
	if st, err := os.Stat(path); err != nil || st.Mode().Perm() != 0o600 {
		t.Errorf("mode of the socket: %v, %v", st.Mode(), err)
	}
}

// A listener gets its events, an event that it rejects comes again, and one that breaks
// the protocol gets no more.
func TestEventListener(t *testing.T) {
	r := start(t, "listener")
	r.wrote("events", "eventname:PROCESS_STATE_RUNNING")
	r.wrote("events", "processname:sleep groupname:sleep from_state:STARTING pid:")
	r.says("listener: event was rejected")
	r.signal(syscall.SIGTERM)
	r.ends(testkit.Patience, 0)
}

func TestF5LauncherDaemonizes(t *testing.T) {
	r := start(t, "F5")
	r.wrote("out", "daemon up")
	r.says("forked: launcher went into the background as pid ")
	r.says("success: launcher entered RUNNING state")
	r.signal(syscall.SIGTERM)
	r.ends(testkit.Patience, 0)
	r.wrote("out", "bye")
	if strings.Contains(r.text(), "exited: launcher") {
		t.Error("the launcher was reported as exited")
	}
}

// F22 with F23: hundreds of children, in a long run thousands, die at the same moment, while
// two others keep the processors busy. Not one status is lost.
func TestF22ManyDeathsAtOnce(t *testing.T) {
	if testing.Short() {
		t.Skip("takes several seconds")
	}
	n := min(testkit.Repeat(t, 200), 4_000) // a machine may have 32,768 processes
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
	testkit.Eventually(t, testkit.Patience, "the end", func() error {
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
	for _, delay := range []time.Duration{0, 1, 2, 3, 5, 8, 20, 50} {
		delay *= time.Millisecond
		t.Run(delay.String(), func(t *testing.T) {
			r := start(t, "sleep")
			<-time.After(delay)
			r.signal(syscall.SIGTERM)
			select {
			case <-r.done:
			case <-time.After(testkit.Patience):
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
	for i := range min(testkit.Rounds(t, 10_000, 100_000), 100_000) {
		r.proc.Signal(storm[i%len(storm)])
	}
	r.signal(syscall.SIGTERM)
	r.ends(testkit.Patience, 0)
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
	r.ends(testkit.Patience, 0)
}

func TestOrphansAreReaped(t *testing.T) {
	if testing.Short() {
		t.Skip("takes several seconds")
	}
	testkit.Need(t, testkit.Root)
	thousands := min(testkit.Repeat(t, 1), 20)
	r := start(t, "orphans", asPID1, func(o *startOptions) { o.env = append(o.env, "THOUSANDS="+strconv.Itoa(thousands)) })
	testkit.Eventually(t, 4*time.Minute, "all are bred", func() error {
		if !strings.Contains(r.file("out"), "bred") {
			return errors.New("not yet")
		}
		return nil
	})
	testkit.Eventually(t, testkit.Patience, "no zombie is left", func() error {
		if n := zombiesOf(r.proc.Pid); n > 0 {
			return fmt.Errorf("%d zombies", n)
		}
		if n := strings.Count(r.text(), "reaped unknown pid"); n != 1000*thousands {
			return fmt.Errorf("%d of %d000 reaped", n, thousands)
		}
		return nil
	})
	r.signal(syscall.SIGTERM)
	r.ends(testkit.Patience, 0)
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

// A GiB of output, or 32 MiB in a default run, goes through a log of 10 MiB: nobody else is
// kept waiting, and the supervisor does not grow.
func TestFloodOfOutput(t *testing.T) {
	mib := min(testkit.Rounds(t, 32, 1024), 1024)
	r := start(t, "flood", func(o *startOptions) { o.env = append(o.env, "MIB="+strconv.Itoa(mib)) })
	r.says("spawned: 'flood'")
	before := memory(t, r.proc.Pid, "VmRSS")
	testkit.Eventually(t, testkit.Patience, "all is written, and another program was restarted meanwhile", func() error {
		_, err := os.Stat(filepath.Join(r.dir, "done"))
		return err
	})
	if grown := memory(t, r.proc.Pid, "VmHWM") - before; grown > 16<<10 {
		t.Errorf("the supervisor has grown by %d KiB", grown)
	}
	for _, name := range []string{"out.log", "out.log.1"} {
		if info, err := os.Stat(filepath.Join(r.dir, name)); err != nil || info.Size() > 10<<20+64<<10 {
			t.Errorf("%s: %v, %v, want at most 10 MiB and a buffer", name, info, err)
		}
	}
	r.signal(syscall.SIGTERM)
	r.ends(testkit.Patience, 0)
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

func TestWhatAProgramIsGiven(t *testing.T) {
	r := start(t, "given")
	r.wrote("out", "\nall\n")
	text := "\n" + r.file("out")
	want := []string{
		"A=1 2", "SUPERVISOR_ENABLED=1", "SUPERVISOR_PROCESS_NAME=given", "SUPERVISOR_GROUP_NAME=given", "PATH=/bin:/usr/bin",
		"0027\n/usr",
	}
	for _, line := range want {
		if !strings.Contains(text, "\n"+line+"\n") {
			t.Errorf("no line %q in%s", line, text)
		}
	}
	if n := strings.Count(text, "\nPATH="); n != 1 {
		t.Errorf("PATH is there %d times, want 1", n)
	}
	if os.Geteuid() != 0 {
		return
	}
	_, ids, _ := strings.Cut(text, "\nuid=")
	ids, _, _ = strings.Cut(ids, "\n")
	if !strings.HasPrefix(ids, "65534(") || !strings.Contains(ids, "gid=65534(") || !strings.Contains(ids, ",12(") {
		t.Errorf("it runs as uid=%s, want user and group 65534, and group 12", ids)
	}
}
