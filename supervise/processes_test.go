package supervise

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"slipway/internal/test/testkit"
	"slipway/supervise/boot"
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

// fakeProbe stands for `slipway probe`: it looks for a file, and says what it was
// asked.
func fakeProbe() int {
	dir := os.Getenv("DIR")
	os.WriteFile(filepath.Join(dir, "asked"), []byte(os.Getenv(boot.EnvProbe)), 0o600)
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
		testkit.Eventually(t, 5*time.Second, fmt.Sprintf("connection %d", i), func() (err error) {
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
	r.ends(5*time.Second, 0)
}
