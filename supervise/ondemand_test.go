package supervise

import (
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"slipway/supervise/config"
	"slipway/supervise/control"
	"slipway/supervise/kernel/kerneltest"
	"slipway/supervise/sockets"
)

// demanded is a program behind sockets that waits for somebody to connect.
func demanded(x *simulation, name string, idle time.Duration, list ...*sockets.Socket) config.Process {
	p := behind(x, name, list...)
	p.Start, p.IdleStop, p.Autostart = config.StartOnDemand, idle, false
	return p
}

// waitsFor checks that a program waits for somebody.
func (x *simulation) waitsFor(name, what string, state control.ProcessState) {
	x.t.Helper()
	if i := x.info(name); i.Demand != what || i.State != state {
		x.t.Errorf("%s is %s and waits for %q, want %s that waits for %q", name, i.State, i.Demand, state, what)
	}
}

// A program waits until somebody connects, and answers. One that has ended waits again, one
// that was stopped by hand does not.
func TestOnDemand(t *testing.T) {
	for _, address := range []string{"tcp://127.0.0.1:80", "unix:///run/web.sock", "unix://@web"} {
		for _, mode := range []Mode{Run, Daemon} {
			t.Run(mode.String()+" "+address, func(t *testing.T) {
				listeningWith(t, mode, func(x *simulation) *config.Config {
					return x.config(0, demanded(x, "web", 0, socketOf("http", address)))
				}, func(x *simulation) {
					_, at, _ := strings.Cut(address, "://")
					x.sleep(time.Hour)
					x.waitsFor("web", "a connection", control.Stopped)
					if got := x.answer(at); got == "" || got == "0" {
						t.Fatal("nobody answers")
					}
					x.up("web")
					x.says("starting web, as somebody connects to " + address)
					x.ask(control.Success, control.OpProcessSignal, control.String("web"), control.String("KILL"))
					x.until("another one answers", func() bool { return x.answer(at) != "" })
					x.up("web")

					name := control.String("web")
					x.ask(control.Success, control.OpProcessStop, name, waiting)
					conn, err := x.m.Dial(at, 0)
					if err != nil {
						t.Fatalf("refused: %v", err)
					}
					defer conn.Close()
					x.sleep(time.Hour)
					x.waitsFor("web", "", control.Stopped)
					x.ask(control.Success, control.OpProcessStart, name, waiting)
					x.up("web")
				})
			})
		}
	}
}

// A datagram starts a program as well, and is left for it.
func TestOnDemandOfDatagrams(t *testing.T) {
	deafWith(t, func(x *simulation) *config.Config {
		return x.config(0, demanded(x, "log", 0, socketOf("udp", "udp://127.0.0.1:514")))
	}, func(x *simulation) {
		x.sleep(time.Minute)
		x.waitsFor("log", "a datagram", control.Stopped)
		if err := x.m.SendTo("udp://127.0.0.1:514", "hello"); err != nil {
			t.Fatal(err)
		}
		x.until("it is said", func() bool { return x.count("starting log, as somebody sends to udp://127.0.0.1:514") == 1 })
		x.until("it runs", func() bool { return x.info("log").State == control.Running })
		x.sleep(time.Minute)
		if i := x.info("log"); i.Generation != 1 {
			t.Errorf("it was started %d times, though nobody takes the datagram", i.Generation)
		}
	})
}

// deafWith is listeningWith, with a program that accepts nobody.
func deafWith(t *testing.T, load func(*simulation) *config.Config, test func(*simulation)) {
	t.Helper()
	listeningWith(t, Run, load, func(x *simulation) {
		x.m.Install("/bin/server", func(p *kerneltest.Process) {
			for {
				p.Sleep(time.Hour)
			}
		})
		test(x)
	})
}

// A program that does not start is tried as any other, whoever waits, and is FATAL then.
func TestOnDemandOfWhatFails(t *testing.T) {
	listeningWith(t, Run, func(x *simulation) *config.Config {
		p := demanded(x, "web", 0, socketOf("http", "tcp://127.0.0.1:80"))
		p.OnFatal = config.OnFatalIgnore
		return x.config(0, p, x.playing("other", "pause"))
	}, func(x *simulation) {
		x.m.Install("/bin/server", func(p *kerneltest.Process) { p.Exit(1) })
		conn, err := x.m.Dial("127.0.0.1:80", 0)
		if err != nil {
			t.Fatal(err)
		}
		x.until("it is FATAL", func() bool { return x.info("web").State == control.Fatal })
		x.sleep(time.Hour)
		if i := x.info("web"); i.Generation != 4 || i.Demand != "" {
			t.Errorf("%d starts, waits for %q, want 4 and nothing", i.Generation, i.Demand)
		}
		x.says("whoever connects to tcp://127.0.0.1:80 waits until somebody starts web, which is FATAL")
		x.m.Install("/bin/server", answering)
		x.ask(control.Success, control.OpProcessStart, control.String("web"), waiting)
		if n, err := conn.Read(make([]byte, 8)); n == 0 {
			t.Errorf("who has waited is not answered: %v", err)
		}
	})
}

// A program that ends well and leaves the connection behind is started again with pauses.
func TestOnDemandOfWhatEndsQuickly(t *testing.T) {
	listeningWith(t, Run, func(x *simulation) *config.Config {
		p := demanded(x, "web", 0, socketOf("http", "tcp://127.0.0.1:80"))
		p.StartSecs = 0
		return x.config(0, p)
	}, func(x *simulation) {
		x.m.Install("/bin/server", func(p *kerneltest.Process) { p.Exit(0) })
		conn, err := x.m.Dial("127.0.0.1:80", 0)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		x.sleep(10 * time.Minute)
		i := x.info("web")
		if i.Generation < 10 || i.Generation > 17 { // 1+2+4+8+16+32 seconds, then each minute
			t.Errorf("%d starts in 10 minutes, want about 15", i.Generation)
		}
		x.waitsFor("web", "a connection", control.Exited)
	})
}

// What waits is taken out by a stop, and so is all of it by a stop of all.
func TestStopOfWhatWaits(t *testing.T) {
	listeningWith(t, Run, func(x *simulation) *config.Config {
		return x.config(0, demanded(x, "web", 0, socketOf("http", "tcp://127.0.0.1:80")), x.playing("other", "pause"))
	}, func(x *simulation) {
		x.up("other")
		x.ask(control.Success, control.OpAllStop, waiting)
		conn, err := x.m.Dial("127.0.0.1:80", 0)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		x.sleep(time.Minute)
		x.waitsFor("web", "", control.Stopped)
		x.ask(control.Success, control.OpProcessStart, control.String("web"), waiting)
		x.up("web")
	})
}

// The dependencies of a program are waited for with the connection.
func TestOnDemandWithDependency(t *testing.T) {
	listeningWith(t, Run, func(x *simulation) *config.Config {
		p := demanded(x, "web", 0, socketOf("http", "tcp://127.0.0.1:80"))
		p.DependsOn = []string{"db"}
		db := x.playing("db", "pause")
		db.Autostart = false
		return x.config(0, p, db)
	}, func(x *simulation) {
		conn, err := x.m.Dial("127.0.0.1:80", 0)
		if err != nil {
			t.Fatal(err)
		}
		x.sleep(time.Minute)
		if i := x.info("web"); i.Generation != 0 || i.Waiting == "" {
			t.Errorf("web was started %d times, and waits for %q", i.Generation, i.Waiting)
		}
		x.ask(control.Success, control.OpProcessStart, control.String("db"), waiting)
		if n, err := conn.Read(make([]byte, 8)); n == 0 {
			t.Errorf("not answered: %v", err)
		}
	})
}

// A reload that changes a program has it wait anew, and one whose address changes waits at the
// new one.
func TestOnDemandIsUpdated(t *testing.T) {
	at := "tcp://127.0.0.1:80"
	listeningWith(t, Run, func(x *simulation) *config.Config {
		return x.config(0, demanded(x, "web", 0, socketOf("http", at)), x.playing("other", "pause"))
	}, func(x *simulation) {
		x.up("other")
		at = "tcp://127.0.0.1:81"
		x.ask(control.Success, control.OpRestart)
		x.sleep(time.Second)
		x.waitsFor("web", "a connection", control.Stopped)
		if x.answer("127.0.0.1:80") != "" {
			t.Error("somebody answers at the old address")
		}
		if x.answer("127.0.0.1:81") == "" {
			t.Error("nobody answers at the new address")
		}
		at = "tcp://127.0.0.1:82"
		x.ask(control.Success, control.OpRestart)
		x.until("it waits again", func() bool { return x.info("web").Demand != "" })
		if x.answer("127.0.0.1:82") == "" {
			t.Error("nobody answers at the third address")
		}
	})
}

// A program is stopped when nobody was connected for idle_stop, not before, and the next one
// who connects starts it again. One who comes while it stops is answered by the next.
func TestIdleStop(t *testing.T) {
	const at = "127.0.0.1:80"
	listeningWith(t, Run, func(x *simulation) *config.Config {
		return x.config(0, demanded(x, "web", time.Minute, socketOf("http", "tcp://"+at)))
	}, func(x *simulation) {
		x.m.Install("/bin/server", patient)
		first, err := x.m.Dial(at, 0)
		if err != nil {
			t.Fatal(err)
		}
		x.sleep(10 * time.Minute)
		if i := x.info("web"); i.State != control.Running || i.Generation != 1 {
			t.Fatalf("it is %s (%d) while somebody is connected", i.State, i.Generation)
		}
		first.Close()
		x.sleep(59 * time.Second)
		if i := x.info("web"); i.State != control.Running {
			t.Fatalf("it is %s before its time", i.State)
		}
		x.until("it is stopped", func() bool { return x.info("web").State == control.Stopping })
		x.says("stopping web: nobody was connected for 1m0s (idle_stop)")
		late, err := x.m.Dial(at, 0)
		if err != nil {
			t.Fatalf("refused while it stops: %v", err)
		}
		text := make([]byte, 8)
		n, err := late.Read(text)
		if got := string(text[:n]); err != nil || got == "" {
			t.Fatalf("answered by %q, %v", got, err)
		}
		if i := x.info("web"); i.Generation != 2 || i.State == control.Stopping {
			t.Errorf("it is %s (%d), want another one", i.State, i.Generation)
		}
		late.Close()
		x.sleep(30 * time.Second)
		x.until("it is stopped again", func() bool { return x.info("web").Demand != "" })
		x.signal(syscall.SIGTERM)
		x.ends(time.Minute, 0)
	})
}

// patient is a program that serves one after the other, each until it goes away, and takes two
// seconds to stop, in which it accepts nobody.
func patient(p *kerneltest.Process) {
	p.Handle(syscall.SIGTERM, func() {
		p.Sleep(2 * time.Second)
		p.Exit(0)
	})
	for {
		if fd, err := p.Accept(3); err == nil {
			p.Print(fd, strconv.Itoa(p.PID()))
			p.Read(fd, make([]byte, 8)) // until it goes
			p.Close(fd)
		}
		p.Sleep(100 * time.Millisecond)
	}
}

// Where it cannot be seen who is connected, that is said once, and nothing is stopped. A look
// that fails now and then only makes the stop come later.
func TestIdleStopWithoutASight(t *testing.T) {
	listeningWith(t, Run, func(x *simulation) *config.Config {
		return x.config(0, demanded(x, "web", 10*time.Second, socketOf("http", "tcp://127.0.0.1:80")))
	}, func(x *simulation) {
		x.m.Fail("Connected", slices.Repeat([]error{syscall.ENOENT}, 100)...)
		x.ask(control.Success, control.OpProcessStart, control.String("web"), waiting)
		x.sleep(90 * time.Second)
		x.is("web", control.Running)
		if n := x.count("cannot see who is connected to tcp://127.0.0.1:80: "); n != 1 {
			t.Errorf("said %d times", n)
		}
		x.m.Forgive("Connected")
		x.sleep(30 * time.Second)
		x.waitsFor("web", "a connection", control.Stopped)
	})
}

// One who comes and goes between two looks counts, if the supervisor sees them wait.
func TestIdleStopSeesShortConnections(t *testing.T) {
	listeningWith(t, Run, func(x *simulation) *config.Config {
		return x.config(0, demanded(x, "web", time.Minute, socketOf("http", "tcp://127.0.0.1:80")))
	}, func(x *simulation) {
		x.m.Install("/bin/server", patient)
		for range 60 {
			conn, err := x.m.Dial("127.0.0.1:80", 0)
			if err != nil {
				t.Fatal(err)
			}
			x.sleep(time.Second) // it is accepted within a tenth of that, and the looks are 6 seconds apart
			conn.Close()
			x.sleep(50 * time.Second)
		}
		if i := x.info("web"); i.Generation != 1 {
			t.Errorf("it was started %d times in 50 minutes with a connection in each", i.Generation)
		}
	})
}

// A process that has taken the place of another is stopped when it is idle, as any.
func TestIdleStopAfterOverlap(t *testing.T) {
	listeningWith(t, Run, func(x *simulation) *config.Config {
		p := demanded(x, "web", time.Minute, socketOf("http", "tcp://127.0.0.1:80"))
		p.RestartMode = config.RestartOverlap
		return x.config(0, p)
	}, func(x *simulation) {
		x.ask(control.Success, control.OpProcessStart, control.String("web"), waiting)
		x.sleep(20 * time.Second)
		x.ask(control.Success, control.OpProcessRestart, control.String("web"), waiting)
		x.sleep(55 * time.Second)
		x.is("web", control.Running)
		x.sleep(20 * time.Second)
		x.waitsFor("web", "a connection", control.Stopped)
		if x.answer("127.0.0.1:80") == "" {
			t.Error("nobody answers")
		}
	})
}

// A container whose programs wait for somebody is ready.
func TestOnDemandIsReadyUpwards(t *testing.T) {
	told(t, nil, func(x *simulation) *config.Config {
		return x.config(0, demanded(x, "web", 0, socketOf("http", "tcp://127.0.0.1:80")))
	}, func(x *simulation, heard func() []string) {
		x.sleep(time.Second)
		if got := strings.Join(heard(), "\n"); got != "READY=1\nSTATUS=1 of 1 programs are ready" {
			t.Errorf("heard %q", got)
		}
		x.ask(control.Success, control.OpWaitReady, control.String("web"))
		x.signal(syscall.SIGTERM)
	})
}
