package differential

import (
	"bytes"
	"context"
	"errors"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"slipway/internal/supervisor/serve/xmlrpc"
	"slipway/internal/test/oracletest"
)

// daemon is a supervisord, ours or the original.
type daemon struct {
	path   string // of our executable; "" is the original
	oracle *oracletest.Oracle
	dir    string
	conf   string

	pid    int           // 0: not started
	ended  chan struct{} // closed when it has ended
	status int           // then: its exit status
	client *http.Client
}

// original is what both daemons are called, since their messages hold it.
const original = "/usr/bin/supervisord"

func (d *daemon) socket() string { return filepath.Join(d.dir, "s.sock") }

// environment is what both daemons are started with.
func (d *daemon) environment() map[string]string {
	return map[string]string{
		"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8", "TZ": "UTC", "HOME": "/root", "FROM_OUTSIDE": "yes", "TMPDIR": d.dir,
		"SLIPWAY_RUNTIME": filepath.Join(d.dir, "runtime"), // others on this machine have the usual one
	}
}

func (d *daemon) begin(args []string) error {
	d.ended = make(chan struct{})
	d.client = &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		var nd net.Dialer
		return nd.DialContext(ctx, "unix", d.socket())
	}}}
	args = append([]string{"-c", d.conf}, args...)
	if d.path == "" {
		return d.beginOriginal(args)
	}
	return d.beginOurs(args)
}

func (d *daemon) beginOriginal(args []string) error {
	pid, ended, err := d.oracle.Supervisord(oracletest.Daemon{
		Args: args, Dir: d.dir, Env: d.environment(), Stdout: filepath.Join(d.dir, "stdout"), Stderr: filepath.Join(d.dir, "stderr"),
	})
	if err != nil {
		return err
	}
	d.pid = pid
	go func() { // ends with the daemon, which stop ends
		d.status = <-ended
		close(d.ended)
	}()
	return nil
}

func (d *daemon) beginOurs(args []string) error {
	stdout, err := os.Create(filepath.Join(d.dir, "stdout"))
	if err != nil {
		return err
	}
	defer stdout.Close()
	stderr, err := os.Create(filepath.Join(d.dir, "stderr"))
	if err != nil {
		return err
	}
	defer stderr.Close()
	cmd := exec.Command(d.path)
	cmd.Args = append([]string{original}, args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = d.dir, stdout, stderr
	for name, value := range d.environment() {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	d.pid = cmd.Process.Pid
	go func() { // ends with the daemon, which stop ends
		_ = cmd.Wait() // its status is what the scenario looks at
		d.status = cmd.ProcessState.ExitCode()
		close(d.ended)
	}()
	return nil
}

// stop ends the daemon and what it started, at once.
func (d *daemon) stop() {
	if d.pid == 0 {
		return
	}
	select {
	case <-d.ended:
	default:
		below := descendants(d.pid)
		_ = syscall.Kill(d.pid, syscall.SIGKILL) // it may have ended
		<-d.ended
		for _, pid := range below {
			_ = syscall.Kill(pid, syscall.SIGKILL) // it may have ended
		}
	}
	d.client.CloseIdleConnections()
}

// descendants returns the processes below pid. Each thread has its own children, and
// ours forks from whichever it runs on.
func descendants(pid int) []int {
	lists, _ := filepath.Glob("/proc/" + strconv.Itoa(pid) + "/task/*/children") // fails only for a bad pattern
	var out []int
	for _, list := range lists {
		raw, err := os.ReadFile(list)
		if err != nil {
			continue // the thread has ended
		}
		for _, word := range strings.Fields(string(raw)) {
			if child, err := strconv.Atoi(word); err == nil {
				out = append(append(out, child), descendants(child)...)
			}
		}
	}
	return out
}

// call calls an XML-RPC method.
func (d *daemon) call(method string, args ...any) (any, error) {
	resp, err := d.client.Post("http://localhost/RPC2", "text/xml", bytes.NewReader(xmlrpc.Call(method, args...)))
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, &httpError{resp.StatusCode}
	}
	return xmlrpc.ParseResponse(resp.Body)
}

type httpError struct{ status int }

func (e *httpError) Error() string { return "HTTP status " + strconv.Itoa(e.status) }

// answers reports whether the daemon serves.
func (d *daemon) answers() bool {
	_, err := d.call("supervisor.getState")
	var refused *httpError // by a server with a password
	return err == nil || errors.As(err, &refused)
}
