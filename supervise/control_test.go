package supervise

import (
	"reflect"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"slipway/supervise/config"
	"slipway/supervise/control"
	"slipway/supervise/kernel/kerneltest"
)

// waiting is the argument that asks for an answer when it is done.
var waiting = control.Bool(true)

// controlled runs a test of a supervisor with a program that runs, and some that cannot.
func controlled(t *testing.T, test func(*simulation)) {
	t.Helper()
	simulatedWith(t, Run, func(x *simulation) {
		x.m.Put("/etc/passwd", "root:x:0:0::/root:/bin/sh\n", 0o644)
	}, func(x *simulation) *config.Config {
		manual := func(p *config.Process) { p.Autostart = false }
		ignore := func(p *config.Process) { p.OnFatal = config.OnFatalIgnore }
		return x.config(9*time.Second, x.plays("sleep", "pause"), x.plays("ghost", "", manual, argv("/no/such")),
			x.plays("passwd", "", manual, argv("/etc/passwd")), x.plays("brief", "exit 1", manual, ignore))
	}, func(x *simulation) {
		x.up("sleep")
		test(x)
	})
}

func TestControlStartAndStop(t *testing.T) {
	controlled(t, func(x *simulation) {
		name := control.String("sleep")
		x.ask(control.AlreadyStarted, control.OpProcessStart, name, waiting)
		if first := x.is("sleep", control.Running); first.PID == 0 || first.Generation != 1 {
			t.Errorf("running: %+v", first)
		}
		x.ask(control.Success, control.OpProcessStop, name, waiting)
		if got := x.is("sleep", control.Stopped); got.PID != 0 || got.ExitStatus != -1 || got.Signal != 15 {
			t.Errorf("stopped: %+v", got)
		}
		x.ask(control.NotRunning, control.OpProcessStop, name, waiting)
		x.ask(control.Success, control.OpProcessStart, name, waiting)
		second := x.info("sleep")
		x.ask(control.Success, control.OpProcessRestart, name, waiting)
		if third := x.is("sleep", control.Running); third.PID == second.PID || third.Generation != 3 {
			t.Errorf("restarted: %+v after %+v", third, second)
		}
		x.ask(control.BadName, control.OpProcessStart, control.String("nobody"), waiting)
		x.ask(control.NoFile, control.OpProcessStart, control.String("ghost"), waiting)
		x.ask(control.NotExecutable, control.OpProcessStart, control.String("passwd"), waiting)
		x.ask(control.SpawnError, control.OpProcessStart, control.String("brief"), waiting)
		x.ask(control.Success, control.OpShutdown)
		x.ends(time.Second, 0)
	})
}

func TestControlGroups(t *testing.T) {
	statuses := func(v control.Value) (out []string) {
		for _, item := range v.List() {
			s := control.Read[control.Status](item)
			out = append(out, control.FullName(s.Group, s.Name)+" "+s.Code.Name())
		}
		return out
	}
	controlled(t, func(x *simulation) {
		for _, tt := range []struct {
			name   string
			method string
			args   []control.Value
			want   []string
		}{
			{"stop all", control.OpAllStop, []control.Value{waiting}, []string{"sleep SUCCESS"}},
			{"stop all again", control.OpAllStop, []control.Value{waiting}, nil},
			{"start group", control.OpGroupStart, []control.Value{control.String("sleep"), waiting}, []string{"sleep SUCCESS"}},
			{"start running group", control.OpGroupStart, []control.Value{control.String("sleep"), waiting}, nil},
			{"signal all", control.OpAllSignal, []control.Value{control.String("WINCH")}, []string{"sleep SUCCESS"}},
			{"start all", control.OpAllStart, []control.Value{waiting}, []string{"ghost NO_FILE", "passwd NOT_EXECUTABLE", "brief SPAWN_ERROR"}},
		} {
			if got := statuses(x.ask(control.Success, tt.method, tt.args...)); !reflect.DeepEqual(got, tt.want) {
				t.Errorf("%s: %s = %q, want %q", tt.name, tt.method, got, tt.want)
			}
		}
		x.ask(control.BadSignal, control.OpAllSignal, control.String("NONSENSE"))
		x.ask(control.BadName, control.OpGroupStop, control.String("nobody"), waiting)
	})
}

// chunks are the texts that have come of a stream.
func (x *simulation) chunks(call *simCall) (list []string) {
	for _, v := range x.stream(call) {
		list = append(list, v.Str())
	}
	return list
}

func TestControlStdinAndLogs(t *testing.T) {
	simulated(t, Daemon, sole("cat", "cat"), func(x *simulation) {
		x.up("cat")
		name := control.String("cat")
		x.ask(control.Success, control.OpProcessStdin, name, control.String("hello\n"))
		x.printed("cat", "hello\n")
		log := control.Read[control.LogInfo](x.ask(control.Success, control.OpProcessOpenLog, name, control.String("stdout")))
		if files := x.clients[0].conn.Files(); !log.Regular || log.Size != 6 || !reflect.DeepEqual(files, []string{"hello\n"}) {
			t.Errorf("log = %+v with %q", log, files)
		}
		x.ask(control.Success, control.OpProcessClearLogs, name)
		if got := x.file("cat.log"); got != "" {
			t.Errorf("cleared log holds %q", got)
		}
		recent := x.begin(control.OpProcessRecent, name, control.String("stdout"), control.Bool(true))
		if got := x.chunks(recent); !reflect.DeepEqual(got, []string{"hello\n"}) {
			t.Errorf("recent output = %q", got)
		}
		x.ask(control.Success, control.OpProcessStdin, name, control.String("more\n"))
		if got := x.chunks(recent); !reflect.DeepEqual(got, []string{"hello\n", "more\n"}) {
			t.Errorf("followed output = %q", got)
		}
		x.ask(control.BadArguments, control.OpProcessOpenLog, name, control.String("stdin"))
		x.ask(control.Success, control.OpProcessStop, name, waiting)
		x.ask(control.NotRunning, control.OpProcessStdin, name, control.String("x"))
	})
}

// What the watcher has written down is handed out as its file, where there is one.
func TestControlSources(t *testing.T) {
	simulated(t, Daemon, sole("cat", "cat"), func(x *simulation) {
		x.up("cat")
		x.ask(control.NoFile, control.OpSources)
		x.m.Put(x.s.cfg.Slipway.Runtime+"/"+control.SourcesFile, "[]\n", 0o600)
		info := control.Read[control.LogInfo](x.ask(control.Success, control.OpSources))
		if files := x.clients[0].conn.Files(); !info.Regular || info.Size != 3 || !reflect.DeepEqual(files, []string{"[]\n"}) {
			t.Errorf("file = %+v with %q", info, files)
		}
	})
}

// A tool that rotates logs renames a file, then asks for a new one of its name.
func TestControlReopensLogs(t *testing.T) {
	simulated(t, Daemon, sole("cat", "cat"), func(x *simulation) {
		x.up("cat")
		name := control.String("cat")
		x.ask(control.Success, control.OpProcessStdin, name, control.String("before\n"))
		x.printed("cat", "before\n")
		if err := x.m.Rename(x.path("cat.log"), x.path("cat.log.old")); err != nil {
			t.Fatal(err)
		}
		x.ask(control.Success, control.OpLogReopen)
		x.says("supervisord logreopen")
		x.ask(control.Success, control.OpProcessStdin, name, control.String("after\n"))
		x.sleep(time.Second)
		if got := x.file("cat.log"); got != "after\n" {
			t.Errorf("the new file holds %q, want what was written after", got)
		}
		if got := x.file("cat.log.old"); got != "before\n" {
			t.Errorf("the renamed file holds %q, want what was written before", got)
		}
	})
}

func TestControlEvents(t *testing.T) {
	controlled(t, func(x *simulation) {
		stream := x.begin(control.OpEventStream, control.Strings([]string{"PROCESS_STATE", "REMOTE_COMMUNICATION"}))
		x.ask(control.Success, control.OpEventSend, control.String("fish"), control.String("two"))
		x.ask(control.Success, control.OpProcessStop, control.String("sleep"), waiting)
		var got []string
		for _, v := range x.stream(stream) {
			e := control.Read[control.Event](v)
			got = append(got, e.Name+" "+strings.Fields(e.Payload + " -")[0])
		}
		want := []string{
			"REMOTE_COMMUNICATION type:fish", "PROCESS_STATE_STOPPING processname:sleep", "PROCESS_STATE_STOPPED processname:sleep",
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("events %q, want %q", got, want)
		}
	})
}

// A client that goes away while it waits undoes nothing, and its call is forgotten.
func TestControlClientGoesAway(t *testing.T) {
	for _, cancels := range []bool{true, false} {
		t.Run("withdraws its call first: "+strconv.FormatBool(cancels), func(t *testing.T) {
			controlled(t, func(x *simulation) {
				call := x.begin(control.OpProcessRestart, control.String("sleep"), waiting)
				if gone := x.clients[0]; cancels {
					gone.conn.Write(control.AppendFrame(nil, control.Frame{Kind: control.FrameCancel, ID: gone.next}))
					x.settle()
				}
				x.clients[0].conn.Close()
				x.clients = nil
				x.sleep(5 * time.Second)
				if got := x.is("sleep", control.Running); got.Generation != 2 {
					t.Errorf("generation %d, want the second half of the restart", got.Generation)
				}
				if call.answer != nil {
					t.Errorf("answer %+v to somebody who has gone", call.answer)
				}
				if n := x.open("socket"); n != 2 {
					t.Errorf("%d sockets are open, want the listener and the connection that asks", n)
				}
			})
		})
	}
}

// open counts the descriptors that the supervisor has for something.
func (x *simulation) open(what string) (n int) {
	for _, is := range x.m.Descriptors() {
		if is == what {
			n++
		}
	}
	return n
}

// The file that an answer brings along is closed when nobody is there to take it.
func TestControlAnswerForNobody(t *testing.T) {
	simulated(t, Run, sole("sleep", "pause"), func(x *simulation) {
		x.sleep(2 * time.Second)
		if x.dial(); x.open("socket") != 1 {
			t.Fatal("it was accepted before anybody had a look")
		}
		x.clients[0].call(control.OpProcessOpenLog, control.String("sleep"), control.String("stdout"))
		x.clients[0].conn.Close()
		x.clients = nil
		x.sleep(time.Second)
		x.is("sleep", control.Running)
		if sockets, logs := x.open("socket"), x.open(x.path("sleep.log")); sockets != 2 || logs != 1 {
			t.Errorf("%d sockets and %d logs are open, want the listener, the connection that asks, and the sink", sockets, logs)
		}
	})
}

func TestControlListIsInOrder(t *testing.T) {
	controlled(t, func(x *simulation) {
		var names []string
		for _, i := range control.ReadList[control.ProcessInfo](x.ask(control.Success, control.OpProcessList)) {
			names = append(names, i.Name)
		}
		if want := []string{"brief", "ghost", "passwd", "sleep"}; !reflect.DeepEqual(names, want) {
			t.Errorf("list = %q, want %q", names, want)
		}
	})
}

func TestControlAnswersDuringAStop(t *testing.T) {
	simulated(t, Run, deafWithBudget, func(x *simulation) {
		mood := func(want control.Mood) {
			t.Helper()
			if got := control.Read[control.SupervisorState](x.ask(control.Success, control.OpState)).Code; got != want {
				t.Errorf("mood %v, want %v", got, want)
			}
		}
		x.sleep(2 * time.Second)
		mood(control.MoodRunning)
		x.signal(syscall.SIGTERM)
		mood(control.MoodShutdown)
		x.is("deaf", control.Stopping)
		x.ask(control.Success, control.OpLogReopen)
		x.ask(control.ShutdownState, control.OpProcessStart, control.String("deaf"), waiting)
	})
}

// rereading runs a test of a supervisor that reads another configuration, "first", "second"
// or "broken", when the test has said so.
func rereading(t *testing.T, test func(x *simulation, which *string)) {
	t.Helper()
	which := "first"
	simulated(t, Run, func(x *simulation) *config.Config {
		same := x.plays("same", "pause")
		switch which {
		case "first":
			return x.config(0, same, x.plays("different", "print 1 first; pause"), x.plays("going", "pause"))
		case "second":
			return x.config(0, same, x.plays("different", "print 1 second; pause"), x.plays("coming", "pause"))
		}
		return nil
	}, func(x *simulation) {
		x.up("same", "different", "going")
		test(x, &which)
	})
}

func TestControlReread(t *testing.T) {
	rereading(t, func(x *simulation, which *string) {
		before := x.info("same")
		x.ask(control.Success, control.OpProcessStop, control.String("same"), waiting)
		*which = "second"
		got := control.Read[control.RereadResult](x.ask(control.Success, control.OpConfigReread))
		want := control.RereadResult{Added: []string{"coming"}, Changed: []string{"different"}, Removed: []string{"going"}}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("reread = %+v, want %+v", got, want)
		}
		different, coming := control.String("different"), control.String("coming")
		x.ask(control.AlreadyAdded, control.OpGroupAdd, different)
		x.ask(control.StillRunning, control.OpGroupRemove, different)
		x.ask(control.Success, control.OpGroupStop, different, waiting)
		x.ask(control.Success, control.OpGroupRemove, different)
		x.ask(control.Success, control.OpGroupAdd, different)
		x.ask(control.Success, control.OpGroupAdd, coming)
		x.up("coming", "different")
		if got := x.file("different.log"); got != "first\nsecond\n" {
			t.Errorf("what has run: %q", got)
		}
		if now := x.is("same", control.Stopped); now.Generation != before.Generation {
			t.Errorf("an unchanged program that was stopped by hand was touched: %+v", now)
		}
	})
}

func TestHangupUpdatesARunningContainer(t *testing.T) {
	rereading(t, func(x *simulation, which *string) {
		same, different := x.info("same"), x.info("different")
		*which = "second"
		x.signal(syscall.SIGHUP)
		x.sleep(5 * time.Second)
		x.says("updated process group different")
		x.up("coming", "different")
		x.ask(control.BadName, control.OpProcessGet, control.String("going"))
		if now := x.info("same"); now.PID != same.PID {
			t.Errorf("an unchanged program was restarted")
		}
		if now := x.info("different"); now.PID == different.PID {
			t.Errorf("a changed program was not restarted")
		}
		*which = "broken"
		x.signal(syscall.SIGHUP)
		x.sleep(5 * time.Second)
		x.says("cannot reload the configuration, the running one is kept: broken")
		if now := x.is("same", control.Running); now.PID != same.PID {
			t.Errorf("a bad configuration restarted a program")
		}
	})
}

// listening is a configuration of an event listener and another program.
func (x *simulation) listening(events, handler string, listener, other config.Process) *config.Config {
	listener.Priority, listener.Stdout, listener.RedirectStderr = -1, config.Output{}, false
	cfg := x.config(9*time.Second, listener, other)
	g := &cfg.Groups[0]
	g.Kind, g.Events, g.BufferSize, g.ResultHandler = config.KindListener, []string{events}, 100, handler
	return cfg
}

// echo is the event listener of supervisor_stdout: it answers each event with the event.
func echo(p *kerneltest.Process) {
	for {
		p.Print(1, "READY\n")
		header, err := p.ReadLine(0)
		if err != nil {
			return
		}
		_, length, _ := strings.Cut(header, " len:")
		n, err := strconv.Atoi(length)
		if err != nil {
			p.Exit(2)
		}
		event := make([]byte, n)
		for done := 0; done < n; {
			more, err := p.Read(0, event[done:])
			if err != nil {
				return
			}
			done += more
		}
		p.Print(1, "RESULT "+length+"\n"+string(event))
	}
}

// What files say that use supervisor_stdout: a listener that answers with the event, and
// the handler that prints it.
func TestAnswersOfSupervisorStdoutArePrinted(t *testing.T) {
	simulatedWith(t, Run, func(x *simulation) { x.m.Install("/bin/echo", echo) }, func(x *simulation) *config.Config {
		loud := x.plays("loud", "print 1 one; print 1 two; pause")
		loud.Stdout.EventsEnabled = true
		return x.listening("PROCESS_LOG", config.StdoutHandler, x.program("stdout", "/bin/echo"), loud)
	}, func(x *simulation) {
		x.sleep(2 * time.Second)
		if got, want := x.m.Output(1), "loud stdout | one\nloud stdout | two\n"; got != want {
			t.Errorf("standard output has %q, want %q", got, want)
		}
		x.signal(syscall.SIGTERM)
		x.ends(time.Second, 0)
		if x.count("rejected") > 0 {
			t.Error("an answer was taken for a rejection")
		}
	})
}

// An answer may come in pieces.
func TestListenerAnswersInPieces(t *testing.T) {
	const script = "print 1 READY; read 0; print 1 RESULT 3; sleep 100ms; fill 1 2; sleep 100ms; fill 1 1; pause"
	simulated(t, Run, func(x *simulation) *config.Config {
		return x.listening("PROCESS_STATE", "", x.plays("slow", script), x.plays("sleep", "pause"))
	}, func(x *simulation) {
		x.sleep(1150 * time.Millisecond)
		if x.count("rejected") > 0 {
			t.Error("rejected before the whole answer has come")
		}
		x.sleep(time.Second)
		x.says("slow: event was rejected")
		if x.count("UNKNOWN") > 0 {
			t.Error("pieces were taken for nonsense")
		}
	})
}

func TestBrokenListener(t *testing.T) {
	for _, tt := range []struct{ name, script, says string }{
		{"nonsense", "print 1 hello; pause", "rude: ACKNOWLEDGED -> UNKNOWN"},
		{"nonsense for an answer", "print 1 READY; read 0; print 1 RESULT some; pause", "rude: bad result line: 'RESULT some'"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			simulated(t, Run, func(x *simulation) *config.Config {
				return x.listening("PROCESS_STATE", "", x.plays("rude", tt.script), x.plays("sleep", "pause"))
			}, func(x *simulation) {
				x.sleep(2 * time.Second)
				x.says(tt.says)
				x.says("rude: has entered the UNKNOWN state and will no longer receive events")
				x.signal(syscall.SIGTERM)
				x.ends(time.Second, 0)
			})
		})
	}
}
