package supervise

import (
	"syscall"
	"testing"
	"time"

	"slipway/supervise/config"
	"slipway/supervise/control"
)

const httpSocket = "/run/http.sock"

// withServer is a configuration of a program and a unix HTTP server.
func withServer(x *simulation) *config.Config {
	cfg := x.config(9*time.Second, x.plays("app", "pause"))
	cfg.Servers = []config.Server{{Section: "unix_http_server", Unix: true, File: httpSocket, Chmod: 0o700, ChownUID: -1, ChownGID: -1}}
	return cfg
}

// Sockets that somebody has removed are made anew: on HUP, and within a minute.
func TestSocketsAreMadeAnew(t *testing.T) {
	const controlSocket = control.DefaultRuntime + "/control.sock"
	for _, tt := range []struct {
		name string
		wait func(x *simulation)
	}{
		{"by a look", func(x *simulation) { x.sleep(time.Minute) }},
		{"on HUP", func(x *simulation) { x.signal(syscall.SIGHUP) }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			simulatedWith(t, Run, func(x *simulation) { x.m.Put("/run/x", "", 0o644) }, withServer, func(x *simulation) {
				x.sleep(2 * time.Second)
				before := x.info("app") // over a connection that stays
				x.m.Delete(controlSocket)
				x.m.Delete(httpSocket)
				if _, err := x.m.Dial(controlSocket, 0); err == nil {
					t.Fatal("the socket was not removed")
				}
				tt.wait(x)
				for _, path := range []string{controlSocket, httpSocket} {
					if _, err := x.m.Dial(path, 0); err != nil {
						t.Errorf("nobody listens at %s: %v", path, err)
					}
					x.says("somebody has removed the socket " + path + "; it was made anew")
				}
				if now := x.info("app"); now.PID != before.PID {
					t.Errorf("the program was restarted")
				}
				x.sleep(10 * time.Minute)
				if n := x.count("it was made anew"); n != 2 {
					t.Errorf("%d sockets were made anew, want 2", n)
				}
				x.signal(syscall.SIGTERM)
				x.ends(time.Second, 0)
				for _, path := range []string{controlSocket, httpSocket} {
					if _, err := x.m.Dial(path, 0); err != syscall.ENOENT {
						t.Errorf("%s is left behind: %v", path, err)
					}
				}
			})
		})
	}
}

// What somebody else has put in the place of a socket is left alone, also at the end.
func TestSocketOfSomebodyElse(t *testing.T) {
	simulatedWith(t, Run, func(x *simulation) { x.m.Put("/run/x", "", 0o644) }, withServer, func(x *simulation) {
		x.sleep(2 * time.Second)
		x.m.Delete(httpSocket)
		x.m.Put(httpSocket, "mine", 0o644)
		x.sleep(5 * time.Minute)
		x.signal(syscall.SIGTERM)
		x.ends(time.Second, 0)
		if got := x.m.Text(httpSocket); got != "mine" {
			t.Errorf("%s has %q, want what somebody else has put there", httpSocket, got)
		}
	})
}

// A place to listen that was not there at the start is taken later.
func TestSocketPlaceComesLate(t *testing.T) {
	simulatedWith(t, Run, func(x *simulation) {
		x.m.Fail("Listen", syscall.EROFS, syscall.EROFS, syscall.EPERM)
	}, sole("app", "pause"), func(x *simulation) {
		x.says("nowhere to listen for slipway status and the like")
		x.sleep(62 * time.Second)
		x.is("app", control.Running)
	})
}
