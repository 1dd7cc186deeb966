package supervise

import (
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"slipway/supervise/config"
	"slipway/supervise/kernel/kerneltest"
)

// told simulates a container whose owner listens; it hears what the supervisor says.
func told(t *testing.T, main []string, load func(*simulation) *config.Config, test func(x *simulation, heard func() []string)) {
	var fd int
	simulatedOn(t, kerneltest.Settings{}, Run, func(x *simulation) {
		var name string
		var err error
		if fd, name, err = x.m.ListenNotify(); err != nil {
			t.Fatal(err)
		}
		x.s.opts.Main, x.s.post.Main = main, len(main) > 0
		x.s.maker.Environ = append(x.s.maker.Environ, "NOTIFY_SOCKET="+name)
	}, load, func(x *simulation) {
		test(x, func() (list []string) {
			buf := make([]byte, 4096)
			for {
				n, _, err := x.m.ReceiveNotify(fd, buf)
				if err != nil {
					return list
				}
				list = append(list, string(buf[:n]))
			}
		})
		if len(main) == 0 {
			x.over()
		}
		x.m.Close(fd)
	})
}

// The owner of the container hears when it is ready, how far it is, and that it ends.
func TestReadinessUpwards(t *testing.T) {
	load := deps(func(x *simulation) []config.Process {
		return []config.Process{x.plays("db", "pause", ready("exec:need /up", 0)), x.plays("app", "env 1 NOTIFY_SOCKET; pause", dependsOn("db")), x.plays("job", "exit 0", oneshot)}
	})
	told(t, nil, load, func(x *simulation, heard func() []string) {
		x.sleep(5 * time.Second)
		got := heard()
		if want := "STATUS=1 of 3 programs are ready, waiting for app, db"; len(got) == 0 || got[len(got)-1] != want {
			t.Errorf("heard %q, want %q at last", got, want)
		}
		x.m.Put("/up", "", 0o644)
		x.sleep(5 * time.Second)
		got = heard()
		if want := "READY=1\nSTATUS=3 of 3 programs are ready"; len(got) == 0 || got[len(got)-1] != want {
			t.Errorf("heard %q, want %q at last", got, want)
		}
		x.printed("app", "\n")
		if text := x.file("app.log"); text != "\n" {
			t.Errorf("a program has the container's NOTIFY_SOCKET %q", text)
		}
		x.signal(syscall.SIGTERM)
		x.over()
		if got, want := heard(), []string{"STOPPING=1\nSTATUS=stopping"}; !slices.Equal(got, want) {
			t.Errorf("heard %q, want %q", got, want)
		}
	})
}

// A command that stands for the container says itself how it is.
func TestReadinessOfACommand(t *testing.T) {
	told(t, []string{"/bin/play", `notify READY=1\nSTATUS=mine; sleep 5s; exit 0`}, func(x *simulation) *config.Config { return x.config(0) }, func(x *simulation, heard func() []string) {
		x.over()
		if got, want := heard(), []string{"READY=1\nSTATUS=mine"}; !slices.Equal(got, want) {
			t.Errorf("heard %q, want %q", got, want)
		}
	})
}

// Nobody who listens is said once.
func TestNobodyIsToldUpwards(t *testing.T) {
	simulatedWith(t, Run, func(x *simulation) { x.s.maker.Environ = append(x.s.maker.Environ, "NOTIFY_SOCKET=/run/nobody") }, sole("web", "pause"), func(x *simulation) {
		x.up("web")
		x.signal(syscall.SIGTERM)
		x.ends(time.Second, 0)
		if n := x.count("cannot tell /run/nobody (NOTIFY_SOCKET) how the container is: ECONNREFUSED; it is not tried again"); n != 1 {
			t.Errorf("it was said %d times, want once", n)
		}
	})
}

// The termination message tells no secret: neither a value, nor one over several lines, nor a
// form of it, nor a password in a URL.
func TestTerminationMessageTellsNoSecret(t *testing.T) {
	const script = "print 1 password hunter2-hunter2 refused; print 1 key line-one-of-it; print 1 line-two-of-it; print 1 aHVudGVyMi1odW50ZXIy; print 1 http://u:open-sesame@db/; sleep 3s; exit 4"
	simulatedWith(t, Run, func(x *simulation) {
		x.m.Put("/dev/termination-log", "", 0o666)
		x.s.maker.Environ = append(x.s.maker.Environ, "PASSWORD=hunter2-hunter2", "KEY=line-one-of-it\nline-two-of-it")
		x.s.maker.Secrets = append(x.s.maker.Secrets, "PASSWORD", "KEY")
	}, sole("web", script, func(p *config.Process) { p.OnExit = config.OnExitShutdown }), func(x *simulation) {
		x.ends(time.Minute, 4)
		got := x.m.Text("/dev/termination-log")
		for _, secret := range []string{"hunter2", "line-one", "line-two", "aHVudGVyMi1odW50ZXIy", "sesame"} {
			if strings.Contains(got, secret) {
				t.Errorf("the message tells %s:\n%s", secret, got)
			}
		}
		for _, word := range []string{"web has ended (on_exit=shutdown); exit status 4\n", "password ", " refused", "@db/"} {
			if !strings.Contains(got, word) {
				t.Errorf("the message lacks %q:\n%s", word, got)
			}
		}
	})
}

// What has ended the container stands where Kubernetes looks for it.
func TestTerminationMessage(t *testing.T) {
	ends := func(p *config.Process) { p.OnExit = config.OnExitShutdown }
	for _, tt := range []struct {
		name, file, script string
		change             func(*config.Process)
		asked              bool
		code               int
		want               string
	}{
		{"its end", "/dev/termination-log", "print 1 opening; sleep 3s; print 1 cannot open the door; exit 4", ends, false, 4,
			"web has ended (on_exit=shutdown); exit status 4\nopening\ncannot open the door\n"},
		{"its failure", "/dev/termination-log", "print 1 no door; exit 3", retries(0), false, 3,
			"web cannot be kept up: Exited too quickly (process log may have details) (on_fatal=ignore goes on without it); exit status 3\nno door\n"},
		{"another file", "/var/log/why", "sleep 3s; exit 4", ends, false, 4, "web has ended (on_exit=shutdown); exit status 4\n"},
		{"asked to", "/dev/termination-log", "pause", ends, true, 0, ""},
		{"no such file", "", "sleep 3s; exit 4", ends, false, 4, ""},
		{"much output", "/dev/termination-log", "flood 1 900; sleep 3s; exit 4", ends, false, 4, "line 899\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			simulatedWith(t, Run, func(x *simulation) {
				switch tt.file {
				case "":
				case "/dev/termination-log":
					x.m.Put(tt.file, "", 0o666)
				default:
					x.s.maker.Environ = append(x.s.maker.Environ, "SLIPWAY_TERMINATION_LOG="+tt.file)
				}
			}, sole("web", tt.script, tt.change), func(x *simulation) {
				if tt.asked {
					x.up("web")
					x.signal(syscall.SIGTERM)
				}
				x.ends(time.Minute, tt.code)
				if tt.file == "" {
					if _, err := x.m.Stat("/dev/termination-log"); err == nil {
						t.Error("there is a file that nobody has made")
					}
					return
				}
				got := x.m.Text(tt.file)
				if len(got) > 4096 || got != tt.want && !(strings.HasPrefix(tt.want, "line") && strings.HasSuffix(got, tt.want)) {
					t.Errorf("the message is %q (%d bytes), want %q", got, len(got), tt.want)
				}
			})
		})
	}
}
