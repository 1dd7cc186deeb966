package main

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"slipway/internal/supervisor/byname"
)

// link makes a command of Supervisor's, as a link to slipway, in the container's folder.
func (c *container) link(name string) {
	c.t.Helper()
	if err := os.Symlink(c.bins.Slipway, filepath.Join(c.dir, name)); err != nil {
		c.t.Fatal(err)
	}
}

// pidproxy passes the stop on to the process of the pid file, and waits for it.
func TestPidproxy(t *testing.T) {
	c := newContainer(t, `
[program:db]
command = DIR/pidproxy DIR/db.pid DIR/safe --flag
[program:other]
command = /bin/sh DIR/up
`)
	c.link("pidproxy")
	c.script("up", forever)
	c.script("safe", "trap : TERM; echo $1 >>DIR/story; sh DIR/db & wait $!; wait $!; echo safe >>DIR/story")
	c.script("db", "trap 'sleep 0.2; echo tidy >>DIR/story; exit 0' TERM; trap 'echo again >>DIR/story' HUP; echo $$ >DIR/db.pid; while :; do sleep 0.02; done")
	c.start("slipway", "run", "-c", "app.conf")
	c.until("RUNNING", "status", "db")
	c.has("db.pid", "\n")
	c.ask("signal", "HUP", "db")
	c.has("story", "again\n")
	if status, out := c.ask("stop", "db"); status != 0 {
		t.Errorf("stop: status %d: %s", status, out)
	}
	if got, want := c.read("story"), "--flag\nagain\ntidy\nsafe\n"; got != want {
		t.Errorf("story %q, want %q", got, want)
	}
	c.until("STOPPED", "status", "db")
}

// supervisor_stdout prints what programs print, behind their names.
func TestSupervisorStdout(t *testing.T) {
	c := newContainer(t, `
[program:web]
command = /bin/sh -c "echo hello; echo there; while ! test -e DIR/over; do sleep 0.02; done; exit 3"
stdout_events_enabled = true
stdout_logfile = NONE
on_exit = shutdown
[eventlistener:stdout]
command = DIR/supervisor_stdout
buffer_size = 100
events = PROCESS_LOG
result_handler = supervisor_stdout:event_handler
`)
	c.link("supervisor_stdout")
	c.start("slipway", "run", "-c", "app.conf")
	c.until("RUNNING", "status", "web")
	c.until("RUNNING", "status", "stdout")
	c.write("over", "")
	status, out := c.wait()
	if status != 3 || !strings.Contains(out, "web stdout | hello\nweb stdout | there\n") {
		t.Errorf("status %d: %s", status, out)
	}
}

// The listeners of superlance work as configurations call them: one mails what has crashed,
// one restarts what does not answer, one what uses too much memory.
func TestSuperlance(t *testing.T) {
	c := newContainer(t, "")
	site := httptest.NewServer(http.NotFoundHandler())
	defer site.Close()
	c.write("app.conf", c.read("app.conf")+strings.NewReplacer("DIR", c.dir, "URL", site.URL).Replace(`
[unix_http_server]
file = DIR/s.sock
[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface
[program:crash]
command = /bin/sh -c "exit 3"
startsecs = 0
autorestart = false
[program:web]
command = /bin/sh DIR/up web
[group:work]
programs = hog
[program:hog]
command = /bin/sh DIR/up hog
[eventlistener:crashmail]
command = DIR/crashmail -p crash -m me@example.com -s "cat >>DIR/mail"
events = PROCESS_STATE_EXITED
[eventlistener:httpok]
command = DIR/httpok -p web -b welcome URL/tasty
events = TICK_5
[eventlistener:memmon]
command = DIR/memmon -p work:hog=1KB -m me@example.com -n box -s "cat >>DIR/memory"
events = TICK_5
[eventlistener:crashmailbatch]
command = DIR/crashmailbatch --toEmail=me@example.com --fromEmail=it@example.com
stderr_logfile = DIR/batch
buffer_size = 100
events = PROCESS_STATE,TICK_60
`))
	for _, name := range []string{"crashmail", "httpok", "memmon", "crashmailbatch"} {
		c.link(name)
	}
	c.script("up", "echo $1 >>DIR/$1.started; "+forever)
	c.start("slipway", "run", "-c", "app.conf")
	c.has("mail", "To: me@example.com\nSubject:  crash crashed at ")
	c.has("mail", "Process crash in group crash exited unexpectedly (pid ")
	c.has("batch", "Process crash:crash (pid ")
	c.has("web.started", "web\nweb\n")
	c.has("hog.started", "hog\nhog\n")
	c.has("memory", "Subject: memmon [box]: process work:hog restarted\n\nmemmon.py restarted the process named work:hog at ")
}

// The help names all that slipway is by a link.
func TestHelpNamesTheLinks(t *testing.T) {
	long := newRoot(&app{}).Long
	for _, name := range append(byname.Names(), "supervisord", "supervisorctl") {
		if !strings.Contains(long, name) {
			t.Errorf("slipway help does not name %s", name)
		}
	}
}
