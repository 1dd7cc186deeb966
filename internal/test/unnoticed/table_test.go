package unnoticed

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"slipway/internal/test/testkit"
)

// capacity is how many requests a server answers in a second, while eight clients ask without a
// pause.
func capacity(t *testing.T, address string) int {
	t.Helper()
	const seconds = 2
	c := during(t, address, func() { time.Sleep(seconds * time.Second) })
	return c.answered / seconds
}

// under has requests come at a rate, whatever becomes of those before, while something is done.
// Half of the clients connect each time, the others keep their connections.
func under(t *testing.T, address string, rate int, do func()) *tally {
	t.Helper()
	const workers, tick = 64, 2 * time.Millisecond
	c := &tally{by: map[string]int{}, failed: map[string]int{}}
	ctx, stop := context.WithCancel(t.Context())
	due := make(chan time.Time, 10*rate+workers) // as many as wait for ten seconds
	var all sync.WaitGroup
	all.Go(func() {
		defer close(due)
		clock := time.NewTicker(tick)
		defer clock.Stop()
		begin, asked := time.Now(), 0
		for ctx.Err() == nil {
			now := <-clock.C
			for ; asked < int(now.Sub(begin).Seconds()*float64(rate)); asked++ {
				select {
				case due <- now:
				default: // the machine does not run this test: what is not asked is not failed
				}
			}
		}
	})
	for i := range workers {
		all.Go(func() {
			client := plain()
			if i%2 == 0 {
				client = &http.Client{Transport: &http.Transport{}, Timeout: testkit.Patience}
			}
			for at := range due {
				answer, err := get(client, address)
				c.add(answer, err, time.Since(at))
			}
		})
	}
	do()
	stop()
	all.Wait()
	return c
}

// changes makes n changes, each when the one before has come to an answer.
func changes(t *testing.T, address string, n int, change func()) {
	t.Helper()
	known := map[string]bool{}
	for range n {
		// All that is there by now is known: each asks a few times, as several may answer.
		for range 8 {
			if answer, err := get(plain(), address); err == nil {
				known[answer] = true
			}
		}
		change()
		testkit.Eventually(t, testkit.Patience, "another one answers", func() error {
			answer, err := get(plain(), address)
			if err == nil && known[answer] {
				err = fmt.Errorf("it is still %s", answer)
			}
			return err
		})
	}
}

// app is a web application for gunicorn.
const app = `import os
def app(environ, start):
    start("200 OK", [("Content-Type", "text/plain")])
    return [str(os.getpid()).encode()]
`

// server is one of the table.
type server struct {
	name    string
	need    []testkit.Thing
	program string // section of slipway, with a socket
	alone   string // section of Supervisor, which has no sockets
}

func servers() []server {
	return []server{
		{"go", nil, `command = SELF
environment = SLIPWAY_TEST_SERVER=1,SERVER_READY=1
ready = fd:4
`, `command = SELF
environment = SLIPWAY_TEST_SERVER=1,SERVER_LISTEN="127.0.0.1:PORT"
`},
		{"nginx", []testkit.Thing{"nginx"}, `command = nginx -c DIR/nginx.conf -g "pid DIR/nginx%(process_num)s.pid;"
environment = NGINX="%(fd_web)s;"
stopsignal = QUIT
`, `command = nginx -c DIR/nginx.conf -g "pid DIR/nginx.pid;"
stopsignal = QUIT
`},
		{"gunicorn", []testkit.Thing{"gunicorn"}, `command = gunicorn --workers 2 --chdir DIR --worker-tmp-dir /dev/shm app:app
type = notify
`, `command = gunicorn --workers 2 --chdir DIR --worker-tmp-dir /dev/shm --bind 127.0.0.1:PORT app:app
`},
	}
}

// serverFiles are the files of all servers.
func serverFiles() []file {
	return []file{{"nginx.conf", strings.Replace(nginxConf, "pid DIR/nginx.pid;\n", "", 1)}, {"app.py", app}}
}

// Three servers are changed again and again, each in the three ways, under half the load that it
// can carry, and no request fails.
func TestNoRequestFailsUnderHalfTheLoad(t *testing.T) {
	for _, s := range servers() {
		for _, way := range []struct{ name, keys, command string }{
			{"overlap", "restart_mode = overlap", "restart web"},
			{"rolling", "rolling = 1\nnumprocs = 2", "restart web:*"},
			{"reload", "reload = signal HUP", "reload web"},
		} {
			t.Run(s.name+" "+way.name, func(t *testing.T) {
				testkit.Need(t, s.need...)
				conf := "[socket:web]\nlisten = tcp://127.0.0.1:PORT\n[program:web]\nsockets = web\nstartsecs = 0\n" + s.program + way.keys + "\n"
				if strings.Contains(way.keys, "numprocs") {
					conf += "process_name = web_%(process_num)d\n"
				}
				run, address := supervise(t, conf, serverFiles()...)
				n := testkit.Rounds(t, 3, 2)
				rate := max(capacity(t, address)/2, 1)
				c := under(t, address, rate, func() {
					changes(t, address, n, func() { run.does(strings.Fields(way.command)...) })
				})
				t.Logf("TABLE | %s, %s | %d | %d/s | %d | %d | %s", s.name, way.name, n, rate, c.answered, len(c.failed), c)
				if len(c.failed) > 0 || c.answered == 0 {
					t.Errorf("%d changes at %d requests/s: %s", n, rate, c)
				}
			})
		}
	}
}

// The same servers, restarted by Supervisor: the figures that stand beside ours.
func TestSupervisorBeside(t *testing.T) {
	for _, s := range servers() {
		t.Run(s.name, func(t *testing.T) {
			testkit.Need(t, append(s.need, testkit.Supervisor)...)
			dir, port := t.TempDir(), strconv.Itoa(testkit.FreePort(t))
			self, err := os.Executable()
			if err != nil {
				t.Fatal(err)
			}
			address := net.JoinHostPort("127.0.0.1", port)
			fill := strings.NewReplacer("DIR", dir, "SELF", self, "PORT", port)
			conf := filepath.Join(dir, "supervisord.conf")
			for _, f := range append(serverFiles(), file{"supervisord.conf", `[supervisord]
logfile = DIR/log
pidfile = DIR/pid
childlogdir = DIR
[unix_http_server]
file = DIR/sock
[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface
[supervisorctl]
serverurl = unix://DIR/sock
[program:web]
` + s.alone}) {
				if err := os.WriteFile(filepath.Join(dir, f.name), []byte(fill.Replace(f.text)), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			cmd := exec.Command("/usr/bin/supervisord", "-n", "-c", conf)
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() {
				cmd.Process.Signal(syscall.SIGTERM)
				cmd.Wait()
			})
			testkit.Eventually(t, testkit.Patience, "somebody answers", func() error {
				_, err := get(plain(), address)
				return err
			})
			n := testkit.Rounds(t, 3, 2)
			rate := max(capacity(t, address)/2, 1)
			c := under(t, address, rate, func() {
				changes(t, address, n, func() {
					if out, err := exec.Command("/usr/bin/supervisorctl", "-c", conf, "restart", "web").CombinedOutput(); err != nil {
						t.Errorf("supervisorctl restart: %v\n%s", err, out)
					}
				})
			})
			failed := 0
			for _, k := range c.failed {
				failed += k
			}
			t.Logf("TABLE | %s, supervisorctl restart | %d | %d/s | %d | %d | %s", s.name, n, rate, c.answered, failed, c)
			if c.answered == 0 {
				t.Errorf("nothing was answered: %s", c)
			}
		})
	}
}
