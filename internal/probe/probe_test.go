package probe

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestParseRefuses(t *testing.T) {
	for _, row := range []struct{ name, text string }{
		{"nothing", ""},
		{"no scheme", "localhost"},
		{"unknown scheme", "ftp://h/"},
		{"tcp without a port", "tcp://db"},
		{"tcp without a host", "tcp://:80"},
		{"unix without a path", "unix://"},
		{"http without a host", "http:///x"},
		{"empty command", "exec: "},
	} {
		t.Run(row.name, func(t *testing.T) {
			if _, err := Parse(row.text); err == nil || !strings.Contains(err.Error(), "expected") {
				t.Errorf("Parse(%q) = %v, want an error that says what was expected", row.text, err)
			}
		})
	}
}

func TestCheck(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "ready")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	sock := filepath.Join(dir, "s")
	ul, err := net.Listen("unix", sock)
	if err != nil {
		t.Fatal(err)
	}
	defer ul.Close()
	mux := http.NewServeMux()
	mux.HandleFunc("/moved", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/down", http.StatusFound) })
	mux.HandleFunc("/down", func(w http.ResponseWriter, r *http.Request) { http.Error(w, "no", http.StatusServiceUnavailable) })
	mux.HandleFunc("/ok", func(http.ResponseWriter, *http.Request) {})
	srv := httptest.NewServer(mux)
	defer srv.Close()
	addr := strings.TrimPrefix(srv.URL, "http://")
	closed := httptest.NewServer(mux)
	closed.Close()

	for _, row := range []struct{ name, text, want string }{
		{"tcp", "tcp://" + addr, ""},
		{"tcp refused", "tcp://" + strings.TrimPrefix(closed.URL, "http://"), "refused"},
		{"unix", "unix://" + sock, ""},
		{"unix missing", "unix://" + sock + "x", "no such file"},
		{"http", srv.URL + "/ok", ""},
		{"http redirect is an answer", srv.URL + "/moved", ""},
		{"http unavailable", srv.URL + "/down", "503"},
		{"file", "file:" + file, ""},
		{"file missing", "file:" + file + "x", "no such file"},
		{"exec", "exec: exit 0", ""},
		{"exec fails", "exec: echo first; echo broken >&2; exit 3", "exit status 3: broken"},
		{"exec leaves a child behind", "exec: sleep 100 & exit 0", ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			p, err := Parse(row.text)
			if err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
			defer cancel()
			err = p.Check(ctx)
			if row.want == "" && err != nil || row.want != "" && (err == nil || !strings.Contains(err.Error(), row.want)) {
				t.Errorf("Check = %v, want %q in it", err, row.want)
			}
		})
	}
}

func TestCommandIsKilledWithItsGroup(t *testing.T) {
	p, err := Parse("exec: sleep 60; true")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	start := time.Now()
	if err := p.Check(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Check = %v, want the deadline", err)
	}
	if d := time.Since(start); d > 40*time.Second {
		t.Errorf("Check came back after %v, want before the sleep of a minute ends", d)
	}
}

func TestWait(t *testing.T) {
	file := filepath.Join(t.TempDir(), "ready")
	p, err := Parse("file:" + file)
	if err != nil {
		t.Fatal(err)
	}
	var failures int
	err = Wait(context.Background(), p, func(error) {
		failures++
		if failures == 2 {
			if err := os.WriteFile(file, nil, 0o600); err != nil {
				t.Error(err)
			}
		}
	})
	if err != nil || failures != 2 {
		t.Errorf("Wait = %v after %d failures, want nil after 2", err, failures)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	p.target += "x"
	if err := Wait(ctx, p, nil); !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "no such file") {
		t.Errorf("Wait = %v, want the deadline and the last answer", err)
	}
}

func TestPasswordIsNotShown(t *testing.T) {
	p, err := Parse("http://u:geheim@h/")
	if err != nil {
		t.Fatal(err)
	}
	if got := p.String(); strings.Contains(got, "geheim") {
		t.Errorf("String() = %q, which shows the password", got)
	}
}
