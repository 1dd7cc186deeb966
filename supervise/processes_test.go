package supervise

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"testing"

	"slipway/supervise/boot"
	"slipway/supervise/config"
	"slipway/supervise/control"
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
