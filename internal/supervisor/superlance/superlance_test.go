package superlance

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"slipway/internal/supervisor/serve/servetest"
	"slipway/internal/test/testkit"
	"slipway/supervise/control"
	"slipway/supervise/control/controltest"
)

// event is one as a supervisor writes it.
func event(name, payload string) string {
	return fmt.Sprintf("ver:3.0 server:supervisor serial:1 pool:l poolserial:1 eventname:%s len:%d\n%s", name, len(payload), payload)
}

// exited is the event of a process that has ended.
func exited(group, name string, expected int) string {
	return event("PROCESS_STATE_EXITED", fmt.Sprintf("processname:%s groupname:%s from_state:RUNNING expected:%d pid:77", name, group, expected))
}

// front is a supervisor on paper, whose address is in the environment. Two of its processes
// run: web, and b of the group g with the number of the test.
func front(t *testing.T) *servetest.Front {
	t.Helper()
	proc := func(group, name string, state control.ProcessState, pid int) *controltest.Process {
		p := &controltest.Process{}
		p.Group, p.Name, p.State, p.PID, p.Start = group, name, state, int64(pid), 1_700_000_000
		return p
	}
	m := &controltest.Model{Mood: control.MoodRunning, Now: 1_700_000_100, Processes: []*controltest.Process{
		proc("g", "a", control.Stopped, 0),
		proc("g", "b", control.Running, os.Getpid()),
		proc("web", "web", control.Running, os.Getpid()),
	}}
	f := servetest.Start(t, m, 0)
	t.Setenv("SUPERVISOR_SERVER_URL", f.URL())
	return f
}

// outcome is what a listener leaves that is given events. A time is written as TIME, the
// memory of the test as RSS.
type outcome struct {
	errs, mail string
	status     int
	answers    int
}

var unlike = []struct {
	pattern *regexp.Regexp
	as      string
}{
	{regexp.MustCompile(`\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}`), "TIME"},
	{regexp.MustCompile(`[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4}`), "TIME"},
	{regexp.MustCompile(`(RSS of \S+ is|process \S+ \(RSS) \d+`), "$1 RSS"},
	{regexp.MustCompile(`\(\d+ bytes RSS\)`), "(RSS)"},
}

// run runs a command line; MAIL in it is a command that keeps the mail.
func run(t *testing.T, args []string, events ...string) outcome {
	t.Helper()
	file := filepath.Join(t.TempDir(), "mail")
	line := make([]string, len(args))
	for i, a := range args {
		line[i] = strings.ReplaceAll(a, "MAIL", "cat >>"+file)
	}
	var out, errs strings.Builder
	status := Find(filepath.Base(args[0]))(line, strings.NewReader(strings.Join(events, "")), &out, &errs)
	mail, _ := os.ReadFile(file)
	o := outcome{errs.String(), string(mail), status, strings.Count(out.String(), "RESULT 2\nOK")}
	for _, u := range unlike {
		o.errs, o.mail = u.pattern.ReplaceAllString(o.errs, u.as), u.pattern.ReplaceAllString(o.mail, u.as)
	}
	return o
}

func (o outcome) want(t *testing.T, errs, mail string, status, answers int) {
	t.Helper()
	if want := (outcome{errs, mail, status, answers}); o != want {
		t.Errorf("got\n%+v\nwant\n%+v", o, want)
	}
}

func TestFind(t *testing.T) {
	for _, name := range Names() {
		if Find(name) == nil {
			t.Errorf("there is no %s", name)
		}
	}
	if Find("slipway") != nil {
		t.Error("slipway is one")
	}
}

func TestCrashmail(t *testing.T) {
	const mail = "To: me@x\nSubject:  web crashed at TIME\n\nProcess web in group web exited unexpectedly (pid 77) from state RUNNING"
	const other = "To: me@x\nSubject: box: b crashed at TIME\n\nProcess b in group g exited unexpectedly (pid 77) from state RUNNING"
	said := func(mail string) string { return "unexpected exit, mailing\nMailed:\n\n" + mail + "\n" }
	for _, tt := range []struct {
		name, args string
		event      string
		mail       string // "": none is sent
	}{
		{"all", "-a -m me@x", exited("web", "web", 0), mail},
		{"without -a", "-m me@x", exited("web", "web", 0), mail},
		{"expected", "-a -m me@x", exited("web", "web", 1), ""},
		{"another event", "-a -m me@x", event("PROCESS_STATE_FATAL", "processname:web groupname:web from_state:BACKOFF"), ""},
		{"a prefix", "-a --optionalheader=box --email me@x", exited("g", "b", 0), other},
		{"by name", "-p b -o box -m me@x", exited("g", "b", 0), other},
		{"by group and name", "-p x -pg:b -obox -m me@x", exited("g", "b", 0), other},
		{"by group", "--program g:* -obox -m me@x", exited("g", "b", 0), other},
		{"not this one", "-p web -m me@x", exited("g", "b", 0), ""},
		{"-a overrides", "-p web -a -o box -m me@x", exited("g", "b", 0), other},
	} {
		t.Run(tt.name, func(t *testing.T) {
			errs := ""
			if tt.mail != "" {
				errs = said(tt.mail)
			}
			args := append([]string{"crashmail", "-s", "MAIL"}, strings.Fields(tt.args)...)
			run(t, args, tt.event).want(t, errs, tt.mail, 0, 1)
		})
	}
	t.Run("an address of the command's own", func(t *testing.T) {
		got := run(t, []string{"crashmail", "-s", "MAIL"}, exited("web", "web", 0))
		got.want(t, said(strings.TrimPrefix(mail, "To: me@x\n")), strings.TrimPrefix(mail, "To: me@x\n"), 0, 1)
	})
	t.Run("neither address nor command", func(t *testing.T) {
		run(t, []string{"crashmail", "-a"}, exited("web", "web", 0)).want(t, "", "", 0, 1)
	})
	t.Run("what the command prints is nothing for the supervisor", func(t *testing.T) {
		got := run(t, []string{"crashmail", "-m", "me@x", "-s", "echo RESULT; exit 3"}, exited("web", "web", 0))
		if !strings.Contains(got.errs, "RESULT\ncannot mail by \"echo RESULT; exit 3\": exit status 3\n") || got.answers != 1 {
			t.Errorf("got %+v", got)
		}
	})
}

// page is a server that answers with a status and a text.
func page(t *testing.T, status int, text string) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.UserAgent() != "httpok" || r.Method != http.MethodGet {
			t.Errorf("%s by %s", r.Method, r.UserAgent())
		}
		if status == http.StatusFound {
			w.Header().Set("Location", "/")
		}
		w.WriteHeader(status)
		fmt.Fprint(w, text)
	}))
	t.Cleanup(s.Close)
	return s.URL + "/tasty?service=1"
}

func TestHttpok(t *testing.T) {
	restarted := "web is in RUNNING state, restarting\nweb restarted\n"
	group := "g:a not in RUNNING state, NOT restarting\ng:b is in RUNNING state, restarting\ng:b restarted\n"
	for _, tt := range []struct {
		name, args string
		status     int
		text       string
		errs       string
		mail       string // "": none; else what it says behind its subject, which ends here: |
	}{
		{"as expected", "-a", 200, "fine", "", ""},
		{"another status", "-p web", 503, "", "Restarting selected processes ['web']\n" + restarted, ""},
		{"all", "-a", 404, "", "Restarting all running processes\n" + group + restarted, ""},
		{"a status that is expected", "-a -c 404", 404, "", "", ""},
		{"two statuses that are expected", "-a -c 204 --code=404", 404, "", "", ""},
		{"of a redirection, its own status", "-a -c 302", 302, "", "", ""},
		{"the text is there", "-a -b fin", 200, "fine", "", ""},
		{"the text is not there", "-p g:b --body=fin", 200, "ill", "Restarting selected processes ['g:b']\ng:b is in RUNNING state, restarting\ng:b restarted\n", ""},
		{"names without a process", "-p web -p none -p g:a", 500, "", "Restarting selected processes ['web', 'none', 'g:a']\ng:a not in RUNNING state, NOT restarting\n" + restarted +
			"Programs not restarted because they did not exist: ['none']\n", ""},
		{"nothing runs, eager", "-p a", 500, "", "Restarting selected processes ['a']\ng:a not in RUNNING state, NOT restarting\n", ""},
		{"nothing runs, not eager", "-p a -E", 500, "", "", ""},
		{"something runs, not eager", "-p g:b --not-eager", 500, "", "Restarting selected processes ['g:b']\ng:b is in RUNNING state, restarting\ng:b restarted\n", ""},
		{"a mail", "-p web -m me@x", 500, "", "Restarting selected processes ['web']\n" + restarted, "httpok: URL: bad status returned|500 Internal Server Error"},
		{"a mail with a name", "-p web -m me@x -n box -b x", 200, "", "Restarting selected processes ['web']\n" + restarted, "httpok [box]: URL: bad body returned|200 OK"},
		{"a core", "-p web -d /cores --gcore=echo", 500, "", "Restarting selected processes ['web']\ngcore output for web:\n\n /cores/web " +
			fmt.Sprint(os.Getpid()) + "\n\n" + restarted, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			front(t)
			url := page(t, tt.status, tt.text)
			mail := ""
			if subject, status, ok := strings.Cut(tt.mail, "|"); ok {
				mail = "To: me@x\nSubject: " + strings.ReplaceAll(subject, "URL", url) + "\n\nstatus contacting " + url + ": " + status + "\n" + strings.TrimSuffix(tt.errs, "\n")
				tt.errs += "Mailed:\n\n" + mail + "\n"
			}
			args := append([]string{"/usr/bin/httpok", "-s", "MAIL"}, strings.Fields(tt.args)...)
			run(t, append(args, url), event("TICK_60", "when:1"), event("PROCESS_STATE", "")).want(t, tt.errs, mail, 0, 2)
		})
	}
	t.Run("nobody listens", func(t *testing.T) {
		front(t)
		url := fmt.Sprintf("http://127.0.0.1:%d", testkit.FreePort(t))
		got := run(t, []string{"httpok", "-m", "me@x", "-s", "MAIL", "-p", "web", url}, event("TICK_5", ""))
		if want := "error contacting " + url + ":\n\n [Errno 111] Connection refused\nRestarting selected"; !strings.Contains(got.mail, want) {
			t.Errorf("got %+v, want %q", got, want)
		}
	})
	t.Run("a supervisor that cannot be reached", func(t *testing.T) {
		t.Setenv("SUPERVISOR_SERVER_URL", "unix:///nonexistent")
		url := page(t, 500, "")
		got := run(t, []string{"httpok", "-a", url}, event("TICK_5", ""))
		got.want(t, "Exception retrieving process info cannot list the processes: [Errno 2] No such file or directory, not acting\n", "", 0, 1)
	})
}

func TestMemmon(t *testing.T) {
	const both = "RSS of g:b is RSS\nRestarting g:b\nRSS of web:web is RSS\nRestarting web:web\n"
	mail := func(title string) string {
		return "To: me@x\nSubject: " + title + ": process g:b restarted\n\nmemmon.py restarted the process named g:b at TIME because it was consuming too much memory (RSS)"
	}
	for _, tt := range []struct {
		name, args, errs, mail string
	}{
		{"all", "-a 1KB", "Checking any=1024\n" + both, ""},
		{"none has too much", "-a 999GB", "Checking any=1072668082176\nRSS of g:b is RSS\nRSS of web:web is RSS\n", ""},
		{"a program", "-p b=1", "Checking programs b=1\nRSS of g:b is RSS\nRestarting g:b\n", ""},
		{"with its group", "-p g:b=1mb -p other=2", "Checking programs g:b=1048576, other=2\nRSS of g:b is RSS\nRestarting g:b\n", ""},
		{"a group", "--groupname g=1", "Checking groups g=1\nRSS of g:b is RSS\nRestarting g:b\n", ""},
		{"the lowest limit counts", "-g g=1 -p b=9GB --any=9GB -c", "Checking programs b=9663676416\nChecking groups g=1\nChecking any=9663676416\n" +
			"RSS of g:b is RSS\nRestarting g:b\nRSS of web:web is RSS\n", ""},
		{"a mail", "-p b=1 -m me@x", "Checking programs b=1\nRSS of g:b is RSS\nRestarting g:b\n", mail("memmon")},
		{"a mail with a name", "-p b=1 --name box -m me@x -u 100", "Checking programs b=1\nRSS of g:b is RSS\nRestarting g:b\n", mail("memmon [box]")},
		{"no mail of what had run for long", "-p b=1 -m me@x -u 1m", "Checking programs b=1\nRSS of g:b is RSS\nRestarting g:b\n", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			front(t)
			args := append([]string{"memmon", "-s", "MAIL"}, strings.Fields(tt.args)...)
			run(t, args, event("TICK_60", "when:1"), event("PROCESS_STATE", "")).want(t, tt.errs, tt.mail, 0, 2)
		})
	}
	t.Run("a process that does not start again", func(t *testing.T) {
		f := front(t)
		f.Model.Processes[1].StartFault = control.NewFault(control.SpawnError, "b")
		got := run(t, []string{"memmon", "-s", "MAIL", "-p", "b=1", "-m", "me@x"}, event("TICK_60", "when:1"))
		text := "failed to start process g:b after stopping it, exiting: <Fault 50: 'SPAWN_ERROR: g:b'>"
		got.want(t, "Checking programs b=1\nRSS of g:b is RSS\nRestarting g:b\nmemmon: "+text+"\n",
			"To: me@x\nSubject: memmon: failed to start process g:b, exiting\n\n"+text, 1, 0)
	})
}

// The memory of a tree is that of a process and all below it, and of nobody else.
func TestCumulative(t *testing.T) {
	dir := t.TempDir()
	for _, p := range []struct{ pid, parent, kilobytes int }{{1, 0, 5000}, {10, 1, 100}, {11, 10, 200}, {12, 11, 300}, {13, 11, 400}, {20, 1, 333}} {
		folder := filepath.Join(dir, fmt.Sprint(p.pid))
		if err := os.Mkdir(folder, 0o700); err != nil {
			t.Fatal(err)
		}
		text := fmt.Sprintf("Name:\tsh\nPPid:\t%d\nVmRSS:\t%8d kB\n", p.parent, p.kilobytes)
		if p.pid == 13 {
			text = "Name:\tzombie\nPPid:\t11\n"
		}
		if err := os.WriteFile(filepath.Join(folder, "status"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, tt := range []struct {
		pid        int
		cumulative bool
		want       int64
		ok         bool
	}{{10, false, 100 << 10, true}, {10, true, 600 << 10, true}, {20, true, 333 << 10, true}, {13, true, 0, false}, {99, true, 0, false}} {
		w := &watch{proc: dir, cumulative: tt.cumulative}
		if got, ok := w.rss(tt.pid); got != tt.want || ok != tt.ok {
			t.Errorf("rss(%d), cumulative %v: %d, %v, want %d, %v", tt.pid, tt.cumulative, got, ok, tt.want, tt.ok)
		}
	}
}

// mailServer takes mails; what clients have said to it comes from the channel, a mail each.
func mailServer(t *testing.T, auth string) (address string, mails chan string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	mails = make(chan string, 8)
	go func() { // ends with the listener
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			mails <- converse(conn, auth)
		}
	}()
	return l.Addr().String(), mails
}

// converse is the server's side of one connection.
func converse(conn net.Conn, auth string) string {
	defer conn.Close()
	var said strings.Builder
	lines := bufio.NewScanner(conn)
	answer := func(text string) { fmt.Fprint(conn, text+"\r\n") }
	answer("220 mail ESMTP")
	data := false
	for lines.Scan() {
		line := lines.Text()
		word, _, _ := strings.Cut(line, " ")
		if !data && word != "EHLO" || data {
			said.WriteString(line + "\n")
		}
		switch {
		case data && line == ".":
			data = false
			answer("250 taken")
		case data:
		case word == "EHLO" && auth != "":
			answer("250-mail\r\n250 AUTH " + auth)
		case word == "AUTH" && line == "AUTH LOGIN":
			answer("334 VXNlcm5hbWU6") // Username:
		case line == "bWU=": // me
			answer("334 UGFzc3dvcmQ6") // Password:
		case word == "AUTH" || line == "cHc=": // pw
			answer("235 in")
		case word == "RCPT" && strings.Contains(line, "nobody"):
			answer("550 nobody")
		case word == "DATA":
			data = true
			answer("354 go")
		case word == "QUIT":
			answer("221 bye")
			return said.String()
		default:
			answer("250 fine")
		}
	}
	return said.String()
}

func TestBatch(t *testing.T) {
	id := regexp.MustCompile(`(Date|Message-ID): .*`)
	mail := func(t *testing.T, mails chan string) string {
		t.Helper()
		text := strings.ReplaceAll(<-mails, "\r", "")
		for _, u := range unlike {
			text = u.pattern.ReplaceAllString(text, u.as)
		}
		return id.ReplaceAllString(text, "$1")
	}
	tick := event("TICK_60", "when:1")
	fatal := event("PROCESS_STATE_FATAL", "processname:b groupname:g from_state:BACKOFF")
	header := func(subject, to string) string {
		return "Content-Type: text/plain; charset=\"us-ascii\"\nMIME-Version: 1.0\nContent-Transfer-Encoding: 7bit\nSubject: " + subject + "\nFrom: it@x\nTo: " + to + "\nDate\nMessage-ID\n\n"
	}
	t.Run("what has crashed, in one mail", func(t *testing.T) {
		host, mails := mailServer(t, "")
		got := run(t, []string{"crashmailbatch", "--toEmail=me@x, you@x", "--fromEmail", "it@x", "-H", host, "-i", "2"},
			exited("web", "web", 0), exited("web", "fine", 1), fatal, tick, exited("g", "b", 0), tick, tick, tick)
		first, second := "TIME -- Process web:web (pid 77) died unexpectedly\n", "TIME -- Process g:b (pid 77) died unexpectedly\n"
		want := "MAIL FROM:<it@x>\nRCPT TO:<me@x>\nRCPT TO:<you@x>\nDATA\n" + header("Crash alert from supervisord", "me@x, you@x") + first + second + ".\nQUIT\n"
		if text := mail(t, mails); text != want {
			t.Errorf("mail %q, want %q", text, want)
		}
		if !strings.HasPrefix(got.errs, first+second+"Sending notification email:\nTo: me@x, you@x\nFrom: it@x\nSubject: Crash alert from supervisord\nBody:\nTIME -- Process web:web (pid 77)") || got.answers != 8 {
			t.Errorf("got %+v", got)
		}
		if n := len(mails); n != 0 {
			t.Errorf("%d more mails", n)
		}
	})
	for _, tt := range []struct{ auth, want string }{
		{"LOGIN PLAIN", "AUTH PLAIN AG1lAHB3\n"},
		{"LOGIN", "AUTH LOGIN\nbWU=\ncHc=\n"},
	} {
		t.Run("fatal, with "+tt.auth, func(t *testing.T) {
			host, mails := mailServer(t, tt.auth)
			run(t, []string{"fatalmailbatch", "-t", "nobody@x,me@x", "-f", "it@x", "--smtpHost", host, "--subject", "oh", "--tick", "TICK_3600", "-u", "me", "--pass", "pw"},
				exited("web", "web", 0), fatal, tick, event("TICK_3600", "when:1"))
			want := tt.want + "MAIL FROM:<it@x>\nRCPT TO:<nobody@x>\nRCPT TO:<me@x>\nDATA\n" + header("oh", "nobody@x, me@x") +
				"TIME -- Process g:b failed to start too many times\n.\nQUIT\n"
			if text := mail(t, mails); text != want {
				t.Errorf("mail %q, want %q", text, want)
			}
		})
	}
	t.Run("short, without a subject", func(t *testing.T) {
		host, mails := mailServer(t, "")
		run(t, []string{"crashsms", "-t", "1234@phone", "-f", "it@x", "-H", host}, exited("g", "b", 0), exited("g", "c", 1), tick)
		want := "MAIL FROM:<it@x>\nRCPT TO:<1234@phone>\nDATA\n" + strings.Replace(header("", "1234@phone"), "Subject: \n", "", 1) +
			"[g:b](77) exited unexpectedly TIME\n.\nQUIT\n"
		if text := mail(t, mails); text != want {
			t.Errorf("mail %q, want %q", text, want)
		}
	})
	t.Run("without a server", func(t *testing.T) {
		host, _ := mailServer(t, "")
		got := run(t, []string{"fatalmailbatch", "-t", "nobody@x", "-f", "it@x", "-H", host}, fatal, tick)
		if !strings.Contains(got.errs, "Error sending email: nobody@x: 550 ") || got.status != 0 {
			t.Errorf("got %+v", got)
		}
	})
}

func TestCommandLines(t *testing.T) {
	t.Setenv("SUPERVISOR_SERVER_URL", "")
	t.Setenv("SUPERVISOR_ENABLED", "")
	for _, tt := range []struct {
		args   string
		errs   string // the first line
		status int
	}{
		{"crashmail -x", "crashmail: option -x not recognized", 255},
		{"crashmail -m", "crashmail: option -m needs a value", 255},
		{"crashmail --any=x", "crashmail: option --any takes no value", 255},
		{"crashmail --what", "crashmail: option --what not recognized", 255},
		{"crashmail --email", "crashmail: option --email needs a value", 255},
		{"memmon --h", "", 0},
		{"httpok -h", "", 0},
		{"httpok", "httpok: expected one URL, got 0", 255},
		{"httpok http://a http://b", "httpok: expected one URL, got 2", 255},
		{"httpok ftp://a", `httpok: expected a URL with http or https, got "ftp://a"`, 255},
		{"httpok -t -1 http://a", `httpok: timeout: expected seconds, got "-1"`, 255},
		{"httpok -c ok http://a", `httpok: code: expected an HTTP status, got "ok"`, 255},
		{"httpok --co=1 http://a", "httpok: option --co is not a unique prefix", 255},
		{"httpok -a http://a", "httpok: this must be run as an event listener of a supervisor", 1},
		{"memmon", "memmon: expected an option that says how much is too much", 255},
		{"memmon -p web", `memmon: expected NAME=SIZE, such as web=200MB, got "web"`, 255},
		{"memmon -a -1", `memmon: any: expected a size, such as 200MB, got "-1"`, 255},
		{"memmon -u 1y", `memmon: uptime: expected a time, such as 90, 1m, 2h or 3d, got "1y"`, 255},
		{"memmon -a 1", "memmon: this must be run as an event listener of a supervisor", 1},
		{"crashmailbatch", "crashmailbatch: expected --toEmail and --fromEmail", 1},
		{"crashmailbatch -t a -f b -i x", `crashmailbatch: interval: expected minutes, got "x"`, 2},
		{"fatalmailbatch -t a -f b -e TOCK", `fatalmailbatch: tickEvent: expected TICK_5, TICK_60 or TICK_3600, got "TOCK"`, 1},
		{"fatalmailbatch more -t a -f b", "", 0},
	} {
		t.Run(tt.args, func(t *testing.T) {
			got := run(t, strings.Fields(tt.args))
			if line, _, _ := strings.Cut(got.errs, "\n"); line != tt.errs || got.status != tt.status {
				t.Errorf("status %d, %q, want %d, %q", got.status, line, tt.status, tt.errs)
			}
		})
	}
	t.Setenv("SUPERVISOR_ENABLED", "1")
	if got := run(t, []string{"memmon", "-a", "1"}); !strings.Contains(got.errs, "the configuration needs a [unix_http_server] section") {
		t.Errorf("got %+v", got)
	}
}
