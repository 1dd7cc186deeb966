package serve_test

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"slipway/internal/supervisor/serve"
	"slipway/internal/supervisor/serve/servetest"
	"slipway/internal/supervisor/serve/xmlrpc"
	"slipway/internal/test/testkit"
	"slipway/supervise/control"
	"slipway/supervise/control/controltest"
)

var update = flag.Bool("update", false, "write the golden files")

func start(t *testing.T) *servetest.Front {
	t.Helper()
	return servetest.Start(t, servetest.Programs(t.TempDir()), 0)
}

// get returns status and body of a request to the TCP server.
func do(t *testing.T, f *servetest.Front, method, path, body string, header ...string) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequest(method, "http://"+f.TCP+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }, Timeout: time.Minute}
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, string(text)
}

func TestTransport(t *testing.T) {
	f := start(t)
	pid := string(xmlrpc.Call("supervisor.getPID"))
	rows := []struct {
		name, method, path, body string
		status                   int
		want                     string
	}{
		{"call", "POST", "/RPC2", pid, 200, "<value><int>4711</int></value>"},
		{"prefix", "POST", "/RPC2/anything", pid, 200, "<int>4711</int>"},
		{"GET", "GET", "/RPC2", "", 400, "Error code 400"},
		{"no xml", "POST", "/RPC2", "x", 400, "Error code 400"},
		{"no method", "POST", "/RPC2", "<methodCall/>", 400, ""},
		{"nil argument", "POST", "/RPC2",
			"<methodCall><methodName>supervisor.startProcess</methodName><params><param><value><nil/></value></param></params></methodCall>",
			200, "<value><string>INCORRECT_PARAMETERS</string></value>"},
		{"body too large", "POST", "/RPC2", strings.Repeat("x", 1<<20+1), 413, ""},
		{"unknown page", "GET", "/nosuch", "", 404, "Message: Not Found."},
		{"ok", "GET", "/ok.html", "", 200, "OK"},
		{"logtail of nobody", "GET", "/logtail/nosuch", "", 404, ""},
		{"logtail by POST", "POST", "/logtail/web", "", 400, ""},
		{"logtail of a group", "GET", "/logtail/g:*", "", 404, ""},
		{"logtail of a bad channel", "GET", "/logtail/web/stdin", "", 404, ""},
		{"logtail without a log", "GET", "/logtail/nofile", "", 404, ""},
		{"traversal", "GET", "/stylesheets/../../etc/passwd", "", 404, ""},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			resp, body := do(t, f, row.method, row.path, row.body)
			if resp.StatusCode != row.status || !strings.Contains(body, row.want) {
				t.Errorf("%d %q, want %d and %q", resp.StatusCode, body, row.status, row.want)
			}
			if got := resp.Header.Get("Server"); got != "Medusa/1.12" {
				t.Errorf("Server: %q", got)
			}
		})
	}
	t.Run("no length", func(t *testing.T) {
		conn, err := net.Dial("tcp", f.TCP)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		fmt.Fprint(conn, "POST /RPC2 HTTP/1.1\r\nHost:\r\n\r\n")
		line, _ := bufio.NewReader(conn).ReadString('\n')
		if !strings.Contains(line, "411") {
			t.Errorf("status line %q, want 411", line)
		}
	})
	t.Run("HTTP 1.0 closes, 1.1 keeps", func(t *testing.T) {
		conn, err := net.Dial("unix", f.Unix)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		fmt.Fprintf(conn, "GET /ok.html HTTP/1.1\r\nHost:\r\n\r\nGET /ok.html HTTP/1.0\r\n\r\n")
		all, err := io.ReadAll(conn)
		if err != nil || strings.Count(string(all), "200 OK") != 2 {
			t.Errorf("%v %q", err, all)
		}
	})
}

// testdata/calls.py calls every method with good and bad arguments and prints one line
// per call; its golden answers were observed with supervisord 4.2.5 where the
// original answers at all.
func TestEveryMethodFromPython(t *testing.T) {
	testkit.Need(t, testkit.Python)
	f := start(t)
	cmd := exec.Command("/usr/bin/python3", "testdata/calls.py", "http://"+f.TCP+"/RPC2")
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	golden := filepath.Join("testdata", "calls.golden")
	got := regexp.MustCompile(`/[^ ']*/([^/ ']*\.(log|err))`).ReplaceAllString(string(out), "DIR/$1")
	got = regexp.MustCompile(`'[A-Z][a-z]{2} \d\d \d\d:\d\d [AP]M'`).ReplaceAllString(got, "'STOP TIME'") // in local time
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	gl, wl := strings.Split(got, "\n"), strings.Split(string(want), "\n")
	for i := range min(len(gl), len(wl)) {
		if gl[i] != wl[i] {
			t.Errorf("line %d:\n got %s\nwant %s", i+1, gl[i], wl[i])
		}
	}
	if len(gl) != len(wl) {
		t.Errorf("%d lines, want %d", len(gl), len(wl))
	}
	if sent := f.Model.Stdin("web"); sent != "hellö\n" {
		t.Errorf("stdin of web got %q", sent)
	}
}

func TestDeferredCallHoldsTheResponse(t *testing.T) {
	m := servetest.Programs(t.TempDir())
	slow := &controltest.Process{StartHeld: make(chan struct{})}
	slow.Name, slow.Group = "slow", "slow"
	m.Processes = append(m.Processes, slow)
	f := servetest.Start(t, m, 0)
	answered := make(chan string, 1)
	go func() { // ends with the answer, which is received below
		_, body := do(t, f, "POST", "/RPC2", string(xmlrpc.Call("supervisor.startProcess", "slow")))
		answered <- body
	}()
	if _, body := do(t, f, "POST", "/RPC2", string(xmlrpc.Call("supervisor.getPID"))); !strings.Contains(body, "4711") {
		t.Errorf("while a call is deferred another answers %q", body)
	}
	select {
	case body := <-answered:
		t.Errorf("the deferred call answers %q before the start is done", body)
	default:
	}
	close(slow.StartHeld)
	if body := <-answered; !strings.Contains(body, "<boolean>1</boolean>") {
		t.Errorf("the deferred call answers %q", body)
	}
}

func TestShutdownState(t *testing.T) {
	m := servetest.Programs(t.TempDir())
	m.Mood = control.MoodShutdown
	f := servetest.Start(t, m, 0)
	for _, name := range []string{"getState", "getVersion", "getAllProcessInfo", "startAllProcesses", "getSupervisorVersion", "shutdown"} {
		_, body := do(t, f, "POST", "/RPC2", string(xmlrpc.Call("supervisor."+name)))
		if !strings.Contains(body, "SHUTDOWN_STATE") {
			t.Errorf("%s answers %s", name, body)
		}
	}
	if _, body := do(t, f, "POST", "/RPC2", string(xmlrpc.Call("supervisor.sendRemoteCommEvent", "a", "b"))); strings.Contains(body, "fault") {
		t.Errorf("sendRemoteCommEvent answers %s", body)
	}
	if resp, body := do(t, f, "GET", "/", ""); resp.StatusCode != 200 || !strings.Contains(body, "web") {
		t.Errorf("the status page answers %d", resp.StatusCode)
	}
}

func TestWithoutRPCInterface(t *testing.T) {
	m := servetest.Programs(t.TempDir())
	m.Servers = []control.ServerInfo{{Section: "unix_http_server", NoRPC: true}, {Section: "inet_http_server", NoRPC: true}}
	f := servetest.Start(t, m, 0)
	if _, body := do(t, f, "POST", "/RPC2", string(xmlrpc.Call("supervisor.getPID"))); !strings.Contains(body, "UNKNOWN_METHOD") {
		t.Errorf("getPID answers %s", body)
	}
	if _, body := do(t, f, "POST", "/RPC2", string(xmlrpc.Call("system.listMethods"))); strings.Contains(body, "supervisor.") {
		t.Errorf("listMethods answers %s", body)
	}
}

func TestAuthentication(t *testing.T) {
	m := servetest.Programs(t.TempDir())
	m.Servers = []control.ServerInfo{
		{Section: "unix_http_server"},
		{Section: "inet_http_server", Username: "user", Password: "{SHA}5BAA61E4C9B93F3F0682250B6CF8331B7EE68FD8"},
	}
	f := servetest.StartWith(t, m, serve.Config{GuessPause: time.Millisecond})
	// The digest is of "password".
	rows := []struct {
		name, header string
		status       int
	}{
		{"none", "", 401},
		{"right", "Basic dXNlcjpwYXNzd29yZA==", 200},
		{"scheme in capitals", "BASIC dXNlcjpwYXNzd29yZA==", 200},
		{"wrong password", "Basic dXNlcjpwYXNzd29yeA==", 401},
		{"wrong user", "Basic dXNlcnM6cGFzc3dvcmQ=", 401},
		{"no colon", "Basic dXNlcg==", 401},
		{"bad base64", "Basic dXN", 400},
		{"other scheme", "Digest x", 401},
		{"empty", "Basic ", 401},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			for _, path := range []string{"/ok.html", "/", "/logtail/nosuch", "/stylesheets/supervisor.css", "/metrics", "/nosuch"} {
				var h []string
				if row.header != "" {
					h = []string{"Authorization", row.header}
				}
				resp, _ := do(t, f, "GET", path, "", h...)
				ok := resp.StatusCode == row.status || row.status == 200 && resp.StatusCode == 404
				if !ok || row.status == 401 && resp.Header.Get("WWW-Authenticate") != `Basic realm="default"` {
					t.Errorf("%s: %d, want %d", path, resp.StatusCode, row.status)
				}
			}
		})
	}
	got := f.Model.Logged()
	if len(got) != 1 || !strings.Contains(got[0], "inet_http_server") || !strings.Contains(got[0], "127.0.0.1") || strings.Contains(got[0], "passworx") {
		t.Errorf("log lines %q, want one that names server and peer", got)
	}
	t.Run("other server is open", func(t *testing.T) {
		conn, err := net.Dial("unix", f.Unix)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		fmt.Fprint(conn, "GET /ok.html HTTP/1.0\r\n\r\n")
		if all, _ := io.ReadAll(conn); !strings.HasSuffix(string(all), "OK") {
			t.Errorf("answer %q", all)
		}
	})
}

// tail reads what a log tail sends, in the background.
type tail struct {
	lines chan string
	resp  *http.Response
}

func follow(t *testing.T, f *servetest.Front, path string) *tail {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	req, err := http.NewRequestWithContext(ctx, "GET", "http://"+f.TCP+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	tl := &tail{lines: make(chan string, 1000), resp: resp}
	go func() { // ends with the context
		defer resp.Body.Close()
		sc := bufio.NewScanner(resp.Body)
		for sc.Scan() {
			tl.lines <- sc.Text()
		}
	}()
	return tl
}

func (tl *tail) expect(t *testing.T, want ...string) {
	t.Helper()
	for _, w := range want {
		select {
		case got := <-tl.lines:
			if got != w {
				t.Errorf("line %q, want %q", got, w)
			}
		case <-time.After(time.Minute):
			t.Fatalf("no line within a minute, want %q", w)
		}
	}
}

func TestLogTail(t *testing.T) {
	f := start(t)
	path := filepath.Join(filepath.Dir(f.Model.Logfile), "web-web.log")
	add := func(s string) {
		t.Helper()
		file, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600)
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		if _, err := file.WriteString(s); err != nil {
			t.Fatal(err)
		}
	}
	tl := follow(t, f, "/logtail/web%3Aweb/stdout")
	h := tl.resp.Header
	if len(tl.resp.TransferEncoding) != 1 || tl.resp.TransferEncoding[0] != "chunked" || h.Get("Content-Type") != "text/plain;charset=utf-8" ||
		h.Get("X-Accel-Buffering") != "no" || h.Get("Last-Modified") == "" {
		t.Errorf("headers %v, encoding %v", h, tl.resp.TransferEncoding)
	}
	tl.expect(t, "out of web", "second line")
	add("third\n")
	tl.expect(t, "third")
	// A rotation loses nothing that was written before it.
	add("last of the old file\n")
	if err := os.Rename(path, path+".1"); err != nil {
		t.Fatal(err)
	}
	add("first of the new file\n")
	tl.expect(t, "last of the old file", "first of the new file")
	if err := os.Truncate(path, 0); err != nil {
		t.Fatal(err)
	}
	tl.expect(t, "==> File truncated <==")
	add("after\n")
	tl.expect(t, "after")
	// A long log begins a kilobyte before its end, with a whole character.
	if err := os.WriteFile(path, []byte(strings.Repeat("ü", 3000)+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	long := follow(t, f, "/logtail/web")
	long.expect(t, strings.Repeat("ü", 511))
	main := follow(t, f, "/mainlogtail")
	main.expect(t, "2026-01-01 00:00:00,000 INFO supervisord started with pid 4711")
}

// The log of a program on /dev/stdout is what PID 1 has in memory of it.
func TestLogWithoutFile(t *testing.T) {
	m := servetest.Programs(t.TempDir())
	dev := &controltest.Process{Recent: "recent ü\n", More: "more\n"}
	dev.Name, dev.Group, dev.StdoutLog = "dev", "dev", "/dev/null"
	m.Processes = append(m.Processes, dev)
	f := servetest.Start(t, m, 0)
	if resp, body := do(t, f, "GET", "/logtail/dev", ""); resp.StatusCode != 200 || body != "recent ü\nmore\n" {
		t.Errorf("logtail: %d %q", resp.StatusCode, body)
	}
	for call, want := range map[string]string{
		string(xmlrpc.Call("supervisor.readProcessLog", "dev", 0, 0)):   "<string>recent ü\n</string>",
		string(xmlrpc.Call("supervisor.readProcessLog", "dev", -3, 0)):  "<string>ü\n</string>",
		string(xmlrpc.Call("supervisor.tailProcessLog", "dev", 0, 100)): "<int>10</int>",
	} {
		if _, body := do(t, f, "POST", "/RPC2", call); !strings.Contains(body, want) {
			t.Errorf("%s\nanswers %s", call, body)
		}
	}
}

func TestStatusPage(t *testing.T) {
	f := start(t)
	jar, _ := cookiejar.New(nil)
	browser := http.Client{Jar: jar, Timeout: time.Minute}
	read := func(resp *http.Response, err error) string {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		text, _ := io.ReadAll(resp.Body)
		return string(text)
	}
	base := "http://" + f.TCP
	page := read(browser.Get(base + "/"))
	m := regexp.MustCompile(`name="token" value="([0-9a-f]{32})"`).FindStringSubmatch(page)
	if m == nil || !strings.Contains(page, `<span class="statusrunning">running</span>`) || strings.Contains(page, "<script") {
		t.Fatalf("page without token, state, or with a script:\n%s", page)
	}
	post := func(action, name, token string) string {
		return read(browser.PostForm(base+"/index.html", url.Values{"action": {action}, "processname": {name}, "token": {token}}))
	}
	rows := []struct{ action, name, want string }{
		{"stop", "web", "Process web stopped"},
		{"start", "web", "Process web started"},
		{"restart", "web", "Process web restarted"},
		{"start", "web", "ERROR: Process web: already started"},
		{"start", "bad", "ERROR: Process bad: spawn error"},
		{"start", "nofile", "ERROR: Process nofile: no such file"},
		{"stop", "g:b", "unexpected rpc fault [70] NOT_RUNNING: g:b"},
		{"start", "zz", "No such process named zz"},
		{"clearlog", "web", "Log for web cleared"},
		{"stopall", "", "All stopped at "},
		{"restartall", "", "All restarted at "},
		{"refresh", "", "Page refreshed at "},
	}
	for _, row := range rows {
		if got := post(row.action, row.name, m[1]); !strings.Contains(got, `role="status">`+row.want) {
			t.Errorf("%s %s: no %q in the page", row.action, row.name, row.want)
		}
	}
	asked := f.Model.Asked(control.OpAllStop)
	if got := post("stopall", "", strings.Repeat("0", 32)); !strings.Contains(got, "token") {
		t.Errorf("a wrong token answers %q", got)
	}
	if resp, body := do(t, f, "GET", "/index.html?action=stopall", ""); resp.StatusCode != 405 || !strings.Contains(body, "needs a POST") {
		t.Errorf("GET action: %d", resp.StatusCode)
	}
	if resp, _ := do(t, f, "POST", "/", "action=stopall&token=x", "Content-Type", "application/x-www-form-urlencoded"); resp.StatusCode != 403 {
		t.Errorf("POST without cookie: %d, want 403", resp.StatusCode)
	}
	foreign, _ := http.NewRequest("POST", base+"/", strings.NewReader(url.Values{"action": {"stopall"}, "token": {m[1]}}.Encode()))
	foreign.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	foreign.Header.Set("Origin", "http://evil.example")
	if got := read(browser.Do(foreign)); !strings.Contains(got, "evil.example") {
		t.Errorf("foreign origin answers %q", got)
	}
	if got := f.Model.Asked(control.OpAllStop); got != asked {
		t.Errorf("%d more stops were made", got-asked)
	}
	if got := read(browser.Get(base + "/tail.html?processname=g:a")); !strings.Contains(got, "out of a\nsecond line") {
		t.Errorf("tail page %q", got)
	}
	if got := read(browser.Get(base + "/tail.html?processname=zz")); !strings.Contains(got, "ERROR: unexpected rpc fault [10] BAD_NAME: zz") {
		t.Errorf("tail page %q", got)
	}
}

// pipes is a listener whose connections are in memory, for a clock that is virtual.
type pipes chan net.Conn

func (p pipes) Accept() (net.Conn, error) {
	c, open := <-p
	if !open {
		return nil, net.ErrClosed
	}
	return c, nil
}

func (p pipes) Close() error { close(p); return nil }

func (p pipes) Addr() net.Addr { return &net.UnixAddr{Name: "pipe", Net: "unix"} }

func TestEndsWhenIdle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := make(pipes)
		s := serve.New(serve.Config{
			Idle: time.Minute, HeaderTimeout: 24 * time.Hour, Listeners: []net.Listener{l}, Servers: []control.ServerInfo{{Section: "unix_http_server"}},
		})
		done := make(chan error, 1)
		go func() { done <- s.Run(t.Context()) }() // ends by itself, which is the claim
		wantRunning := func(when string) {
			t.Helper()
			synctest.Wait()
			select {
			case err := <-done:
				t.Fatalf("ended %s: %v", when, err)
			default:
			}
		}
		ours, theirs := net.Pipe()
		l <- theirs
		time.Sleep(time.Hour) // virtual
		wantRunning("although a client is connected")
		_ = ours.Close()
		time.Sleep(time.Minute - time.Second)
		wantRunning("before nobody was connected for a minute")
		time.Sleep(2 * time.Second)
		synctest.Wait()
		select {
		case err := <-done:
			if err != nil {
				t.Errorf("Run = %v, want nil", err)
			}
		default:
			t.Error("does not end")
		}
	})
}

// Clients that send slowly, or not at all, lose their connection (F67 of the
// catalogue of faults); others are served meanwhile.
func TestSlowClients(t *testing.T) {
	// What a row does not wait for has a limit that is never reached.
	header := serve.Config{HeaderTimeout: 300 * time.Millisecond, BodyTimeout: time.Hour}
	body := serve.Config{HeaderTimeout: time.Hour, BodyTimeout: 300 * time.Millisecond}
	rows := []struct {
		name        string
		conf        serve.Config
		sends, want string
	}{
		{"nothing", header, "", ""},
		{"half a header", header, "POST /RPC2 HTTP/1.1\r\nHost: x\r\n", ""},
		{"half a body", body, "POST /RPC2 HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n<methodCall>", "408"},
		{"half a form", body, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\nContent-Type: application/x-www-form-urlencoded\r\n\r\naction", "400"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			f := servetest.StartWith(t, servetest.Programs(t.TempDir()), row.conf)
			conn, err := net.Dial("tcp", f.TCP)
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			fmt.Fprint(conn, row.sends)
			_ = conn.SetReadDeadline(time.Now().Add(time.Minute))
			answer, err := io.ReadAll(conn)
			if errors.Is(err, os.ErrDeadlineExceeded) || !strings.Contains(string(answer), row.want) {
				t.Errorf("answer %q, %v, want %q and the end of the connection", answer, err, row.want)
			}
			if _, body := do(t, f, "GET", "/ok.html", ""); row.conf.HeaderTimeout > time.Minute && body != "OK" {
				t.Errorf("afterwards: %q", body)
			}
		})
	}
}

func TestThousandIdleConnections(t *testing.T) {
	f := start(t)
	conns := make([]net.Conn, 0, 1000)
	for range 1000 {
		c, err := net.Dial("unix", f.Unix)
		if err != nil {
			t.Fatal(err)
		}
		conns = append(conns, c)
	}
	fmt.Fprint(conns[500], "GET /ok.html HTTP/1.0\r\n\r\n")
	if all, _ := io.ReadAll(conns[500]); !strings.HasSuffix(string(all), "OK") {
		t.Errorf("answer %q", all)
	}
	for _, c := range conns {
		_ = c.Close()
	}
}
