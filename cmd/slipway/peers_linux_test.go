package main

import (
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"slipway/internal/test/etcdtest"
	"slipway/internal/test/testkit"
)

// A peer whose addresses in DNS change is a change: files and exported variables follow, the
// program is told, another order is none. The server is dnsmasq, on the loopback of a network
// namespace whose only resolver it is.
func TestPeersFollowDNS(t *testing.T) {
	testkit.Need(t, testkit.Root, "dnsmasq", "unshare", "ip")
	c := newContainer(t, `
quiet = 50ms
secret_dirs =
[supervisord]
logfile = DIR/activity.log
[link:db]
host = db.test.
port = 5432
resolve = yes
export = yes
[link:queue]
host = queue.test.
port = 5672
[template:DIR/out.conf]
source = DIR/out.tmpl
notify = web
[program:web]
command = /bin/sh -c "trap 'echo told >>DIR/told' HUP; echo $DB_PORT_5432_TCP_ADDR >>DIR/started; while :; do sleep 0.02; done"
startsecs = 0
reload = signal HUP
restart_on = DB_PORT_5432_TCP_ADDR
`)
	c.write("out.tmpl", "first {{ (link \"db\" 5432).Addr }}\n{{ range links \"db\" 5432 }}server {{ .Addr }}\n{{ end }}queue {{ (link \"queue\" 5672).Addr }}\n")
	hosts := func(addresses ...string) {
		var lines strings.Builder
		for _, a := range addresses {
			lines.WriteString(a + " db.test\n")
		}
		c.write("hosts", lines.String()+"10.9.9.9 queue.test\n")
	}
	hosts("10.0.0.10", "10.0.0.9")
	c.write("resolv.conf", "nameserver 127.0.0.1\n")
	c.prepare("slipway", "run", "-c", "app.conf")
	script := `mount --make-rprivate / && mount --bind ` + c.dir + `/resolv.conf /etc/resolv.conf && ip link set lo up &&
dnsmasq --conf-file=/dev/null --no-resolv --no-hosts --user=root --listen-address=127.0.0.1 --bind-interfaces --local-ttl=1 \
	--addn-hosts=` + c.dir + `/hosts --pid-file=` + c.dir + `/dnsmasq.pid && exec "$@"`
	c.cmd.Args = append([]string{"unshare", "-mn", "/bin/sh", "-c", script, "sh", c.bins.Slipway}, c.cmd.Args[1:]...)
	var err error
	if c.cmd.Path, err = exec.LookPath("unshare"); err != nil {
		t.Fatal(err)
	}
	c.launch()
	t.Cleanup(func() { c.signalDNS(syscall.SIGTERM) })
	c.healthy()
	c.has("out.conf", "first 10.0.0.9:5432\nserver 10.0.0.9:5432\nserver 10.0.0.10:5432\nqueue queue.test.:5672\n")
	c.has("started", "10.0.0.9\n")

	hosts("10.0.0.9", "10.0.0.11", "10.0.0.10")
	c.signalDNS(syscall.SIGHUP)
	c.has("out.conf", "first 10.0.0.9:5432\nserver 10.0.0.9:5432\nserver 10.0.0.10:5432\nserver 10.0.0.11:5432\n")
	c.has("told", "told\n") // the watcher follows from here on, if it did not before

	hosts("10.0.0.7")
	c.signalDNS(syscall.SIGHUP)
	c.has("out.conf", "first 10.0.0.7:5432\nserver 10.0.0.7:5432\nqueue")
	c.has("started", "10.0.0.9\n10.0.0.7\n")
	c.has("activity.log", "watch: db.test. has other addresses")

	c.signalDNS(syscall.SIGTERM)
	c.has("activity.log", "watch: cannot look up db.test., what was found stays in force: ")
	if got := c.read("out.conf"); !strings.HasPrefix(got, "first 10.0.0.7:5432\n") {
		t.Errorf("the file is %q without a name server", got)
	}
	c.down()
}

// signalDNS sends dnsmasq a signal.
func (c *container) signalDNS(sig syscall.Signal) {
	if pid, err := strconv.Atoi(strings.TrimSpace(c.read("dnsmasq.pid"))); err == nil {
		_ = syscall.Kill(pid, sig) // it may be gone
	}
}

// Link families among the keys of etcd, and keys links/NAME, are followed as variables are.
func TestPeersFollowEtcd(t *testing.T) {
	s := etcdtest.Start(t, etcdtest.Options{Version: "debian"})
	put := func(key, value string) { etcdctl(t, s, "put", key, value) }
	put("/app/env/SEARCH_PORT_9200_TCP_ADDR", "10.0.0.1")
	put("/app/env/SEARCH_PORT_9200_TCP_PORT", "9200")
	put("/app/links/db", "10.0.1.1:5432")
	c := followed(t, s.Endpoint, "[link:db]\nport = 5432\nexport = yes\n")
	c.write("out.tmpl", "search {{ (link \"search\" 9200).Addr }}\ndb {{ (link \"db\" 5432).Addr }}\n")
	c.up()
	c.has("out.conf", "search 10.0.0.1:9200\ndb 10.0.1.1:5432\n")
	put("/app/env/SEARCH_PORT_9200_TCP_ADDR", "10.0.0.2")
	c.has("out.conf", "search 10.0.0.2:9200\n")
	c.has("told", "told\n")
	put("/app/links/db", "10.0.1.2:5433")
	c.has("out.conf", "db 10.0.1.2:5433\n")
	c.prints("DB_PORT_5432_TCP_ADDR = 10.0.1.2\n", "env", "--explain", "DB_PORT_5432_TCP_ADDR")
	put("/app/env/SEARCH_PORT_9200_TCP_PORT", "9201")
	c.has("out.conf", "search 10.0.0.2:9201\n")
	etcdctl(t, s, "del", "/app/env/SEARCH_PORT_9200_TCP_ADDR")
	c.prints(`cannot find peer "search"`, "status", "--sources")
	if got := c.read("out.conf"); !strings.HasPrefix(got, "search 10.0.0.2:9201\n") {
		t.Errorf("the file is %q although the peer is gone", got)
	}
	put("/app/env/SEARCH_PORT_9200_TCP_ADDR", "10.0.0.3")
	c.has("out.conf", "search 10.0.0.3:9201\n")
	c.down()
}

// The peer of the docs is rendered with each of its addresses.
func TestPeersDocumented(t *testing.T) {
	c := newContainer(t, fenced(t, "etcd.md", "ini test=TestPeersDocumented")+"[template:DIR/out.conf]\nsource = DIR/out.tmpl\n")
	c.write("out.tmpl", fenced(t, "etcd.md", "text test=TestPeersDocumented"))
	c.write("app.conf", strings.Replace(c.read("app.conf"), "db.internal", "localhost", 1))
	if status, out := c.local("render -c app.conf"); status != 0 {
		t.Fatalf("render = %d, %s", status, out)
	}
	if got := c.read("out.conf"); !strings.Contains(got, "server 127.0.0.1:5432;\n") && !strings.Contains(got, "server [::1]:5432;\n") {
		t.Errorf("rendered %q", got)
	}
}
