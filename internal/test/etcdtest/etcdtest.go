// Package etcdtest runs real etcd servers for tests: 3.7, built on demand from the
// nested module internal/test/etcdserver, and the one that Debian ships. Servers
// listen on the loopback address alone and keep their data in the test's folder.
package etcdtest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"slipway/internal/test/testkit"
)

// Versions are the servers that tests run against.
func Versions() []string { return []string{"3.7", "debian"} }

// Options tell how a server runs.
type Options struct {
	Version string // "3.7" or "debian"
	// Port is the port for clients; 0 takes a free one.
	Port int
	// TLS makes it answer TLS alone, with certificates of its own authority;
	// ClientCert makes it ask for one.
	TLS        bool
	ClientCert bool
	// Args are further words of its command line.
	Args []string
}

// Server is a running server.
type Server struct {
	Endpoint string // http:// or https://127.0.0.1:port
	Port     int
	Files    Files // with TLS

	t    testing.TB
	data string
	args []string
	path string
	log  string
	cmd  *exec.Cmd
	host string // the address that it listens at
	in   string // the network namespace that it runs in; "" for that of the test
}

// Start runs a server until the test ends. It skips the test when there is no
// such server here, unless SLIPWAY_REQUIRE is "all".
func Start(t testing.TB, o Options) *Server {
	t.Helper()
	s := &Server{t: t, path: Executable(t, o.Version), Port: o.Port, host: "127.0.0.1"}
	if s.Port == 0 {
		s.Port = testkit.FreePort(t)
	}
	dir := t.TempDir()
	s.log = filepath.Join(dir, "log")
	scheme := "http"
	peer := fmt.Sprintf("http://127.0.0.1:%d", testkit.FreePort(t))
	if o.TLS {
		scheme = "https"
		s.Files = Certificates(t, filepath.Join(dir, "tls"))
		s.args = append(s.args, "--cert-file", s.Files.ServerCert, "--key-file", s.Files.ServerKey)
		if o.ClientCert {
			s.args = append(s.args, "--client-cert-auth", "--trusted-ca-file", s.Files.CA)
		}
	}
	s.Endpoint = fmt.Sprintf("%s://127.0.0.1:%d", scheme, s.Port)
	s.data = filepath.Join(dir, "data")
	s.args = append(append(s.args, o.Args...), "--name", "one", "--data-dir", s.data, "--logger", "zap",
		"--listen-client-urls", s.Endpoint, "--advertise-client-urls", s.Endpoint,
		"--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer, "--initial-cluster", "one="+peer)
	s.Run()
	t.Cleanup(s.Stop)
	return s
}

// Run starts a server that was stopped, with the data it had.
func (s *Server) Run() {
	s.t.Helper()
	s.begin()
	s.serves()
}

// serves waits until the server does.
func (s *Server) serves() {
	s.t.Helper()
	testkit.Eventually(s.t, testkit.Patience, "etcd serves", s.ready)
}

// begin starts the process.
func (s *Server) begin() {
	s.t.Helper()
	log, err := os.OpenFile(s.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		s.t.Fatal(err)
	}
	defer log.Close()
	s.cmd = exec.Command(s.path, s.args...)
	if s.in != "" {
		s.cmd = exec.Command("ip", append([]string{"netns", "exec", s.in, s.path}, s.args...)...)
	}
	s.cmd.Stdout, s.cmd.Stderr = log, log
	if err := s.cmd.Start(); err != nil {
		s.t.Fatalf("cannot start etcd: %v", err)
	}
}

// ready looks for the line that the server writes once it serves clients. A
// connection alone is accepted earlier.
func (s *Server) ready() error {
	data, err := os.ReadFile(s.log)
	if err != nil {
		return err
	}
	last := data[max(0, bytes.LastIndex(data, []byte("data-dir"))):]
	if bytes.Contains(last, []byte("ready to serve client requests")) || bytes.Contains(last, []byte("serving client traffic")) || bytes.Contains(last, []byte("serving insecure client requests")) {
		conn, err := net.DialTimeout("tcp", fmt.Sprintf("%s:%d", s.host, s.Port), time.Second)
		if err == nil {
			conn.Close()
		}
		return err
	}
	return fmt.Errorf("not ready, last line: %s", lastLine(data))
}

func lastLine(data []byte) string {
	lines := strings.Split(strings.TrimSpace(string(data)), "\n")
	return lines[len(lines)-1]
}

// Stop ends the server. It may be run again.
func (s *Server) Stop() {
	if s.cmd == nil {
		return
	}
	s.cmd.Process.Signal(syscall.SIGTERM)
	kill := time.AfterFunc(5*time.Second, func() { s.cmd.Process.Kill() })
	s.cmd.Wait()
	kill.Stop()
	s.cmd = nil
}

// Kill ends the server at once, as a machine that loses its power. It may be run again.
func (s *Server) Kill() {
	if s.cmd != nil {
		s.cmd.Process.Kill()
		s.cmd.Wait()
		s.cmd = nil
	}
}

// Pause stops the process without ending it: connections stay, answers do not
// come. The function returned lets it go on.
func (s *Server) Pause() (resume func()) {
	process := s.cmd.Process
	process.Signal(syscall.SIGSTOP)
	return func() { process.Signal(syscall.SIGCONT) }
}

// Save keeps the present data of the server. The function returned puts them back, as an
// operator who restores a backup; the server is away for both.
func (s *Server) Save() (restore func()) {
	s.t.Helper()
	saved := filepath.Join(s.t.TempDir(), "data")
	s.Stop()
	if err := os.CopyFS(saved, os.DirFS(s.data)); err != nil {
		s.t.Fatal(err)
	}
	s.Run()
	return func() {
		s.t.Helper()
		s.replace(func() error { return os.CopyFS(s.data, os.DirFS(saved)) })
	}
}

// Renew replaces the server by one of another cluster, which is empty.
func (s *Server) Renew() {
	s.t.Helper()
	s.args = append(s.args, "--initial-cluster-token", "renewed")
	s.replace(func() error { return nil })
}

func (s *Server) replace(fill func() error) {
	s.t.Helper()
	s.Stop()
	if err := os.RemoveAll(s.data); err != nil {
		s.t.Fatal(err)
	}
	if err := fill(); err != nil {
		s.t.Fatal(err)
	}
	s.Run()
}

// BuildImage builds an image with Debian's server, and etcdctl.
func BuildImage(t testing.TB, name string) {
	t.Helper()
	ctl, err := exec.LookPath("etcdctl")
	if err != nil {
		t.Fatal(err)
	}
	testkit.Build(t, name, testkit.Context{
		"Dockerfile": {Text: "FROM " + testkit.DebianImage + "\nCOPY etcd etcdctl /usr/local/bin/\n"},
		"etcd":       {From: Executable(t, "debian"), Mode: 0o755},
		"etcdctl":    {From: ctl, Mode: 0o755},
	})
}

// Executable returns the path of a server, or skips the test.
func Executable(t testing.TB, version string) string {
	t.Helper()
	testkit.Need(t, testkit.Etcd)
	if version == "debian" {
		path, err := exec.LookPath("etcd")
		if err != nil {
			t.Fatal(err)
		}
		return path
	}
	path, err := build(t)
	if err != nil {
		if testkit.Required() {
			t.Fatalf("cannot build the etcd server of internal/test/etcdserver: %v", err)
		}
		t.Skipf("needs an etcd server that is built from the network: %v", err)
	}
	return path
}

// build makes the server of the nested module, once per state of its go.sum.
func build(t testing.TB) (string, error) {
	dir := filepath.Join(testkit.Module(t), "internal", "test", "etcdserver")
	sum, err := os.ReadFile(filepath.Join(dir, "go.sum"))
	if err != nil {
		return "", err
	}
	digest := sha256.Sum256(sum)
	path := filepath.Join(testkit.CacheDir(t, "etcd"), "etcd-"+hex.EncodeToString(digest[:8]))
	if _, err := os.Stat(path); err == nil {
		return path, nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), 9*time.Minute)
	defer cancel()
	tmp := fmt.Sprintf("%s.%d", path, os.Getpid())
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags=-s -w", "-o", tmp, ".")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w: %s", err, lastLine(out))
	}
	return path, os.Rename(tmp, path)
}
