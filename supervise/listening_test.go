package supervise

import (
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"slipway/supervise/config"
	"slipway/supervise/control"
	"slipway/supervise/dialect"
	"slipway/supervise/kernel/kerneltest"
	"slipway/supervise/sockets"
)

// answering is a program that answers whoever connects to descriptor 3 with its number.
func answering(p *kerneltest.Process) {
	p.Print(1, "told "+strings.Join([]string{p.Env("LISTEN_PID"), p.Env("LISTEN_FDS"), p.Env("LISTEN_FDNAMES")}, " ")+", is "+strconv.Itoa(p.PID()))
	for {
		fd, err := p.Accept(3)
		if err == nil {
			p.Print(fd, strconv.Itoa(p.PID()))
			p.Close(fd)
		} else if err != syscall.EAGAIN {
			p.Print(1, "cannot accept: "+err.Error())
			p.Exit(9)
		}
		p.Sleep(10 * time.Millisecond)
	}
}

// socketOf is a [socket:NAME] section.
func socketOf(name, listen string) *sockets.Socket {
	is := &sockets.Socket{Name: name, Mode: 0o660, UID: -1, GID: -1, Backlog: 100, Pos: dialect.Pos{File: "/etc/x.conf", Line: 7}}
	is.Address, _ = sockets.ParseAddress(listen)
	return is
}

// behind is a program that answers behind sockets.
func behind(x *simulation, name string, list ...*sockets.Socket) config.Process {
	p := x.program(name, "/bin/server")
	for _, is := range list {
		p.Sockets = append(p.Sockets, is.Name)
	}
	p.Listen = list
	return p
}

// listeningWith is simulated on a machine with holders, and with the program of answering.
func listeningWith(t *testing.T, mode Mode, load func(*simulation) *config.Config, test func(*simulation)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		x := simulate(t, mode, kerneltest.Settings{Holders: true}, load)
		x.m.Install("/bin/server", answering)
		x.during(func() { test(x) })
	})
}

// answer connects to an address and returns what it is answered, "" if it is refused.
func (x *simulation) answer(address string) string {
	x.t.Helper()
	conn, err := x.m.Dial(address, 0)
	if err != nil {
		return ""
	}
	defer conn.Close()
	var text string
	buf := make([]byte, 64)
	x.until("there is an answer at "+address, func() bool {
		n, err := conn.Read(buf)
		text += string(buf[:max(n, 0)])
		return err != nil && err != syscall.EAGAIN
	})
	return strings.TrimSpace(text)
}

// A program has its sockets from 3 on, is told so by the numbers and names that
// sd_listen_fds(3) looks for, and is the process that is told.
func TestSocketsOfAProgram(t *testing.T) {
	for _, mode := range []Mode{Run, Daemon} {
		t.Run(mode.String(), func(t *testing.T) {
			listeningWith(t, mode, func(x *simulation) *config.Config {
				return x.config(0, behind(x, "web", socketOf("http", "tcp://127.0.0.1:80"), socketOf("admin", "unix:///run/admin.sock")))
			}, func(x *simulation) {
				x.up("web")
				pid := strconv.Itoa(int(x.info("web").PID))
				x.printed("web", "told "+pid+" 2 http:admin, is "+pid)
				if got := x.answer("127.0.0.1:80"); got != pid {
					t.Errorf("answered by %q, want %s", got, pid)
				}
			})
		})
	}
}

// Whoever connects while the program is down waits, and is answered by the next one.
func TestNobodyIsRefused(t *testing.T) {
	listeningWith(t, Run, func(x *simulation) *config.Config {
		return x.config(0, behind(x, "web", socketOf("http", "tcp://127.0.0.1:80")))
	}, func(x *simulation) {
		x.up("web")
		name := control.String("web")
		for _, end := range []func(){
			func() { x.ask(control.Success, control.OpProcessRestart, name, control.Bool(false)) },
			func() { x.ask(control.Success, control.OpProcessSignal, name, control.String("KILL")) },
			func() {
				x.ask(control.Success, control.OpProcessStop, name, waiting)
				conn, err := x.m.Dial("127.0.0.1:80", 0)
				if err != nil {
					t.Fatalf("refused while the program is stopped: %v", err)
				}
				conn.Close()
				x.ask(control.Success, control.OpProcessStart, name, control.Bool(false))
			},
		} {
			before := strconv.Itoa(int(x.info("web").PID))
			end()
			x.until("another one answers", func() bool {
				got := x.answer("127.0.0.1:80")
				if got == "" {
					t.Fatal("refused")
				}
				return got != before
			})
		}
	})
}

// A change of an address has the program get the new socket; a change of anything else is made
// to the socket that there is, and the program is left alone.
func TestSocketsAreUpdated(t *testing.T) {
	is := socketOf("http", "tcp://127.0.0.1:80")
	named := []*sockets.Socket{is}
	listeningWith(t, Run, func(x *simulation) *config.Config {
		return x.config(0, behind(x, "web", named...), x.playing("other", "pause"))
	}, func(x *simulation) {
		x.up("web")
		first := x.info("web").PID

		changed := *is
		changed.Backlog, changed.Pos.Line = 5, 9
		named = []*sockets.Socket{&changed}
		x.ask(control.Success, control.OpRestart)
		x.sleep(time.Second)
		if now := x.info("web").PID; now != first {
			t.Error("the program was restarted for a longer queue")
		}

		named = []*sockets.Socket{socketOf("http", "tcp://127.0.0.1:81")}
		x.ask(control.Success, control.OpRestart)
		x.up("web")
		if got := x.answer("127.0.0.1:81"); got == "" || got == strconv.Itoa(int(first)) {
			t.Errorf("answered by %q at the new address, want another one than %d", got, first)
		}
		if x.answer("127.0.0.1:80") != "" {
			t.Error("somebody answers at the old address")
		}

		named = nil
		x.ask(control.Success, control.OpRestart)
		x.until("nobody listens", func() bool { return x.answer("127.0.0.1:81") == "" })
	})
}

// A program that was not restarted for a change of its socket gets the socket as it is now.
func TestChangedSocketStaysChanged(t *testing.T) {
	is := socketOf("admin", "unix:///run/admin.sock")
	listeningWith(t, Run, func(x *simulation) *config.Config {
		return x.config(0, behind(x, "web", is), x.playing("other", "pause"))
	}, func(x *simulation) {
		x.up("web")
		changed := *is
		changed.Mode = 0o600
		is = &changed
		x.ask(control.Success, control.OpRestart)
		x.ask(control.Success, control.OpProcessRestart, control.String("web"), waiting)
		x.up("web")
		if i, err := x.m.Stat("/run/admin.sock"); err != nil || i.Mode&0o777 != 0o600 {
			t.Errorf("the file: %o, %v, want 600", i.Mode, err)
		}
	})
}

// A socket stays while supervisorctl update replaces the group of its program.
func TestSocketStaysThroughUpdate(t *testing.T) {
	version := "1"
	listeningWith(t, Run, func(x *simulation) *config.Config {
		p := behind(x, "web", socketOf("http", "tcp://127.0.0.1:80"))
		p.Environment = []dialect.Var{{Name: "VERSION", Value: version}}
		return x.config(0, p, x.playing("other", "pause"))
	}, func(x *simulation) {
		x.up("web")
		version = "2"
		name := control.String("web")
		x.ask(control.Success, control.OpConfigReread)
		x.ask(control.Success, control.OpGroupStop, name, waiting)
		x.ask(control.Success, control.OpGroupRemove, name)
		conn, err := x.m.Dial("127.0.0.1:80", 0)
		if err != nil {
			t.Fatalf("refused while the group is replaced: %v", err)
		}
		conn.Close()
		x.ask(control.Success, control.OpGroupAdd, name)
		if x.answer("127.0.0.1:80") == "" {
			t.Error("nobody answers")
		}
	})
}

// An address that somebody else has is an error that names the section: a start does not
// begin, and a new configuration is not taken over.
func TestAddressInUse(t *testing.T) {
	const want = "cannot listen at tcp://127.0.0.1:80 ([socket:http], /etc/x.conf:7): another program listens there already"
	t.Run("at the start", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			x := simulate(t, Run, kerneltest.Settings{}, func(x *simulation) *config.Config {
				return x.config(0, behind(x, "web", socketOf("http", "tcp://127.0.0.1:80")))
			})
			if _, err := x.m.Bind(socketOf("other", "tcp://127.0.0.1:80")); err != nil {
				t.Fatal(err)
			}
			if err := x.s.Begin(); err == nil || err.Error() != want {
				t.Errorf("the start: %v, want %s", err, want)
			}
		})
	})
	t.Run("later", func(t *testing.T) {
		at := "tcp://127.0.0.1:81"
		listeningWith(t, Run, func(x *simulation) *config.Config {
			return x.config(0, behind(x, "web", socketOf("new", "tcp://127.0.0.1:82"), socketOf("http", at)))
		}, func(x *simulation) {
			x.up("web")
			fd, err := x.m.Bind(socketOf("other", "tcp://127.0.0.1:80"))
			if err != nil {
				t.Fatal(err)
			}
			before := x.info("web").PID
			at = "tcp://127.0.0.1:80"
			x.signal(syscall.SIGHUP)
			x.until("it is said", func() bool { return x.count(want) == 1 })
			x.sleep(5 * time.Second)
			if now := x.info("web").PID; now != before {
				t.Error("the program was restarted")
			}
			x.m.Close(fd)
		})
	})
}

// Who connects when the end has begun is refused, as there will be nobody to answer; files go
// with the sockets.
func TestSocketsAtTheEnd(t *testing.T) {
	listeningWith(t, Run, func(x *simulation) *config.Config {
		return x.config(0, behind(x, "web", socketOf("file", "unix:///run/web.sock"), socketOf("http", "tcp://127.0.0.1:80")), x.playing("slow", "on TERM sleep 2s", "pause"))
	}, func(x *simulation) {
		x.up("web")
		if i, err := x.m.Stat("/run/web.sock"); err != nil || i.Mode&0o777 != 0o660 {
			t.Errorf("the file: %o, %v", i.Mode, err)
		}
		x.signal(syscall.SIGTERM)
		x.sleep(time.Second)
		if _, err := x.m.Dial("127.0.0.1:80", 0); err != syscall.ECONNREFUSED {
			t.Errorf("connecting during the stop: %v, want ECONNREFUSED", err)
		}
		x.over()
		if _, err := x.m.Stat("/run/web.sock"); err != syscall.ENOENT {
			t.Errorf("the file is left: %v", err)
		}
		if held := slices.Collect(func(yield func(string) bool) {
			for _, what := range x.m.Descriptors() {
				if strings.Contains(what, "80") && !yield(what) {
					return
				}
			}
		}); len(held) > 0 {
			t.Errorf("held at the end: %v", held)
		}
	})
}

// Where no holder can be, a shell says the number of the process that it becomes.
func TestSocketsWithoutAHolder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x := simulate(t, Run, kerneltest.Settings{}, func(x *simulation) *config.Config {
			return x.config(0, behind(x, "web", socketOf("http", "tcp://127.0.0.1:80")))
		})
		x.m.Install("/bin/server", answering)
		x.m.Install("/bin/sh", func(p *kerneltest.Process) {
			if want := `export LISTEN_PID=$$; exec "$0" "$@" /bin/server`; strings.Join(p.Args[2:], " ") != want {
				t.Errorf("arguments %q, want %q", p.Args[2:], want)
			}
			answering(p)
		})
		x.during(func() {
			x.up("web")
			if x.answer("127.0.0.1:80") == "" {
				t.Error("nobody answers")
			}
		})
	})
}

// What nobody answers at any more is let go of after supervisorctl update as well, so that who
// connects is refused and does not wait for nobody.
func TestUpdateLetsGoOfSockets(t *testing.T) {
	address := "tcp://127.0.0.1:80"
	listeningWith(t, Run, func(x *simulation) *config.Config {
		return x.config(0, behind(x, "web", socketOf("http", address)), x.playing("other", "pause"))
	}, func(x *simulation) {
		x.up("web")
		address = "tcp://127.0.0.1:81"
		name := control.String("web")
		x.ask(control.Success, control.OpConfigReread)
		x.ask(control.Success, control.OpGroupStop, name, waiting)
		x.ask(control.Success, control.OpGroupRemove, name)
		x.ask(control.Success, control.OpGroupAdd, name)
		if x.answer("127.0.0.1:81") == "" {
			t.Error("nobody answers at the new address")
		}
		conn, err := x.m.Dial("127.0.0.1:80", 0)
		if err == nil {
			conn.Close()
			t.Error("the old address is still listened at, and nobody answers there")
		}
	})
}
