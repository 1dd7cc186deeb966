// Package etcd_test runs the compose file of this example.
package etcd_test

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"slipway/internal/test/etcdtest"
	"slipway/internal/test/testkit"
)

const (
	shopImage = "slipway-example/shop"
	etcdImage = "slipway-example/etcd"
)

// project is the containers of a compose file, under a name that nobody else has.
type project struct{ name string }

func (p project) compose(args ...string) (string, error) {
	cmd := exec.Command("docker-compose", append([]string{"--no-ansi", "-p", p.name, "-f", "compose.yaml"}, args...)...)
	cmd.Env = append(os.Environ(), "SHOP_IMAGE="+shopImage, "ETCD_IMAGE="+etcdImage)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func (p project) must(t *testing.T, args ...string) string {
	t.Helper()
	out, err := p.compose(args...)
	if err != nil {
		t.Fatalf("docker-compose %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return out
}

// put sets a key by one of the servers, as soon as there is a majority.
func (p project) put(t *testing.T, server, key, value string) {
	t.Helper()
	testkit.Eventually(t, testkit.Patience, server+" takes "+value, func() error {
		out, err := p.compose("exec", "-T", "-e", "ETCDCTL_API=3", server, "etcdctl", "put", key, value)
		if err != nil {
			return fmt.Errorf("%w: %s", err, out)
		}
		return nil
	})
}

func (p project) says(t *testing.T, want string, args ...string) {
	t.Helper()
	testkit.Eventually(t, testkit.Patience, strings.Join(args, " ")+" says "+want, func() error {
		if out, err := p.compose(args...); !strings.Contains(out, want) {
			return fmt.Errorf("%v: %s", err, out)
		}
		return nil
	})
}

func TestCompose(t *testing.T) {
	testkit.Need(t, testkit.Docker, testkit.Root, testkit.Etcd, "docker-compose", "etcdctl")
	testkit.BuildExample(t, shopImage, ".")
	etcdtest.BuildImage(t, etcdImage)
	p := project{fmt.Sprintf("slipway-test-%d", os.Getpid())}
	t.Cleanup(func() {
		if t.Failed() {
			out, _ := p.compose("logs", "--tail=40")
			t.Log(out)
		}
		if out, err := p.compose("down", "-v", "-t", "1"); err != nil {
			t.Errorf("cannot remove the containers: %v\n%s", err, out)
		}
	})
	p.must(t, "up", "-d", "--no-build")
	p.says(t, "shop: colour green, level info", "logs", "shop")

	p.put(t, "etcd1", "/shop/log/level", "debug")
	p.says(t, "shop: colour green, level debug", "logs", "shop")

	p.must(t, "stop", "-t", "1", "etcd1") // two of three are a majority
	p.put(t, "etcd2", "/shop/env/COLOUR", "red")
	p.says(t, "shop: colour red, level debug", "logs", "shop")

	p.must(t, "stop", "-t", "1", "etcd2")
	p.says(t, "stale", "exec", "-T", "shop", "slipway", "status")
	p.says(t, "RUNNING", "exec", "-T", "shop", "slipway", "status", "shop")

	p.must(t, "start", "etcd2")
	p.put(t, "etcd3", "/shop/log/level", "warn")
	p.says(t, "shop: colour red, level warn", "logs", "shop")
	p.says(t, "in contact", "exec", "-T", "shop", "slipway", "status")
}
