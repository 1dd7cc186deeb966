package main

import (
	"fmt"
	"net"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"slipway/internal/test/testkit"
)

// listen accepts connections on a port of the loopback address until the test ends.
func listen(t *testing.T, port int) {
	t.Helper()
	l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() { // ends with the listener
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			conn.Close()
		}
	}()
}

// A peer that comes late is waited for, is found by its name in DNS, and reaches
// templates, and programs under the names of docker run --link.
func TestLinkComesLate(t *testing.T) {
	port := testkit.FreePort(t)
	c := newContainer(t, fmt.Sprintf(`
[link:search-index]
port = %d
host = localhost
required = true
wait = 60s
export = true
[template:DIR/out/app.conf]
source = DIR/app.tmpl
parents = true
[program:web]
command = /bin/sh -c "env | grep ^SEARCH | sort; exec sleep 1000"
startsecs = 0
stdout_logfile = DIR/web.log
`, port))
	c.write("app.tmpl", fmt.Sprintf("{{ (link \"search-index\" %d).URL }} {{ range links \"search-index\" %[1]d }}{{ .Addr }}{{ end }}\n", port))
	c.startWaiting("waiting up to 1m0s for search-index: localhost:", "run", "-c", "app.conf")
	listen(t, port)
	c.healthy()
	if got, want := c.rendered("app.conf"), fmt.Sprintf("tcp://localhost:%d localhost:%[1]d\n", port); got != want {
		t.Errorf("file is %q, want %q", got, want)
	}
	want := fmt.Sprintf(`SEARCH_INDEX_NAME=/HOST/search-index
SEARCH_INDEX_PORT=tcp://localhost:%[1]d
SEARCH_INDEX_PORT_%[1]d_TCP=tcp://localhost:%[1]d
SEARCH_INDEX_PORT_%[1]d_TCP_ADDR=localhost
SEARCH_INDEX_PORT_%[1]d_TCP_PORT=%[1]d
SEARCH_INDEX_PORT_%[1]d_TCP_PROTO=tcp
`, port)
	testkit.Eventually(t, testkit.Patience, "the program prints its variables", func() error {
		got := mustRead(t, filepath.Join(c.dir, "web.log"))
		lines := strings.SplitN(got, "\n", 2)
		if name := strings.Split(lines[0], "/"); len(name) == 3 {
			got = strings.Replace(got, "/"+name[1]+"/", "/HOST/", 1)
		}
		if got != want {
			return fmt.Errorf("variables are\n%swant\n%s", got, want)
		}
		return nil
	})
	if status, out := c.ask("links"); status != 0 || !strings.Contains(out, "DNS") || !strings.Contains(out, "search-index") {
		t.Errorf("slipway links = %d, %s", status, out)
	}
	if status, out := c.ask("env", "--explain", fmt.Sprintf("SEARCH_INDEX_PORT_%d_TCP_ADDR", port)); status != 0 || !strings.Contains(out, "from app.conf:") || !strings.Contains(out, `of link "search-index"`) {
		t.Errorf("env --explain = %d, %s", status, out)
	}
}

func TestLinks(t *testing.T) {
	port := testkit.FreePort(t)
	open := testkit.FreePort(t)
	listen(t, open)
	for _, row := range []struct {
		name   string
		link   string // lines of [link:store]
		env    []string
		status int
		want   []string
	}{
		{
			"not found", "port = 6379\nhost = nosuch.invalid\nrequired = true", nil, 65,
			[]string{`slipway: error: cannot find peer "store", which app.conf:6:1 declares: no variable STORE_URL, STORE_ADDR or STORE_HOST; `, "no key links/store", "DNS: ", "nosuch.invalid"},
		},
		{
			"a near alias", "port = 6379\nhost = nosuch.invalid\nrequired = true", []string{"STORES_PORT_6379_TCP=tcp://10.0.0.7:6379", "STORES_NAME=/me/stores"}, 65,
			[]string{"slipway: hint: did you mean", "stores"},
		},
		{
			"alias known, port not exposed", "port = 6380\nhost = nosuch.invalid\nrequired = true", []string{"STORE_PORT_6379_TCP=tcp://10.0.0.7:6379", "STORE_NAME=/me/store"}, 65,
			[]string{"alias known, port not exposed"},
		},
		{
			"no port", "required = true", nil, 65,
			[]string{"slipway: hint: declare the port, so that the DNS name can be used"},
		},
		{
			"no answer", fmt.Sprintf("port = %d\nhost = 127.0.0.1\nrequired = true\nwait = 300ms", port), nil, 75,
			[]string{`slipway: error: cannot reach peer "store" within 300ms: 127.0.0.1:`, "connection refused"},
		},
		{
			"no answer, not required", fmt.Sprintf("port = %d\nhost = 127.0.0.1\nwait = 300ms", port), nil, 0,
			[]string{"it did not answer within 300ms"},
		},
		{"not known, not required", "port = 6379\nhost = nosuch.invalid", nil, 0, nil},
		{
			"a stale address gives way to the one that answers", fmt.Sprintf("port = %d\nhost = 127.0.0.1\nrequired = true\nwait = 10s", open),
			[]string{fmt.Sprintf("STORE_URL=redis://127.0.0.1:%d", port)}, 0,
			[]string{fmt.Sprintf("taken because 127.0.0.1:%d (variable STORE_URL) does not answer", port)},
		},
	} {
		t.Run(row.name, func(t *testing.T) {
			c := newContainer(t, "secret_dirs =\n[link:store]\n"+row.link+"\n")
			c.prepare("slipway", "links", "-c", "app.conf")
			c.cmd.Env = append(c.cmd.Env, row.env...)
			c.launch()
			status, out := c.wait()
			if status != row.status {
				t.Errorf("slipway links = %d, want %d\n%s", status, row.status, out)
			}
			for _, want := range row.want {
				if !strings.Contains(out, want) {
					t.Errorf("no %q in\n%s", want, out)
				}
			}
		})
	}
}

// What is exported was asked for, so clean_links leaves it; what Docker and Kubernetes
// set it takes away, from programs, but not from templates.
func TestCleanLinksLeavesExports(t *testing.T) {
	c := newContainer(t, `clean_links = true
[link:store]
port = 6379
host = localhost
export = true
[template:DIR/out/app.conf]
source = DIR/app.tmpl
parents = true
`)
	c.write("app.tmpl", "{{ (link \"search\" 9200).Addr }}\n")
	c.prepare("slipway", "exec", "-c", "app.conf", "--", "sh", "-c", "echo $STORE_PORT_6379_TCP_ADDR,$SEARCH_PORT_9200_TCP_ADDR,$QUEUE_SERVICE_HOST,$REDIS_PORT")
	c.cmd.Env = append(c.cmd.Env, "SEARCH_NAME=/me/search", "SEARCH_PORT=tcp://10.0.0.7:9200", "SEARCH_PORT_9200_TCP=tcp://10.0.0.7:9200",
		"SEARCH_PORT_9200_TCP_ADDR=10.0.0.7", "SEARCH_PORT_9200_TCP_PORT=9200", "SEARCH_PORT_9200_TCP_PROTO=tcp",
		"QUEUE_SERVICE_HOST=10.0.0.9", "QUEUE_SERVICE_PORT=5672", "QUEUE_PORT=tcp://10.0.0.9:5672", "QUEUE_PORT_5672_TCP=tcp://10.0.0.9:5672",
		"QUEUE_PORT_5672_TCP_ADDR=10.0.0.9", "QUEUE_PORT_5672_TCP_PORT=5672", "QUEUE_PORT_5672_TCP_PROTO=tcp", "REDIS_PORT=6379")
	c.launch()
	if status, out := c.wait(); status != 0 || !strings.Contains(out, "localhost,,,6379\n") {
		t.Errorf("exec = %d, want localhost,,,6379\n%s", status, out)
	}
	if got := c.rendered("app.conf"); got != "10.0.0.7:9200\n" {
		t.Errorf("file is %q", got)
	}
}

// A signal ends the wait for a peer at once.
func TestSignalDuringAWait(t *testing.T) {
	c := newContainer(t, fmt.Sprintf("[link:store]\nport = %d\nhost = 127.0.0.1\nrequired = true\nwait = 60s\n", testkit.FreePort(t)))
	c.startWaiting("waiting up to 1m0s for store: 127.0.0.1:", "run", "-c", "app.conf")
	began := time.Now()
	if err := c.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if status, out := c.wait(); status != 143 || time.Since(began) > 40*time.Second {
		t.Errorf("status %d after %v, want 143 before the wait of a minute is over\n%s", status, time.Since(began), out)
	}
}
