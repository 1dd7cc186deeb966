// Package oracletest runs Debian's supervisord and supervisorctl for tests that
// compare with them. Python takes half a second of a processor to load them, so one
// process loads them once and every run is a fork of it.
package oracletest

import (
	_ "embed"
	"encoding/json"
	"io"
	"os/exec"
	"sync"
	"testing"

	"slipway/internal/test/testkit"
)

//go:embed oracle.py
var script string

// Oracle is the process that runs the original. Its methods may be called
// concurrently.
type Oracle struct {
	t testing.TB

	mu   sync.Mutex
	in   *json.Encoder
	next int
	open map[int]chan message
}

// message is a line from the process.
type message struct {
	ID             int
	PID            int
	Stdout, Stderr string
	Status         *int
}

// Start skips the test where the original is not installed.
func Start(t testing.TB) *Oracle {
	t.Helper()
	testkit.Need(t, testkit.Linux, testkit.Supervisor, testkit.Python)
	cmd := exec.Command("/usr/bin/python3", "-c", script)
	var complaints lockedWriter
	cmd.Stderr = &complaints
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	o := &Oracle{t: t, in: json.NewEncoder(in), open: map[int]chan message{}}
	read := make(chan struct{})
	go func() { // ends with the process
		defer close(read)
		o.read(out)
	}()
	t.Cleanup(func() {
		_ = in.Close()
		<-read
		if err := cmd.Wait(); err != nil {
			t.Errorf("the original's process: %v\n%s", err, complaints.text())
		}
	})
	return o
}

// read hands the answers out; when the process is gone, to all that wait.
func (o *Oracle) read(out io.Reader) {
	for d := json.NewDecoder(out); ; {
		var m message
		err := d.Decode(&m)
		o.mu.Lock()
		if err != nil {
			for _, c := range o.open {
				close(c)
			}
			o.open = nil
			o.mu.Unlock()
			return
		}
		c := o.open[m.ID]
		if m.Status != nil {
			delete(o.open, m.ID)
		}
		o.mu.Unlock()
		if c != nil {
			c <- m // has room for both answers
		}
	}
}

func (o *Oracle) ask(request map[string]any) (chan message, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.open == nil {
		return nil, io.ErrUnexpectedEOF
	}
	o.next++
	request["id"] = o.next
	c := make(chan message, 2)
	o.open[o.next] = c
	return c, o.in.Encode(request)
}

// Supervisorctl runs the original's client to its end.
func (o *Oracle) Supervisorctl(args []string, stdin string) (stdout, stderr string, status int, err error) {
	if args == nil {
		args = []string{}
	}
	c, err := o.ask(map[string]any{"kind": "ctl", "args": args, "stdin": stdin})
	if err != nil {
		return "", "", 0, err
	}
	m, ok := <-c
	if !ok {
		return "", "", 0, io.ErrUnexpectedEOF
	}
	return m.Stdout, m.Stderr, *m.Status, nil
}

// Daemon says how to run supervisord. Its output is appended to files.
type Daemon struct {
	Args           []string
	Dir            string
	Env            map[string]string
	Stdout, Stderr string
}

// Supervisord starts the original's daemon and returns its process id, and a channel
// that gets its exit status (negative: a signal) and is closed.
func (o *Oracle) Supervisord(d Daemon) (pid int, ended <-chan int, err error) {
	c, err := o.ask(map[string]any{
		"kind": "daemon", "args": d.Args, "dir": d.Dir, "env": d.Env, "stdout": d.Stdout, "stderr": d.Stderr,
	})
	if err != nil {
		return 0, nil, err
	}
	first, ok := <-c
	if !ok {
		return 0, nil, io.ErrUnexpectedEOF
	}
	status := make(chan int, 1)
	go func() { // ends with the daemon, or the process that runs it
		defer close(status)
		if last, ok := <-c; ok {
			status <- *last.Status
		}
	}()
	return first.PID, status, nil
}

// lockedWriter collects what the process complains about.
type lockedWriter struct {
	mu sync.Mutex
	b  []byte
}

func (w *lockedWriter) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.b = append(w.b, p...)
	return len(p), nil
}

func (w *lockedWriter) text() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return string(w.b)
}
