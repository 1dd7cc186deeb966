package ctl_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"

	"slipway/internal/supervisor/ctl"
	"slipway/internal/supervisor/serve/servetest"
	"slipway/internal/test/oracletest"
	"slipway/supervise/control"
	"slipway/supervise/control/controltest"
)

// name is what both are called, since their messages hold it.
const name = "/usr/bin/supervisorctl"

// outcome is what a run of supervisorctl leaves.
type outcome struct {
	stdout, stderr string
	status         int
}

func (o outcome) String() string {
	return fmt.Sprintf("status %d\n--- stdout\n%s--- stderr\n%s", o.status, o.stdout, o.stderr)
}

// ours runs this package with the name of the original, which its messages hold.
func ours(args []string, stdin string) outcome {
	var out, errOut bytes.Buffer
	status := ctl.Main(append([]string{name}, args...), strings.NewReader(stdin), &out, &errOut)
	return outcome{out.String(), errOut.String(), status}
}

// normal takes out of an output what cannot be equal: the address of the server,
// the place in Python's source that an unexpected error names.
func normal(o outcome, f *servetest.Front) outcome {
	clean := func(s string) string {
		s = strings.ReplaceAll(s, filepath.Dir(f.Unix), "DIR")
		s = strings.ReplaceAll(s, filepath.Dir(f.Model.Logfile), "LOGS")
		s = strings.ReplaceAll(s, f.TCP, "HOST")
		s = regexp.MustCompile(`: file: \S+ line: \d+`).ReplaceAllString(s, "")
		return regexp.MustCompile(`[A-Z][a-z]{2} \d\d \d\d:\d\d [AP]M`).ReplaceAllString(s, "STOP TIME")
	}
	return outcome{clean(o.stdout), clean(o.stderr), o.status}
}

// row is one command line of the differential test. The server is fresh for each.
type row struct {
	name  string
	args  string // split at blanks; URL is the server's
	stdin string
	setup func(m *controltest.Model)
}

func rows() []row {
	stopping := func(m *controltest.Model) { m.Mood = control.MoodShutdown }
	broken := func(m *controltest.Model) {
		m.RereadErr = control.NewFault(control.CantReread, "something is wrong")
	}
	auth := func(m *controltest.Model) {
		m.Servers = []control.ServerInfo{
			{Section: "unix_http_server", Username: "u", Password: "p w:d"}, {Section: "inet_http_server"},
		}
	}
	long := func(m *controltest.Model) {
		p := &controltest.Process{}
		p.Group, p.Name = "a_group_with_a_rather_long_name", "and_a_process_with_another"
		m.Processes = append(m.Processes, p)
	}
	return []row{
		{"status", "-s URL status", "", nil},
		{"status of a long name", "-s URL status", "", long},
		{"status of names", "-s URL status web g:a", "", nil},
		{"status of a group", "-s URL status g:*", "", nil},
		{"status of unknown names", "-s URL status nosuch web nogroup:* g g:zz", "", nil},
		{"status all", "-s URL status nosuch all", "", nil},
		{"status in shutdown", "-s URL status", "", stopping},
		{"start without name", "-s URL start", "", nil},
		{"start every result", "-s URL start web nofile noexec bad abnormal nosuch g:b g:zz", "", nil},
		{"start groups", "-s URL start g:* g: zz:*", "", nil},
		{"start all", "-s URL start all", "", nil},
		{"stop without name", "-s URL stop", "", nil},
		{"stop", "-s URL stop web bad nosuch g:* zz:*", "", nil},
		{"stop all", "-s URL stop all", "", nil},
		{"restart", "-s URL restart web g:b", "", nil},
		{"restart without name", "-s URL restart", "", nil},
		{"restart all", "-s URL restart all", "", nil},
		{"signal", "-s URL signal HUP web bad nosuch g:* zz:*", "", nil},
		{"signal unknown", "-s URL signal FOO web g:*", "", nil},
		{"signal all", "-s URL signal HUP all", "", nil},
		{"signal without process", "-s URL signal HUP", "", nil},
		{"pid", "-s URL pid", "", nil},
		{"pid of names", "-s URL pid web nosuch bad", "", nil},
		{"pid all", "-s URL pid all", "", nil},
		{"tail", "-s URL tail web", "", nil},
		{"tail of bytes", "-s URL tail -7 web", "", nil},
		{"tail stderr", "-s URL tail web STDERR", "", nil},
		{"tail without log", "-s URL tail nofile", "", nil},
		{"tail of nobody", "-s URL tail nosuch", "", nil},
		{"tail with wrong words", "-s URL tail -x web", "", nil},
		{"tail of a wrong channel", "-s URL tail web it's", "", nil},
		{"tail without words", "-s URL tail", "", nil},
		{"tail without name", "-s URL tail -5", "", nil},
		{"tail with many words", "-s URL tail a b c d", "", nil},
		{"tail -f of nobody", "-s URL tail -f nosuch", "", nil},
		{"maintail", "-s URL maintail", "", nil},
		{"maintail of bytes", "-s URL maintail -10", "", nil},
		{"maintail wrong", "-s URL maintail x", "", nil},
		{"maintail of two", "-s URL maintail -1 -2", "", nil},
		{"clear", "-s URL clear web nosuch", "", nil},
		{"clear all", "-s URL clear all", "", nil},
		{"clear without name", "-s URL clear", "", nil},
		{"reread", "-s URL reread", "", nil},
		{"reread of nothing", "-s URL reread", "", func(m *controltest.Model) { m.Reread = control.RereadResult{} }},
		{"reread of a broken file", "-s URL reread", "", broken},
		{"reread with words", "-s URL reread x", "", nil},
		{"update", "-s URL update", "", nil},
		{"update of a group", "-s URL update fresh", "", nil},
		{"update of an unknown group", "-s URL update nosuch", "", nil},
		{"update of a broken file", "-s URL update", "", broken},
		{"update in shutdown", "-s URL update", "", stopping},
		{"add", "-s URL add fresh web nosuch", "", nil},
		{"add in shutdown", "-s URL add fresh", "", stopping},
		{"remove", "-s URL remove web nofile nosuch", "", nil},
		{"avail", "-s URL avail", "", nil},
		{"avail in shutdown", "-s URL avail", "", stopping},
		{"version", "-s URL version", "", nil},
		{"version with words", "-s URL version x", "", nil},
		{"shutdown", "-s URL shutdown", "", nil},
		{"shutdown twice", "-s URL shutdown", "", stopping},
		{"reload", "-s URL reload", "", nil},
		{"reload in shutdown", "-s URL reload", "", stopping},
		{"fg without name", "-s URL fg", "", nil},
		{"fg of two", "-s URL fg a b", "", nil},
		{"fg of nobody", "-s URL fg nosuch", "", nil},
		{"fg of a stopped process", "-s URL fg bad", "", nil},
		{"open wrong", "-s URL open ftp://x", "", nil},
		{"open nobody", "-s URL open unix:///nosuch", "", nil},
		{"help", "-s URL help", "", nil},
		{"help help", "-s URL help help", "", nil},
		{"help of nothing", "-s URL help nosuch", "", nil},
		{"question mark", "-s URL ?start", "", nil},
		{"unknown command", "-s URL nosuch x", "", nil},
		{"shell escape", "-s URL !ls", "", nil},
		{"punctuation", "-s URL status:x", "", nil},
		{"quit", "-s URL quit", "", nil},
		{"exit in shutdown", "-s URL exit", "", stopping},
		{"http", "-s HTTP status web", "", nil},
		{"refused", "-s http://127.0.0.1:1 status", "", nil},
		{"refused pid", "-s http://127.0.0.1:1 pid", "", nil},
		{"refused shutdown", "-s http://127.0.0.1:1 shutdown", "", nil},
		{"no socket", "-s unix:///nosuch.sock status", "", nil},
		{"no socket version", "-s unix:///nosuch.sock version", "", nil},
		{"no socket shutdown", "-s unix:///nosuch.sock shutdown", "", nil},
		{"no socket avail", "-s unix:///nosuch.sock avail", "", nil},
		{"no socket tail", "-s unix:///nosuch.sock tail -f web", "", nil},
		{"other scheme", "-s ftp://x status", "", nil},
		{"password missing", "-s URL status web", "", auth},
		{"password wrong", "-s URL -u u -p x version", "", auth},
		{"password right", "-s URL -u u -p PASSWORD version", "", auth},
		{"no URL", "-s x status", "", nil},
		{"unknown option", "-z", "", nil},
		{"unknown long option", "--bogus", "", nil},
		{"ambiguous option", "--h status", "", nil},
		{"shortened option", "--serv=URL version", "", nil},
		{"option without value", "-s", "", nil},
		{"long option without value", "--serverurl", "", nil},
		{"flag with value", "--interactive=x", "", nil},
		{"option twice", "-s URL -s URL status", "", nil},
		{"file missing", "-c /nosuch.conf status", "", nil},
		{"no section", "-c NOSECTION status", "", nil},
		{"file", "-c CONF version", "", nil},
		{"option over file", "-c CONF -s unix:///nosuch.sock version", "", nil},
		{"file with password", "-c CONF version", "", auth},
		{"shell", "-s URL", "pid\n\nnosuch\nhelp\nstart nosuch\nquit\n", nil},
		{"shell to the end of input", "-c CONF", "version\n", nil},
		{"shell, no shutdown", "-s URL -i", "shutdown\nno\nreload\nyes\nshutdown\ny\nstatus web\n", nil},
		{"words before -i", "-s URL -i pid", "pid\n", nil},
	}
}

func TestDifferential(t *testing.T) {
	original := oracletest.Start(t)
	var equal atomic.Int32
	t.Cleanup(func() { t.Logf("supervisorctl: %d command lines, %d equal", len(rows()), equal.Load()) })
	for _, r := range rows() {
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			run := func(do func(args []string, stdin string) outcome) outcome {
				m := servetest.Programs(t.TempDir())
				if r.setup != nil {
					r.setup(m)
				}
				f := servetest.Start(t, m, 0)
				return normal(do(arguments(t, r, f), r.stdin), f)
			}
			want := run(func(args []string, stdin string) outcome {
				stdout, stderr, status, err := original.Supervisorctl(args, stdin)
				if err != nil {
					t.Fatal(err)
				}
				return outcome{stdout, stderr, status}
			})
			got := run(ours)
			if got != want {
				t.Errorf("supervisorctl %s\ngot  %v\nwant %v", r.args, got, want)
				return
			}
			equal.Add(1)
		})
	}
}

func arguments(t *testing.T, r row, f *servetest.Front) []string {
	t.Helper()
	dir := filepath.Dir(f.Unix)
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	replace := strings.NewReplacer("URL", f.URL(), "HTTP", "http://"+f.TCP, "PASSWORD", "p w:d",
		"NOSECTION", write("no.conf", "[supervisord]\n"),
		"CONF", write("s.conf", "[supervisorctl]\nserverurl = "+f.URL()+"\nprompt = my\nusername = u\npassword = p w:d\n[include]\nfiles = *.nosuch\n"))
	var args []string
	for _, word := range strings.Fields(r.args) {
		args = append(args, replace.Replace(word))
	}
	return args
}
