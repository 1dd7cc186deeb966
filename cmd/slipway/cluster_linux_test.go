package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"slipway/internal/test/etcdtest"
	"slipway/internal/test/testkit"
)

// clustered is a container that follows a cluster of three.
type clustered struct {
	*faulty
	c *etcdtest.Cluster
	// asks is the member that the container knows, when it knows one alone.
	asks int
}

// others are the members but one.
func (f *clustered) others(member int) (out []*etcdtest.Server) {
	for i, m := range f.c.Members {
		if i != member {
			out = append(out, m)
		}
	}
	return out
}

// ctl asks some members, one after the other, until one answers.
func (f *clustered) ctl(by []*etcdtest.Server, args ...string) (string, error) {
	var errs []error
	for _, m := range by {
		cmd := exec.Command("etcdctl", append([]string{"--endpoints", m.Endpoint}, args...)...)
		cmd.Env = append(os.Environ(), "ETCDCTL_API=3")
		out, err := cmd.CombinedOutput()
		if err == nil {
			return string(out), nil
		}
		errs = append(errs, fmt.Errorf("%s: %w: %s", m.Endpoint, err, out))
	}
	return "", errors.Join(errs...)
}

// put sets the level by one of some members, as soon as one of them can, and they say that it
// is set. A write that had no answer may be done later, in the place of the next one.
func (f *clustered) put(value string, by ...*etcdtest.Server) {
	f.t.Helper()
	testkit.Eventually(f.t, testkit.Patience, "the level is "+value, func() error { return f.set(value, by) })
}

func (f *clustered) set(value string, by []*etcdtest.Server) error {
	is, err := f.ctl(by, "get", "--print-value-only", "/app/log/level")
	switch {
	case err != nil:
		return err
	case strings.TrimSpace(is) == value:
		return nil
	}
	if _, err := f.ctl(by, "put", "/app/log/level", value); err != nil {
		return err
	}
	return fmt.Errorf("it was %s", is)
}

// applies waits until a level is what the members have, and what the file has.
func (f *clustered) applies(value string, by ...*etcdtest.Server) {
	f.t.Helper()
	testkit.Eventually(f.t, testkit.Patience, "the file has the level "+value, func() error {
		if err := f.set(value, by); err != nil {
			return err
		}
		if got := f.read("out.conf"); !strings.HasPrefix(got, "level "+value+" ") {
			return fmt.Errorf("the members have it, and the file has %s", got)
		}
		return nil
	})
}

// clusterFault is a row of the list of faults of a cluster.
type clusterFault struct {
	name string
	// alone says that the container knows one member only.
	alone bool
	do    func(f *clustered)
	log   []string // what the activity log says
	// debian says that it takes the tools of that version: etcdctl makes no data for others.
	debian bool
}

func clusterFaults() []clusterFault {
	const noLeader = "answers no read within 1s; has the cluster a leader?"
	return []clusterFault{
		{name: "the leader is stopped", do: func(f *clustered) {
			leader := f.c.Leader()
			resume := f.c.Members[leader].Pause()
			defer resume()
			f.applies("after", f.others(leader)...)
		}},
		{name: "the leader is killed", do: func(f *clustered) {
			leader := f.c.Leader()
			f.c.Members[leader].Kill()
			f.applies("after", f.others(leader)...)
			f.c.Members[leader].Run()
		}},
		{name: "the leader is cut off from the others", do: func(f *clustered) {
			leader := f.c.Leader()
			heal := f.c.Part(leader)
			f.applies("after", f.others(leader)...)
			heal()
		}},
		{name: "a member has no network", do: func(f *clustered) {
			leader := f.c.Leader()
			plug := f.c.Unplug(leader)
			f.applies("after", f.others(leader)...)
			plug()
		}},
		{name: "the only member that is known is cut off from the others", alone: true, do: func(f *clustered) {
			heal := f.c.Part(f.asks)
			f.stale(noLeader)
			f.put("after", f.others(f.asks)...)
			heal()
		}},
		{name: "the only member that is known is stopped", alone: true, do: func(f *clustered) {
			resume := f.c.Members[f.asks].Pause()
			f.stale("answers no read within 1s")
			f.put("after", f.others(f.asks)...)
			resume()
		}},
		{name: "the only member that is known has no network", alone: true, do: func(f *clustered) {
			plug := f.c.Unplug(f.asks)
			f.stale("dial tcp")
			f.put("after", f.others(f.asks)...)
			plug()
		}},
		{name: "the history is compacted while the only member that is known is cut off", alone: true, do: func(f *clustered) {
			heal := f.c.Part(f.asks)
			f.stale(noLeader)
			f.s = f.others(f.asks)[0]
			for i := range 3 {
				f.put(fmt.Sprint("between", i), f.others(f.asks)...)
			}
			f.put("after", f.others(f.asks)...)
			etcdctl(f.t, f.s, "compact", fmt.Sprint(f.revision()))
			heal()
		}},
		{name: "two of three are away", do: func(f *clustered) {
			f.c.Members[0].Kill()
			f.c.Members[1].Kill()
			f.stale(noLeader)
			f.c.Members[1].Run()
			f.applies("after", f.c.Members[1], f.c.Members[2])
			f.c.Members[0].Run()
		}},
		{name: "each member is restarted in turn", do: func(f *clustered) {
			for i, m := range f.c.Members {
				m.Stop()
				m.Run()
				f.applies(fmt.Sprint("turn", i), f.c.Members...)
			}
			f.put("after", f.c.Members...)
		}},
		{name: "it is restored from a snapshot, as another cluster", debian: true, do: func(f *clustered) {
			f.applies("after", f.c.Members...)
			restore := f.c.Restore()
			f.applies("lost", f.c.Members...)
			restore()
		}, log: []string{"watch: history of etcd was replaced, everything is taken from the new one", "former_store="}},
	}
}

// What happens to members of a cluster of three, in network namespaces of their own. Programs
// run on, what is lost of contact comes back, and the newest revision is applied: with the
// fault still there when the container knows another member.
func TestClusterFaults(t *testing.T) {
	eachEtcd(t, func(t *testing.T, version string) {
		for _, row := range clusterFaults() {
			if row.debian && version != "debian" {
				continue
			}
			t.Run(row.name, func(t *testing.T) {
				t.Parallel() // it waits for elections most of the time
				f := &clustered{faulty: &faulty{}, c: etcdtest.StartCluster(t, version)}
				endpoints := f.c.Endpoints()
				if row.alone {
					f.asks = f.c.Leader()
					endpoints = f.c.Members[f.asks].Endpoint
				}
				f.container = followed(t, endpoints, "timeout = 1s\n")
				f.put("before", f.c.Members...)
				t.Cleanup(func() {
					if t.Failed() {
						status, out := f.ask("status", "--sources")
						t.Logf("status %d: %s\n%s", status, out, f.read("activity.log"))
					}
				})
				f.up()
				f.applies("before", f.c.Members...)
				f.prints("in contact", "status")
				row.do(f)
				f.applies("after", f.c.Members...)
				f.prints("in contact", "status", "--sources")
				lost, back := f.times("activity.log", "watch: lost contact to etcd"), f.times("activity.log", "watch: contact to etcd is back")
				if lost != back || row.alone && lost == 0 {
					t.Errorf("the log says %d times that contact is lost and %d times that it is back:\n%s", lost, back, f.read("activity.log"))
				}
				for _, line := range row.log {
					if !strings.Contains(f.read("activity.log"), line) {
						t.Errorf("the log does not say %q:\n%s", line, f.read("activity.log"))
					}
				}
				if n := f.times("started", "\n"); n != 1 {
					t.Errorf("web was started %d times, want once", n)
				}
				f.down()
			})
		}
	})
}
