package etcdtest

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"slipway/internal/test/testkit"
)

// Cluster is three servers that are one cluster, each in a network namespace of its own. The
// test reaches them over a bridge, which is in a namespace as well.
type Cluster struct {
	Members []*Server

	t      testing.TB
	number int    // makes names and addresses nobody else's
	hub    string // the namespace of the bridge
	token  string
}

// The addresses of members end with their number from 1, that of the test with this one.
const testAddress = 254

// StartCluster runs a cluster until the test ends.
func StartCluster(t testing.TB, version string) *Cluster {
	t.Helper()
	path := Executable(t, version)
	testkit.Need(t, testkit.Root, "ip", "etcdctl")
	c := &Cluster{t: t, number: testkit.FreePort(t), token: "first"}
	c.hub = c.name("hub")
	c.wire()
	for i := range 3 {
		dir := t.TempDir()
		c.Members = append(c.Members, &Server{
			t: t, path: path, in: c.name(fmt.Sprint(i)), host: c.address(i + 1), Port: 2379,
			Endpoint: "http://" + c.address(i+1) + ":2379", data: filepath.Join(dir, "data"), log: filepath.Join(dir, "log"),
		})
	}
	t.Cleanup(func() {
		for _, m := range c.Members {
			m.Stop()
		}
	})
	c.run()
	return c
}

func (c *Cluster) name(part string) string { return fmt.Sprintf("sw%d%s", c.number, part) }

func (c *Cluster) address(host int) string {
	return fmt.Sprintf("10.%d.%d.%d", 100+(c.number>>8)%100, c.number&0xff, host)
}

// ip runs a command that must succeed.
func (c *Cluster) ip(line string) {
	c.t.Helper()
	if out, err := exec.Command("ip", strings.Fields(line)...).CombinedOutput(); err != nil {
		c.t.Fatalf("ip %s: %v: %s", line, err, out)
	}
}

// wire makes the namespaces and the links between them.
func (c *Cluster) wire() {
	c.t.Helper()
	space := func(name string) {
		c.ip("netns add " + name)
		c.t.Cleanup(func() { c.ip("netns del " + name) }) // its links end with it
		c.ip("-n " + name + " link set lo up")
	}
	space(c.hub)
	c.ip("-n " + c.hub + " link add name bridge0 type bridge")
	c.ip("-n " + c.hub + " link set bridge0 up")
	plug := func(at, link string, host int) {
		port := fmt.Sprint("p", host)
		c.ip("-n " + c.hub + " link set " + port + " master bridge0")
		c.ip("-n " + c.hub + " link set " + port + " up")
		c.ip(at + "addr add " + c.address(host) + "/24 dev " + link)
		c.ip(at + "link set " + link + " up")
	}
	for i := range 3 {
		ns := c.name(fmt.Sprint(i))
		space(ns)
		c.ip(fmt.Sprintf("-n %s link add eth0 type veth peer name p%d netns %s", ns, i+1, c.hub))
		plug("-n "+ns+" ", "eth0", i+1)
	}
	c.ip(fmt.Sprintf("link add %s type veth peer name p%d netns %s", c.name("t"), testAddress, c.hub))
	plug("", c.name("t"), testAddress)
}

// run starts all members, with the data that they have.
func (c *Cluster) run() {
	c.t.Helper()
	for i, m := range c.Members {
		peer := "http://" + m.host + ":2380"
		m.args = []string{
			"--name", fmt.Sprint("m", i), "--data-dir", m.data, "--logger", "zap", "--initial-cluster-token", c.token, "--initial-cluster", c.peers(),
			"--listen-client-urls", m.Endpoint, "--advertise-client-urls", m.Endpoint, "--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer,
			// A busy machine is no reason for another leader.
			"--heartbeat-interval", "300", "--election-timeout", "3000",
		}
		m.begin()
	}
	for _, m := range c.Members {
		m.serves()
	}
}

func (c *Cluster) peers() string {
	var out []string
	for i, m := range c.Members {
		out = append(out, fmt.Sprintf("m%d=http://%s:2380", i, m.host))
	}
	return strings.Join(out, ",")
}

// Endpoints are those of all members, as a configuration has them.
func (c *Cluster) Endpoints() string {
	var out []string
	for _, m := range c.Members {
		out = append(out, m.Endpoint)
	}
	return strings.Join(out, ", ")
}

// Leader is the number of the leader, as soon as a member that runs knows of one.
func (c *Cluster) Leader() (leader int) {
	c.t.Helper()
	testkit.Eventually(c.t, testkit.Patience, "the cluster has a leader", func() error {
		for i, m := range c.Members {
			if m.cmd == nil {
				continue
			}
			cmd := exec.Command("etcdctl", "--endpoints", m.Endpoint, "endpoint", "status", "-w", "json")
			cmd.Env = append(os.Environ(), "ETCDCTL_API=3")
			out, err := cmd.Output()
			var list []struct {
				Status struct {
					Header struct {
						MemberID uint64 `json:"member_id"`
					} `json:"header"`
					Leader uint64 `json:"leader"`
				}
			}
			if err == nil {
				err = json.Unmarshal(out, &list)
			}
			if err == nil && len(list) == 1 && list[0].Status.Leader != 0 && list[0].Status.Leader == list[0].Status.Header.MemberID {
				leader = i
				return nil
			}
		}
		return fmt.Errorf("no member says that it is the leader")
	})
	return leader
}

// Unplug takes the network away from a member; what is under way is lost. The function
// returned gives it back.
func (c *Cluster) Unplug(member int) (plug func()) {
	c.t.Helper()
	port := fmt.Sprintf("-n %s link set p%d ", c.hub, member+1)
	c.ip(port + "down")
	return func() { c.t.Helper(); c.ip(port + "up") }
}

// Part cuts a member off from the others. Clients reach it still.
func (c *Cluster) Part(member int) (heal func()) {
	c.t.Helper()
	change := func(what string) {
		c.t.Helper()
		for i := range c.Members {
			if i != member {
				c.ip(fmt.Sprintf("-n %s route %s blackhole %s/32", c.name(fmt.Sprint(i)), what, c.address(member+1)))
				c.ip(fmt.Sprintf("-n %s route %s blackhole %s/32", c.name(fmt.Sprint(member)), what, c.address(i+1)))
			}
		}
	}
	change("add")
	return func() { c.t.Helper(); change("del") }
}

// Restore makes another cluster of a backup of a member, as an operator does who has lost it:
// `etcdctl snapshot restore`. The function returned does it; the backup is of now.
func (c *Cluster) Restore() (restore func()) {
	c.t.Helper()
	backup := filepath.Join(c.t.TempDir(), "backup")
	ctl := func(args ...string) {
		c.t.Helper()
		cmd := exec.Command("etcdctl", args...)
		cmd.Env = append(os.Environ(), "ETCDCTL_API=3")
		if out, err := cmd.CombinedOutput(); err != nil {
			c.t.Fatalf("etcdctl %s: %v: %s", strings.Join(args, " "), err, out)
		}
	}
	ctl("--endpoints", c.Members[0].Endpoint, "snapshot", "save", backup)
	return func() {
		c.t.Helper()
		c.token = "restored"
		for _, m := range c.Members {
			m.Stop()
		}
		for i, m := range c.Members {
			if err := os.RemoveAll(m.data); err != nil {
				c.t.Fatal(err)
			}
			ctl("snapshot", "restore", backup, "--name", fmt.Sprint("m", i), "--data-dir", m.data, "--initial-cluster", c.peers(),
				"--initial-cluster-token", c.token, "--initial-advertise-peer-urls", "http://"+m.host+":2380")
		}
		c.run()
	}
}
