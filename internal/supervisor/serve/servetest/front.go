// Package servetest runs the HTTP front before a supervisor on paper, for tests of
// the front and of its clients.
package servetest

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"slipway/internal/supervisor/serve"
	"slipway/supervise/control"
	"slipway/supervise/control/client"
	"slipway/supervise/control/controltest"
)

// Front is a running HTTP front.
type Front struct {
	Model   *controltest.Model
	Control *client.Client
	Unix    string // path of the socket of the first server
	TCP     string // host:port of the second
	Done    chan error
	stop    context.CancelFunc
}

// URL returns the unix server's URL as supervisorctl takes it.
func (f *Front) URL() string { return "unix://" + f.Unix }

// Start runs a front with a unix server and a TCP server before m. The servers of
// m give the credentials; both are open if it has none.
func Start(t testing.TB, m *controltest.Model, idle time.Duration) *Front {
	t.Helper()
	return StartWith(t, m, serve.Config{Idle: idle})
}

// StartWith is Start with limits of its own; the rest of conf is filled in.
func StartWith(t testing.TB, m *controltest.Model, conf serve.Config) *Front {
	t.Helper()
	f := &Front{Model: m, Unix: filepath.Join(t.TempDir(), "s.sock"), Done: make(chan error, 1)}
	ul, err := net.Listen("unix", f.Unix)
	if err != nil {
		t.Fatal(err)
	}
	tl, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	f.TCP = tl.Addr().String()
	if len(m.Servers) == 0 {
		m.Servers = []control.ServerInfo{
			{Section: "unix_http_server", Unix: true, Address: f.Unix},
			{Section: "inet_http_server", Address: f.TCP},
		}
	}
	conn, theirs, err := controltest.Pair()
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- controltest.Serve(conn, true, m.Handlers()) }() // ended by closing conn, below
	if f.Control, err = client.FromFile(theirs); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	f.stop = cancel
	conf.Control, conf.Servers, conf.Listeners, conf.Log = f.Control, m.Servers, []net.Listener{ul, tl}, os.Stderr
	s := serve.New(conf)
	go func() { f.Done <- s.Run(ctx) }() // ended by cancel, below
	t.Cleanup(func() {
		cancel()
		select {
		case err := <-f.Done:
			if err != nil {
				t.Errorf("Run: %v", err)
			}
		case <-time.After(time.Minute):
			t.Error("the front does not end")
		}
		_ = f.Control.Close()
		_ = conn.Close()
		if err := <-served; err != nil {
			t.Errorf("controltest.Serve: %v", err)
		}
	})
	return f
}

// Programs returns a model with programs in every state, their logs in dir.
func Programs(dir string) *controltest.Model {
	proc := func(group, name string, state control.ProcessState) *controltest.Process {
		p := &controltest.Process{}
		p.Name, p.Group, p.State = name, group, state
		p.StdoutLog = filepath.Join(dir, group+"-"+name+".log")
		if state == control.Running {
			p.PID, p.Start = 4000, 1_700_000_000
		}
		p.Config = control.ConfigInfo{
			Autostart: true, Autorestart: "unexpected", Command: "/bin/cat", Directory: "none", ExitCodes: []int64{0},
			GroupPriority: 999, Priority: 999, ServerURL: "none", StartRetries: 3, StartSecs: 1, StopSignal: 15, StopWait: 10, UID: -1,
			Stdout: control.ConfigOutput{Logfile: p.StdoutLog, Maxbytes: 50 << 20, Backups: 10},
			Stderr: control.ConfigOutput{Logfile: "none", Maxbytes: 50 << 20, Backups: 10},
		}
		return p
	}
	web := proc("web", "web", control.Running)
	web.StderrLog = filepath.Join(dir, "web.err")
	bad := proc("bad", "bad", control.Fatal)
	bad.Start, bad.SpawnError = 1_700_000_000, "Exited too quickly (process log may have details)"
	bad.StartFault = control.NewFault(control.SpawnError, "bad")
	nofile := proc("nofile", "nofile", control.Stopped)
	nofile.StartFault = control.NewFault(control.NoFile, "can't find command '/nosuch'")
	nofile.StdoutLog = ""
	noexec := proc("noexec", "noexec", control.Stopped)
	noexec.StartFault = control.NewFault(control.NotExecutable, "command at '/etc/passwd' is not executable")
	abnormal := proc("abnormal", "abnormal", control.Exited)
	abnormal.Start, abnormal.Stop = 1_700_000_000, 1_700_000_100
	abnormal.StartFault = control.NewFault(control.AbnormalTermination, "abnormal")
	closed := proc("closed", "closed", control.Running)
	closed.NoStdin = true
	new1 := proc("fresh", "fresh", control.Stopped)
	m := &controltest.Model{
		Mood: control.MoodRunning, Now: 1_700_093_784, Logfile: filepath.Join(dir, "main.log"),
		Info: control.SupervisorInfo{PID: 4711, Identifier: "supervisor", Version: "1.0"},
		Processes: []*controltest.Process{
			web, bad, nofile, noexec, abnormal, closed,
			proc("g", "a", control.Running), proc("g", "b", control.Stopped), proc("starting", "starting", control.Starting),
		},
		Available: []*controltest.Process{new1},
		Reread:    control.RereadResult{Added: []string{"fresh"}, Changed: []string{"web"}, Removed: []string{"g"}},
	}
	for _, p := range append(m.Processes, m.Available...) {
		if p.StdoutLog != "" {
			_ = os.WriteFile(p.StdoutLog, []byte("out of "+p.Name+"\nsecond line\n"), 0o600)
		}
		if p.StderrLog != "" {
			_ = os.WriteFile(p.StderrLog, []byte("err of "+p.Name+"\n"), 0o600)
		}
	}
	_ = os.WriteFile(m.Logfile, []byte("2026-01-01 00:00:00,000 INFO supervisord started with pid 4711\n"), 0o600)
	return m
}
