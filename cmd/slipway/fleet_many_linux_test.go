package main

import (
	"bufio"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"slipway/internal/test/etcdtest"
	"slipway/internal/test/testkit"
)

// traffic is what a server has been asked, and how much went over the wire.
type traffic struct{ requests, in, out float64 }

func trafficOf(t *testing.T, s *etcdtest.Server) (sum traffic) {
	t.Helper()
	resp, err := http.Get(s.Endpoint + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	for lines := bufio.NewScanner(resp.Body); lines.Scan(); {
		name, rest, _ := strings.Cut(lines.Text(), " ")
		name, _, _ = strings.Cut(name, "{")
		text := rest[strings.LastIndexByte(rest, ' ')+1:]
		n, err := strconv.ParseFloat(text, 64)
		if err != nil {
			continue
		}
		switch name {
		case "grpc_server_msg_received_total":
			sum.requests += n
		case "etcd_network_client_grpc_received_bytes_total":
			sum.in += n
		case "etcd_network_client_grpc_sent_bytes_total":
			sum.out += n
		}
	}
	return sum
}

func (a traffic) since(b traffic, n int) string {
	each := func(x float64) float64 { return x / float64(n) }
	return fmt.Sprintf("%.1f requests, %.0f bytes to the server and %.0f from it, for each", each(a.requests-b.requests), each(a.in-b.in), each(a.out-b.out))
}

// largestFleet is how many containers the test starts in a night: gigabytes, and a minute.
const largestFleet = 200

// Many whole containers on one server, with slots, splay and rollout: no more than the slots
// act at one time, a change reaches every one, and a bad one reaches the first share alone.
func TestFleetOfRealWatchers(t *testing.T) {
	n := min(largestFleet, 2*testkit.Repeat(t, 1))
	const slots = 10
	s := etcdtest.Start(t, etcdtest.Options{Version: "debian"})
	etcdctl(t, s, "put", "/app/log/level", "info")
	shared := filepath.Join(t.TempDir(), "shared")
	start := trafficOf(t, s)
	var all []*container
	for range n {
		c := newContainer(t, `
secret_dirs =
quiet = 50ms
[supervisord]
logfile = DIR/activity.log
[etcd]
endpoints = `+s.Endpoint+`
prefix = /app/
slots = `+fmt.Sprint(slots)+`
slots_wait = 1h
splay = 2s
rollout = 1, 10%, 100%
rollout_hold = 1s
[template:DIR/out.conf]
source = DIR/out.tmpl
check = sh -c "echo begins $(cat {file}) >>`+shared+`; if grep -q wrong {file}; then echo ends >>`+shared+`; exit 1; fi; echo ends >>`+shared+`"
notify = web
[program:web]
command = /bin/sleep 100000
startsecs = 0
reload = command /bin/true
`)
		c.write("out.tmpl", "level {{ kv \"log/level\" }}\n")
		c.start("slipway", "run", "-c", "app.conf")
		all = append(all, c)
	}
	for _, c := range all {
		c.healthy()
		c.prints("in contact", "status", "--sources")
	}
	ready := trafficOf(t, s)
	t.Logf("%d containers have started: %s", n, ready.since(start, n))

	before := len(strings.Split(mustRead(t, shared), "\n")) - 1
	began := time.Now()
	etcdctl(t, s, "put", "/app/log/level", "debug")
	took := make([]time.Duration, 0, n)
	for _, c := range all {
		c.has("out.conf", "level debug")
		info, err := os.Stat(filepath.Join(c.dir, "out.conf"))
		if err != nil {
			t.Fatal(err)
		}
		took = append(took, info.ModTime().Sub(began))
	}
	slices.Sort(took)
	after := trafficOf(t, s)
	t.Logf("a change has reached half of them after %v, 99%% after %v, all after %v; %s",
		took[n/2].Round(10*time.Millisecond), took[n*99/100].Round(10*time.Millisecond), took[n-1].Round(10*time.Millisecond), after.since(ready, n))
	acting, most, tried := 0, 0, 0
	for _, line := range strings.Split(mustRead(t, shared), "\n")[before:] {
		switch {
		case strings.HasPrefix(line, "begins"):
			acting++
			tried++
			most = max(most, acting)
		case line == "ends":
			acting--
		}
	}
	t.Logf("at most %d act at one time", most)
	if most > slots || tried != n {
		t.Errorf("%d have acted, at most %d at one time; want %d, and at most %d", tried, most, n, slots)
	}

	etcdctl(t, s, "put", "/app/log/level", "wrong")
	refused := make([]*container, 0, n)
	for _, c := range all {
		testkit.Eventually(t, testkit.Patience, "the change is refused", func() error {
			status, out := c.ask("status", "--sources")
			if status != 1 && !strings.Contains(out, "is refused for the fleet") {
				return errors.New(out)
			}
			if strings.Contains(out, "is refused for the fleet") {
				refused = append(refused, c)
			}
			return nil
		})
	}
	if tries := strings.Count(mustRead(t, shared), "begins level wrong"); tries != 1 || len(refused) != n-1 {
		t.Errorf("%d containers have tried the bad change and %d were spared it, want one and %d", tries, len(refused), n-1)
	}
	for _, c := range all {
		c.down()
	}
}
