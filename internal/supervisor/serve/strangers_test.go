package serve_test

import (
	"net/http"
	"os"
	"strings"
	"testing"

	"slipway/internal/supervisor/serve/servetest"
	"slipway/internal/supervisor/serve/xmlrpc"
	"slipway/supervise/control"
)

// What a page of a stranger can make a browser send stops nothing; what programs and the
// server's own pages send goes on working.
func TestForeignPages(t *testing.T) {
	m := servetest.Programs(t.TempDir())
	m.Servers = []control.ServerInfo{
		{Section: "unix_http_server", Unix: true},
		{Section: "inet_http_server", Hosts: []string{"admin.example.com"}},
	}
	f := servetest.Start(t, m, 0)
	own, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	call := string(xmlrpc.Call("supervisor.getPID"))
	for _, row := range []struct {
		name, host string // "": the address
		header     []string
		refused    bool
	}{
		{name: "a program"},
		{name: "text/plain of a foreign page", header: []string{"Content-Type", "text/plain", "Origin", "http://evil.example"}, refused: true},
		{name: "a page without an origin", header: []string{"Origin", "null"}, refused: true},
		{name: "an origin of another port", header: []string{"Origin", "http://127.0.0.1:1"}, refused: true},
		{name: "an origin that is none", header: []string{"Origin", "file://" + f.TCP}, refused: true},
		{name: "an origin of two", header: []string{"Origin", "http://" + f.TCP + " http://evil.example"}, refused: true},
		{name: "own page", header: []string{"Origin", "http://" + f.TCP, "Sec-Fetch-Site", "same-origin"}},
		{name: "typed by a person", header: []string{"Sec-Fetch-Site", "none"}},
		{name: "another site", header: []string{"Sec-Fetch-Site", "cross-site"}, refused: true},
		{name: "another port of this host", header: []string{"Sec-Fetch-Site", "same-site"}, refused: true},
		{name: "a name that a stranger owns", host: "evil.example:9001", refused: true},
		{name: "and its page", host: "evil.example", header: []string{"Origin", "http://evil.example"}, refused: true},
		{name: "a name that looks like an address", host: "127.0.0.1.evil.example", refused: true},
		{name: "a name that ends like ours", host: "localhost.evil.example", refused: true},
		{name: "localhost", host: "localhost:9001"},
		{name: "localhost with a dot", host: "localhost.:9001"},
		{name: "own name", host: own},
		{name: "a service of compose", host: "webapp:9001"},
		{name: "a service of Kubernetes", host: "webapp.default.svc.cluster.local:9001"},
		{name: "IPv6", host: "[::1]:9001"},
		{name: "a name that is listed", host: "Admin.Example.com"},
		{name: "its page behind a proxy", header: []string{"Origin", "https://admin.example.com"}},
		{name: "its page through a proxy", host: "admin.example.com", header: []string{"Origin", "https://admin.example.com:443"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			for _, path := range []string{"/RPC2", "/"} {
				req, err := http.NewRequest("POST", "http://"+f.TCP+path, strings.NewReader(call))
				if err != nil {
					t.Fatal(err)
				}
				req.Host = row.host
				for i := 0; i < len(row.header); i += 2 {
					req.Header.Add(row.header[i], row.header[i+1])
				}
				resp, err := http.DefaultClient.Do(req)
				if err != nil {
					t.Fatal(err)
				}
				resp.Body.Close()
				// The page refuses what lacks its token as well.
				if got := resp.StatusCode == http.StatusForbidden; path == "/RPC2" && got != row.refused || row.refused && !got {
					t.Errorf("POST %s = %d, want refused: %v", path, resp.StatusCode, row.refused)
				}
			}
		})
	}
}

// Whatever is answered, a browser makes nothing else of it.
func TestGuardedAnswers(t *testing.T) {
	f := start(t)
	for _, row := range [][2]string{
		{"GET", "/"}, {"GET", "/ok.html"}, {"GET", "/nosuch"}, {"GET", "/stylesheets/supervisor.css"}, {"GET", "/tail.html?processname=web"},
		{"GET", "/logtail/nosuch"}, {"GET", "/metrics"}, {"POST", "/metrics"}, {"POST", "/RPC2"}, {"POST", "/"},
	} {
		resp, _ := do(t, f, row[0], row[1], "x")
		for name, want := range map[string]string{
			"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Cache-Control": "no-store",
			"Content-Security-Policy": "default-src 'none'", "Cross-Origin-Resource-Policy": "same-origin",
		} {
			if got := resp.Header.Get(name); !strings.HasPrefix(got, want) {
				t.Errorf("%s %s: %s: %q, want %q", row[0], row[1], name, got, want)
			}
		}
		if csp := resp.Header.Get("Content-Security-Policy"); strings.Contains(csp, "unsafe") || strings.Contains(csp, "script") || !strings.Contains(csp, "frame-ancestors 'none'") {
			t.Errorf("%s %s: Content-Security-Policy %q", row[0], row[1], csp)
		}
	}
}
