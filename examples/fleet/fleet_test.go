// Package fleet_test runs the compose file of this example.
package fleet_test

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
	webImage  = "slipway-example/web"
	etcdImage = "slipway-example/fleet-etcd"
)

// fleet is the containers of the compose file, under a name that nobody else has.
type fleet struct {
	t    *testing.T
	name string
}

var webs = []string{"web1", "web2", "web3"}

func (f fleet) compose(args ...string) (string, error) {
	cmd := exec.Command("docker-compose", append([]string{"--no-ansi", "-p", f.name, "-f", "compose.yaml"}, args...)...)
	cmd.Env = append(os.Environ(), "WEB_IMAGE="+webImage, "ETCD_IMAGE="+etcdImage)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func (f fleet) must(args ...string) string {
	f.t.Helper()
	out, err := f.compose(args...)
	if err != nil {
		f.t.Fatalf("docker-compose %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return out
}

// etcdctl asks one of the servers, as soon as there is a majority.
func (f fleet) etcdctl(server string, args ...string) (out string) {
	f.t.Helper()
	testkit.Eventually(f.t, testkit.Patience, server+" answers", func() (err error) {
		out, err = f.compose(append([]string{"exec", "-T", "-e", "ETCDCTL_API=3", server, "etcdctl"}, args...)...)
		if err != nil {
			return fmt.Errorf("%w: %s", err, out)
		}
		return nil
	})
	return out
}

// says waits until a command in a container prints something.
func (f fleet) says(want, container string, args ...string) {
	f.t.Helper()
	testkit.Eventually(f.t, testkit.Patience, container+": "+strings.Join(args, " ")+" says "+want, func() error {
		if out, err := f.compose(append([]string{"exec", "-T", container}, args...)...); !strings.Contains(out, want) {
			return fmt.Errorf("%v: %s", err, out)
		}
		return nil
	})
}

// everywhere waits until all have a line in their file, and are well.
func (f fleet) everywhere(line string) {
	f.t.Helper()
	for _, w := range webs {
		f.says(line, w, "cat", "/etc/web.conf")
		f.must("exec", "-T", w, "slipway", "wait", "-q", "exec:slipway healthcheck")
	}
}

// tried are the servers that were ever told of a text.
func (f fleet) tried(text string) (out []string) {
	f.t.Helper()
	for _, w := range webs {
		if strings.Contains(f.must("logs", w), text) {
			out = append(out, w)
		}
	}
	return out
}

func TestFleet(t *testing.T) {
	testkit.Need(t, testkit.Docker, testkit.Root, testkit.Etcd, "docker-compose", "etcdctl")
	testkit.BuildExample(t, webImage, ".")
	etcdtest.BuildImage(t, etcdImage)
	f := fleet{t, fmt.Sprintf("slipway-fleet-%d", os.Getpid())}
	t.Cleanup(func() {
		if t.Failed() {
			out, _ := f.compose("logs", "--tail=60", "web1", "web2", "web3")
			t.Log(out)
		}
		if out, err := f.compose("down", "-v", "-t", "1"); err != nil {
			t.Errorf("cannot remove the containers: %v\n%s", err, out)
		}
	})
	f.must("up", "-d", "--no-build")
	f.everywhere("greeting hello\nlimit 100\n")
	for _, w := range webs {
		f.says("in contact", w, "slipway", "status", "--sources")
	}

	// A change reaches all of them, also while one server of etcd is away.
	f.must("stop", "-t", "1", "etcd1")
	f.etcdctl("etcd2", "put", "/web/greeting", "welcome")
	f.everywhere("greeting welcome\nlimit 100\n")
	f.must("start", "etcd1")

	// One that makes a server ill reaches the first of them alone, which takes it back.
	f.etcdctl("etcd3", "put", "/web/limit", "5")
	for _, w := range webs {
		f.says("did not come back healthy", w, "slipway", "status", "--sources")
	}
	f.everywhere("greeting welcome\nlimit 100\n")
	ill := f.tried("limit 5\n")
	if len(ill) != 1 {
		t.Errorf("%v have tried what makes them ill, want one", ill)
	}
	for _, w := range webs {
		out := f.status(w)
		if spared := strings.Contains(out, "the change is refused for the fleet: "); spared == (len(ill) == 1 && ill[0] == w) {
			t.Errorf("%s says of the refused change\n%s\nand those that have tried it are %v", w, out, ill)
		}
	}
	if got := f.etcdctl("etcd1", "get", "--prefix", "/web/.slipway/refused/"); !strings.Contains(got, "did not come back healthy") {
		t.Errorf("below refused there is %q", got)
	}

	// The next revision is a rollout of its own.
	f.etcdctl("etcd1", "put", "/web/limit", "50")
	f.everywhere("greeting welcome\nlimit 50\n")
	for _, w := range webs {
		f.says("etcd /web/limit at revision", w, "slipway", "status", "--files")
	}
	if again := f.tried("limit 5\n"); len(again) != 1 {
		t.Errorf("%v have tried what makes them ill, want one", again)
	}
}

// status is what a container says of its sources.
func (f fleet) status(container string) string {
	out, _ := f.compose("exec", "-T", container, "slipway", "status", "--sources") // its status is 1
	return out
}
