package supervise

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"syscall"
	"testing"
	"time"

	"slipway/internal/test/testkit"
	"slipway/supervise/control"
	"slipway/supervise/control/client"
	"slipway/supervise/control/surface"
)

// dial connects to the control socket of a supervisor under test.
func (r *running) dial() *client.Client {
	r.t.Helper()
	var c *client.Client
	testkit.Eventually(r.t, 10*time.Second, "control socket", func() (err error) {
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
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
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

// waiting is the argument that asks for an answer when it is done.
var waiting = control.Bool(true)

func TestControlStartAndStop(t *testing.T) {
	r := start(t, "control")
	c := r.dial()
	name := control.String("sleep")
	ask(t, c, control.Success, control.OpWaitReady, name)
	ask(t, c, control.AlreadyStarted, control.OpProcessStart, name, waiting)
	first := info(t, c, "sleep")
	if first.State != control.Running || first.PID == 0 || first.Generation != 1 {
		t.Errorf("running: %+v", first)
	}
	ask(t, c, control.Success, control.OpProcessStop, name, waiting)
	if got := info(t, c, "sleep"); got.State != control.Stopped || got.PID != 0 || got.ExitStatus != -1 || got.Signal != 15 {
		t.Errorf("stopped: %+v", got)
	}
	ask(t, c, control.NotRunning, control.OpProcessStop, name, waiting)
	ask(t, c, control.Success, control.OpProcessStart, name, waiting)
	second := info(t, c, "sleep")
	ask(t, c, control.Success, control.OpProcessRestart, name, waiting)
	if third := info(t, c, "sleep"); third.State != control.Running || third.PID == second.PID || third.Generation != 3 {
		t.Errorf("restarted: %+v after %+v", third, second)
	}
	ask(t, c, control.BadName, control.OpProcessStart, control.String("nobody"), waiting)
	ask(t, c, control.NoFile, control.OpProcessStart, control.String("ghost"), waiting)
	ask(t, c, control.NotExecutable, control.OpProcessStart, control.String("passwd"), waiting)
	ask(t, c, control.SpawnError, control.OpProcessStart, control.String("brief"), waiting)
	ask(t, c, control.Success, control.OpShutdown)
	r.ends(5*time.Second, 0)
}

func TestControlGroups(t *testing.T) {
	r := start(t, "control")
	c := r.dial()
	ask(t, c, control.Success, control.OpWaitReady, control.String("sleep"))
	statuses := func(v control.Value) (out []string) {
		for _, item := range v.List() {
			s := control.Read[control.Status](item)
			out = append(out, control.FullName(s.Group, s.Name)+" "+s.Code.Name())
		}
		return out
	}
	for _, tt := range []struct {
		name   string
		method string
		args   []control.Value
		want   []string
	}{
		{"stop all", control.OpAllStop, []control.Value{waiting}, []string{"sleep SUCCESS"}},
		{"stop all again", control.OpAllStop, []control.Value{waiting}, nil},
		{"start group", control.OpGroupStart, []control.Value{control.String("sleep"), waiting}, []string{"sleep SUCCESS"}},
		{"start running group", control.OpGroupStart, []control.Value{control.String("sleep"), waiting}, nil},
		{"signal all", control.OpAllSignal, []control.Value{control.String("WINCH")}, []string{"sleep SUCCESS"}},
		{"start all", control.OpAllStart, []control.Value{waiting}, []string{"ghost NO_FILE", "passwd NOT_EXECUTABLE", "brief SPAWN_ERROR"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := statuses(ask(t, c, control.Success, tt.method, tt.args...)); !reflect.DeepEqual(got, tt.want) {
				t.Errorf("%s = %q, want %q", tt.method, got, tt.want)
			}
		})
	}
	ask(t, c, control.BadSignal, control.OpAllSignal, control.String("NONSENSE"))
	ask(t, c, control.BadName, control.OpGroupStop, control.String("nobody"), waiting)
}

func TestControlStdinAndLogs(t *testing.T) {
	r := start(t, "cat")
	c := r.dial()
	name := control.String("cat")
	ask(t, c, control.Success, control.OpWaitReady, name)
	ask(t, c, control.Success, control.OpProcessStdin, name, control.String("hello\n"))
	r.wrote("out", "hello\n")
	log, f, err := client.OpenLog(context.Background(), c, "cat", "stdout")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	text, _ := io.ReadAll(f)
	if !log.Regular || string(text) != "hello\n" || log.Size != 6 {
		t.Errorf("log = %+v with %q", log, text)
	}
	ask(t, c, control.Success, control.OpProcessClearLogs, name)
	if got := r.file("out"); got != "" {
		t.Errorf("cleared log holds %q", got)
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	chunks := make(chan string, 16)
	go c.Stream(ctx, func(v control.Value) error { chunks <- v.Str(); return nil },
		control.OpProcessRecent, name, control.String("stdout"), control.Bool(true)) // ends with ctx
	if got := <-chunks; got != "hello\n" {
		t.Errorf("recent output = %q", got)
	}
	ask(t, c, control.Success, control.OpProcessStdin, name, control.String("more\n"))
	if got := <-chunks; got != "more\n" {
		t.Errorf("followed output = %q", got)
	}
	ask(t, c, control.BadArguments, control.OpProcessOpenLog, name, control.String("stdin"))
	ask(t, c, control.Success, control.OpProcessStop, name, waiting)
	ask(t, c, control.NotRunning, control.OpProcessStdin, name, control.String("x"))
}

// A tool that rotates logs renames a file, then asks for a new one of its name.
func TestControlReopensLogs(t *testing.T) {
	r := start(t, "cat")
	c := r.dial()
	name := control.String("cat")
	ask(t, c, control.Success, control.OpWaitReady, name)
	ask(t, c, control.Success, control.OpProcessStdin, name, control.String("before\n"))
	r.wrote("out", "before\n")
	if err := os.Rename(filepath.Join(r.dir, "out"), filepath.Join(r.dir, "out.old")); err != nil {
		t.Fatal(err)
	}
	ask(t, c, control.Success, control.OpLogReopen)
	r.says("supervisord logreopen")
	ask(t, c, control.Success, control.OpProcessStdin, name, control.String("after\n"))
	r.wrote("out", "after\n")
	if got := r.file("out.old"); got != "before\n" {
		t.Errorf("the renamed file holds %q, want what was written before", got)
	}
}

func TestControlEvents(t *testing.T) {
	r := start(t, "control")
	c := r.dial()
	ask(t, c, control.Success, control.OpWaitReady, control.String("sleep"))
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	names := make(chan string, 16)
	go c.Stream(ctx, func(v control.Value) error { // ends with ctx
		e := control.Read[control.Event](v)
		names <- e.Name + " " + strings.Fields(e.Payload + " -")[0]
		return nil
	}, control.OpEventStream, control.Strings([]string{"PROCESS_STATE", "REMOTE_COMMUNICATION"}))
	testkit.Eventually(t, 5*time.Second, "the first event", func() error {
		ask(t, c, control.Success, control.OpEventSend, control.String("fish"), control.String("two"))
		select {
		case got := <-names:
			if want := "REMOTE_COMMUNICATION type:fish"; got != want {
				t.Errorf("event %q, want %q", got, want)
			}
			return nil
		default:
			return errors.New("none yet")
		}
	})
	ask(t, c, control.Success, control.OpProcessStop, control.String("sleep"), waiting)
	for _, want := range []string{"PROCESS_STATE_STOPPING processname:sleep", "PROCESS_STATE_STOPPED processname:sleep"} {
		select {
		case got := <-names:
			if got == "REMOTE_COMMUNICATION type:fish" {
				got = <-names // one that was sent before the stream began to be read
			}
			if got != want {
				t.Errorf("event %q, want %q", got, want)
			}
		case <-time.After(5 * time.Second):
			t.Fatalf("no event, want %q", want)
		}
	}
}

// A client that goes away while it waits undoes nothing, and its call is forgotten.
func TestControlClientGoesAway(t *testing.T) {
	r := start(t, "control")
	c := r.dial()
	ask(t, c, control.Success, control.OpWaitReady, control.String("sleep"))
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	c.Call(ctx, control.OpProcessRestart, control.String("sleep"), waiting)
	c.Close()
	again := r.dial()
	testkit.Eventually(t, 5*time.Second, "the second half of the restart", func() error {
		if got := info(t, again, "sleep"); got.State != control.Running || got.Generation != 2 {
			return fmt.Errorf("%+v", got)
		}
		return nil
	})
}

// Many connections that say nothing, and one that talks nonsense, keep nobody from
// being answered.
func TestControlHostilePeers(t *testing.T) {
	r := start(t, "control")
	r.dial()
	path := filepath.Join(r.dir, "control.sock")
	for i := range 300 {
		var conn net.Conn
		testkit.Eventually(t, 5*time.Second, fmt.Sprintf("connection %d", i), func() (err error) {
			conn, err = net.Dial("unix", path) // EAGAIN while as many wait as may
			return err
		})
		defer conn.Close()
		if i%3 == 0 {
			conn.Write([]byte{0xff, 0xff, 0xff, 0xff, 'x'})
		}
	}
	began := time.Now()
	ask(t, r.dial(), control.Success, control.OpProcessList)
	if took := time.Since(began); took > time.Second {
		t.Errorf("answer after %v", took)
	}
	if st, err := os.Stat(path); err != nil || st.Mode().Perm() != 0o600 {
		t.Errorf("mode of the socket: %v, %v", st.Mode(), err)
	}
}

func TestControlAnswersDuringAStop(t *testing.T) {
	r := start(t, "F2")
	c := r.dial()
	r.wrote("out", "up")
	r.signal(syscall.SIGTERM)
	testkit.Eventually(t, 5*time.Second, "SHUTDOWN", func() error {
		if mood := control.Read[control.SupervisorState](ask(t, c, control.Success, control.OpState)).Code; mood != control.MoodShutdown {
			return errors.New(mood.String())
		}
		return nil
	})
	if got := info(t, c, "deaf"); got.State != control.Stopping {
		t.Errorf("state %v, want STOPPING", got.State)
	}
	ask(t, c, control.Success, control.OpLogReopen)
	ask(t, c, control.ShutdownState, control.OpProcessStart, control.String("deaf"), waiting)
}

func TestControlReread(t *testing.T) {
	r := start(t, "reread")
	c := r.dial()
	for _, name := range []string{"same", "different", "going"} {
		ask(t, c, control.Success, control.OpWaitReady, control.String(name))
	}
	before := info(t, c, "same")
	ask(t, c, control.Success, control.OpProcessStop, control.String("same"), waiting)
	os.WriteFile(filepath.Join(r.dir, "second"), nil, 0o644)
	got, err := client.Reread(context.Background(), c)
	if err != nil {
		t.Fatal(err)
	}
	want := control.RereadResult{Added: []string{"coming"}, Changed: []string{"different"}, Removed: []string{"going"}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("reread = %+v, want %+v", got, want)
	}
	ask(t, c, control.AlreadyAdded, control.OpGroupAdd, control.String("different"))
	ask(t, c, control.StillRunning, control.OpGroupRemove, control.String("different"))
	ask(t, c, control.Success, control.OpGroupStop, control.String("different"), waiting)
	ask(t, c, control.Success, control.OpGroupRemove, control.String("different"))
	ask(t, c, control.Success, control.OpGroupAdd, control.String("different"))
	ask(t, c, control.Success, control.OpGroupAdd, control.String("coming"))
	ask(t, c, control.Success, control.OpWaitReady, control.String("coming"))
	ask(t, c, control.Success, control.OpWaitReady, control.String("different"))
	if now := info(t, c, "same"); now.State != control.Stopped || now.Generation != before.Generation {
		t.Errorf("an unchanged program that was stopped by hand was touched: %+v", now)
	}
}

func TestHangupUpdatesARunningContainer(t *testing.T) {
	r := start(t, "reread")
	c := r.dial()
	for _, name := range []string{"same", "different", "going"} {
		ask(t, c, control.Success, control.OpWaitReady, control.String(name))
	}
	same, different := info(t, c, "same"), info(t, c, "different")
	os.WriteFile(filepath.Join(r.dir, "second"), nil, 0o644)
	r.signal(syscall.SIGHUP)
	r.says("updated process group different")
	ask(t, c, control.Success, control.OpWaitReady, control.String("coming"))
	ask(t, c, control.Success, control.OpWaitReady, control.String("different"))
	ask(t, c, control.BadName, control.OpProcessGet, control.String("going"))
	if now := info(t, c, "same"); now.PID != same.PID {
		t.Errorf("an unchanged program was restarted")
	}
	if now := info(t, c, "different"); now.PID == different.PID {
		t.Errorf("a changed program was not restarted")
	}
	os.WriteFile(filepath.Join(r.dir, "broken"), nil, 0o644)
	r.signal(syscall.SIGHUP)
	r.says("cannot reload the configuration, the running one is kept: broken")
	if now := info(t, c, "same"); now.PID != same.PID {
		t.Errorf("a bad configuration restarted a program")
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
	r.ends(5*time.Second, 0)
}

func TestAnswersOfSupervisorStdoutArePrinted(t *testing.T) {
	r := start(t, "stdout listener")
	r.says("loud stdout | one\nloud stdout | two\n")
	r.signal(syscall.SIGTERM)
	r.ends(3*time.Second, 0)
	if strings.Contains(r.text(), "rejected") {
		t.Error("an answer was taken for a rejection")
	}
}

func TestBrokenListener(t *testing.T) {
	r := start(t, "broken listener")
	r.says("rude: has entered the UNKNOWN state and will no longer receive events")
	r.signal(syscall.SIGTERM)
	r.ends(5*time.Second, 0)
}
