package main

import (
	"errors"
	"fmt"
	"net"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"slipway/internal/test/etcdtest"
	"slipway/internal/test/testkit"
)

// proxy is an `etcd grpc-proxy` before a server.
type proxy struct {
	t        *testing.T
	endpoint string
	args     []string
	path     string
	cmd      *exec.Cmd
}

func startProxy(t *testing.T, version string, s *etcdtest.Server) *proxy {
	t.Helper()
	addr := fmt.Sprintf("127.0.0.1:%d", testkit.FreePort(t))
	p := &proxy{t: t, endpoint: "http://" + addr, path: etcdtest.Executable(t, version), args: []string{
		"grpc-proxy", "start", "--endpoints=" + s.Endpoint, "--listen-addr=" + addr, "--advertise-client-url=" + addr,
		"--data-dir=" + filepath.Join(t.TempDir(), "proxy"), "--resolver-prefix=", "--resolver-ttl=0",
	}}
	p.run()
	t.Cleanup(p.kill)
	return p
}

func (p *proxy) run() {
	p.t.Helper()
	log := &strings.Builder{}
	p.cmd = exec.Command(p.path, p.args...)
	p.cmd.Stdout, p.cmd.Stderr = log, log
	if err := p.cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	testkit.Eventually(p.t, testkit.Patience, "the proxy listens", func() error {
		c, err := net.DialTimeout("tcp", strings.TrimPrefix(p.endpoint, "http://"), time.Second)
		if err != nil {
			return err
		}
		return c.Close()
	})
}

func (p *proxy) kill() {
	if p.cmd.ProcessState == nil {
		_ = p.cmd.Process.Kill()
		_ = p.cmd.Wait() // it was killed
	}
}

// Containers that know a proxy alone follow, take slots, and take part in a rollout through it,
// keep what they have while it is away, and come back. What goes wrong behind it they notice as
// before.
func TestThroughGRPCProxy(t *testing.T) {
	eachEtcd(t, func(t *testing.T, version string) {
		s := etcdtest.Start(t, etcdtest.Options{Version: version})
		etcdctl(t, s, "put", "/app/log/level", "info")
		p := startProxy(t, version, s)
		shared := filepath.Join(t.TempDir(), "shared")
		var all []*container
		for range 3 {
			c := member(t, p.endpoint, shared, "timeout = 1s\nslots = 1\nrollout = 1, 100%\nrollout_hold = 100ms\n")
			c.up()
			c.has("out.conf", "level info\n")
			c.prints("in contact", "status", "--sources")
			all = append(all, c)
		}
		before := strings.Count(mustRead(t, shared), "begins")
		change := func(level string) {
			t.Helper()
			etcdctl(t, s, "put", "/app/log/level", level)
			for _, c := range all {
				c.has("out.conf", "level "+level+"\n")
			}
		}
		change("debug")
		lines := strings.Fields(mustRead(t, shared))[2*before:]
		testkit.Eventually(t, testkit.Patience, "each has acted", func() error {
			if lines = strings.Fields(mustRead(t, shared))[2*before:]; len(lines) < 2*len(all) {
				return errors.New(strings.Join(lines, " "))
			}
			return nil
		})
		if want := strings.Fields(strings.Repeat("begins ends ", len(all))); strings.Join(lines, " ") != strings.Join(want, " ") {
			t.Errorf("they act in the order %v, want one after the other", lines)
		}

		p.kill()
		for _, c := range all {
			c.has("activity.log", "lost contact to etcd")
		}
		etcdctl(t, s, "put", "/app/log/level", "warn")
		p.run()
		for _, c := range all {
			c.has("out.conf", "level warn\n")
		}

		s.Stop() // behind the proxy, which goes on accepting connections
		for _, c := range all {
			c.prints("stale", "status", "--sources")
		}
		s.Run()
		for _, c := range all {
			c.prints("in contact", "status", "--sources")
		}
		change("error")
		etcdctl(t, s, "compact", strings.TrimSpace(revisionOf(t, s)))
		change("fatal")
		for _, c := range all {
			c.down()
		}
	})
}

// revisionOf is the present revision of a server.
func revisionOf(t *testing.T, s *etcdtest.Server) string {
	t.Helper()
	out := etcdctl(t, s, "get", "/", "-w", "json")
	_, rest, _ := strings.Cut(out, `"revision":`)
	n, _, _ := strings.Cut(rest, ",")
	return n
}
