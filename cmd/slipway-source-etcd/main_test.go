package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"slipway/internal/test/etcdtest"
	"slipway/internal/test/testkit"
	"slipway/sources/program"
	"slipway/sources/protocol"
)

// source is the executable with settings "name=text"; "!name=text" is secret.
func source(t testing.TB, words ...string) program.Program {
	t.Helper()
	p := program.Program{Name: "etcd", Path: testkit.Binaries(t).SourceEtcd}
	for _, w := range words {
		name, text, _ := strings.Cut(w, "=")
		name, secret := strings.CutPrefix(name, "!")
		p.Settings = append(p.Settings, protocol.Setting{Name: name, Text: text, Secret: secret})
	}
	return p
}

func etcdctl(t *testing.T, s *etcdtest.Server, args ...string) {
	t.Helper()
	testkit.Need(t, "etcdctl")
	cmd := exec.Command("etcdctl", append([]string{"--endpoints", s.Endpoint}, args...)...)
	cmd.Env = append(os.Environ(), "ETCDCTL_API=3")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("etcdctl %v: %v\n%s", args, err, out)
	}
}

func TestSnapshotThroughTheExecutable(t *testing.T) {
	s := etcdtest.Start(t, etcdtest.Options{Version: "debian"})
	etcdctl(t, s, "put", "/app/log level", "de\nbug")
	etcdctl(t, s, "put", "/app/pw", "hunter2")
	u, err := source(t, "endpoints="+s.Endpoint, "prefix=/app/", "secret_prefix=/app/pw").Get(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if len(u.Keys) != 2 || u.Keys[0].Key != "/app/log level" || u.Keys[0].Value.Text != "de\nbug" || u.Keys[0].Value.Secret || !u.Keys[1].Value.Secret || u.Revision < 3 {
		t.Errorf("snapshot at %d is %v", u.Revision, u.Keys)
	}
}

func TestExitStatusAndCode(t *testing.T) {
	refused := fmt.Sprintf("http://127.0.0.1:%d", testkit.FreePort(t))
	for _, row := range []struct {
		name   string
		words  []string
		code   string
		status int
		want   string
	}{
		{"refused", []string{"endpoints=" + refused, "prefix=/", "start=optional"}, protocol.CodeUnavailable, 69, "connection refused"},
		{"refused until a deadline", []string{"endpoints=" + refused, "prefix=/", "start_timeout=300ms"}, protocol.CodeUnavailable, 69, "connection refused (tried for 300ms)"},
		{"settings", []string{"endpoints=" + refused, "!password=hunter2"}, protocol.CodeInvalid, 78, "prefix: expected what to read"},
	} {
		t.Run(row.name, func(t *testing.T) {
			p := source(t, row.words...)
			_, err := p.Get(context.Background())
			var e *program.Error
			if !errors.As(err, &e) || e.Code != row.code || !strings.Contains(e.Error(), row.want) || strings.Contains(e.Error(), "hunter2") {
				t.Errorf("error = %v, want %s: %s", err, row.code, row.want)
			}
			var in strings.Builder
			if err := (protocol.Request{Settings: p.Settings}).Write(&in); err != nil {
				t.Fatal(err)
			}
			cmd := exec.Command(p.Path)
			cmd.Stdin = strings.NewReader(in.String())
			var stderr strings.Builder
			cmd.Stderr = &stderr
			cmd.Run()
			if got := cmd.ProcessState.ExitCode(); got != row.status || stderr.String() != "" {
				t.Errorf("exit status %d, standard error %q, want %d and silence", got, stderr.String(), row.status)
			}
		})
	}
}

// TERM ends it at once, also while it waits for a server, with and without a
// user.
func TestSignalEndsIt(t *testing.T) {
	refused := fmt.Sprintf("http://127.0.0.1:%d", testkit.FreePort(t))
	for _, words := range [][]string{
		{"endpoints=" + refused, "prefix=/"},
		{"endpoints=" + refused, "prefix=/", "user=a", "!password=b"},
	} {
		p := source(t, words...)
		waiting := make(chan struct{}, 100)
		p.Note = func(string) { waiting <- struct{}{} }
		ctx, cancel := context.WithCancel(context.Background())
		go func() { <-waiting; cancel() }() // ends with the first note
		if _, err := p.Get(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("Get = %v, want context.Canceled", err)
		}
		var in strings.Builder
		if err := (protocol.Request{Settings: p.Settings}).Write(&in); err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command(p.Path)
		cmd.Stdin = strings.NewReader(in.String())
		out, err := os.Create(filepath.Join(t.TempDir(), "out"))
		if err != nil {
			t.Fatal(err)
		}
		defer out.Close()
		cmd.Stdout = out
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		testkit.Eventually(t, testkit.Patience, "it waits", func() error {
			if data, _ := os.ReadFile(out.Name()); !strings.Contains(string(data), "note ") {
				return fmt.Errorf("it wrote %q", data)
			}
			return nil
		})
		start := time.Now()
		cmd.Process.Signal(syscall.SIGTERM)
		cmd.Wait()
		if d := time.Since(start); d > 2*time.Second || cmd.ProcessState.ExitCode() != 69 {
			t.Errorf("ended after %v with status %d, want at once with 69", d, cmd.ProcessState.ExitCode())
		}
	}
}

// A watch follows changes through the executable, and ends with its caller.
func TestWatchThroughTheExecutable(t *testing.T) {
	s := etcdtest.Start(t, etcdtest.Options{Version: "debian"})
	etcdctl(t, s, "put", "/app/level", "debug")
	p := source(t, "endpoints="+s.Endpoint, "prefix=/app/")
	var state protocol.State
	done := errors.New("done")
	err := p.Watch(context.Background(), func(u protocol.Update) error {
		state.Apply(u)
		switch keys := state.Snapshot().Keys; {
		case len(keys) == 1 && keys[0].Value.Text == "info":
			return done
		case u.Kind == protocol.Whole:
			etcdctl(t, s, "put", "/app/level", "info")
		}
		return nil
	})
	if !errors.Is(err, done) {
		t.Errorf("Watch = %v, want to see the change", err)
	}
	var in strings.Builder
	if err := (protocol.Request{Settings: p.Settings, Watch: true}).Write(&in); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(p.Path)
	cmd.Stdin = strings.NewReader(in.String()) // and then its end
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("the end of standard input ends it with %v\n%s", err, out)
	}
}
