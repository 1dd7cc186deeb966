package supervise

import (
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"slipway/supervise/config"
	"slipway/supervise/control"
	"slipway/supervise/kernel/kerneltest"
	"slipway/supervise/ownership"
)

// The faults that a supervisor has to survive, one test each; the numbers are those of
// the list in docs/supervision.md. Those that are about Linux are in processes_test.go.

func TestF3RestOfTheGroupIgnoresTERM(t *testing.T) {
	const half = "fork (ignore TERM; pause); on TERM exit 0; pause"
	simulated(t, Run, sole("half", half, stopWait(time.Second)), func(x *simulation) {
		x.sleep(2 * time.Second)
		if n := len(x.m.Processes()); n != 2 {
			t.Fatalf("%d processes, want the program and the rest of its group", n)
		}
		x.signal(syscall.SIGTERM)
		if took := x.over(); took != time.Second || x.code != 0 {
			t.Errorf("ended with %d after %v, want 0 when the rest of the group has had its stopwaitsecs", x.code, took)
		}
		x.empty()
	})
}

// crash is a program that leaves a process in another session behind each time.
const crash = "fork (setsid; pause); print 1 start; sleep 500ms; exit 1"

func TestF4CrashLeavesStraysInAnotherSession(t *testing.T) {
	simulated(t, Run, sole("crash", crash, startSecs(0)), func(x *simulation) {
		for range 100 {
			x.sleep(100 * time.Millisecond)
			if n := len(x.m.Processes()); n > 2 {
				t.Fatalf("%d processes, want the present run and its stray at most", n)
			}
		}
		if n := strings.Count(x.file("crash.log"), "start"); n < 3 {
			t.Errorf("%d starts in 10 s, want more", n)
		}
		if n := x.count("left descendants outside of its group behind"); n != 1 {
			t.Errorf("said %d times, want once", n)
		}
		x.signal(syscall.SIGTERM)
		x.ends(5*time.Second, 0)
		x.empty()
	})
}

// Supervisor leaves strays alone, until the container ends.
func TestF4AsDaemon(t *testing.T) {
	simulated(t, Daemon, sole("crash", crash, startSecs(0)), func(x *simulation) {
		x.until("three starts", func() bool { return strings.Count(x.file("crash.log"), "start") >= 3 })
		if n := len(x.m.Processes()); n != 4 {
			t.Errorf("%d processes, want the program and all its strays", n)
		}
		x.signal(syscall.SIGTERM)
		x.ends(5*time.Second, 0)
		x.says("reaped unknown pid ")
		x.empty()
	})
}

// A program that closes its output is not looked at again and again.
func TestF8ProgramClosesItsOutput(t *testing.T) {
	for _, rest := range []string{"pause", "fork (close 1; close 2; pause); pause"} {
		t.Run(rest, func(t *testing.T) {
			simulated(t, Run, sole("shy", "print 1 up; close 1; close 2; "+rest), func(x *simulation) {
				x.sleep(time.Minute)
				x.says("entered RUNNING state")
				before := x.passes.Load()
				x.sleep(time.Minute)
				if n := x.passes.Load() - before; n > 0 {
					t.Errorf("the loop has woken up %d times in a minute of nothing", n)
				}
				x.signal(syscall.SIGTERM)
				x.ends(time.Second, 0)
			})
		})
	}
}

func TestF9GrandchildHoldsTheOutput(t *testing.T) {
	const leaver = "fork (sleep 5s; print 1 late); print 1 start; sleep 400ms; exit 1"
	simulated(t, Daemon, sole("leaver", leaver), func(x *simulation) {
		x.sleep(time.Minute)
		text := x.file("leaver.log")
		if late := strings.Index(text, "late"); strings.Count(text[:max(late, 0)], "start") < 2 {
			t.Errorf("the log is\n%s\nwant a restart while the pipe is held", text)
		}
		if starts, late := strings.Count(text, "start"), strings.Count(text, "late"); starts != late {
			t.Errorf("%d starts, and %d lines of those who were left behind", starts, late)
		}
		x.signal(syscall.SIGTERM)
		x.ends(time.Second, 0)
	})
}

func TestF14ProgramStopsItself(t *testing.T) {
	simulated(t, Daemon, sole("frozen", "print 1 up; raise STOP; pause"), func(x *simulation) {
		x.sleep(2 * time.Second)
		x.says("entered RUNNING state")
		if list := x.m.Processes(); len(list) != 1 || !list[0].Stopped {
			t.Fatalf("processes %v, want one that is stopped", list)
		}
		x.signal(syscall.SIGTERM)
		x.ends(100*time.Millisecond, 0)
	})
}

func TestF47HangupStartsADaemonAnew(t *testing.T) {
	simulated(t, Daemon, sole("sleep", "pause"), func(x *simulation) {
		x.sleep(2 * time.Second)
		x.signal(syscall.SIGHUP)
		x.sleep(5 * time.Second)
		if n := x.count("spawned: 'sleep'"); n != 2 {
			t.Errorf("%d starts, want a second one", n)
		}
		x.signal(syscall.SIGTERM)
		x.ends(time.Second, 0)
	})
}

// A supervisor that is not PID 1 ends what is its own, and hits nobody else.
func TestF53NotPID1(t *testing.T) {
	for _, mode := range []Mode{Run, Daemon} {
		t.Run(mode.String(), func(t *testing.T) {
			simulatedOn(t, kerneltest.Settings{PID: 100}, mode, func(*simulation) {}, sole("sleep", "fork (setsid; pause); pause"), func(x *simulation) {
				bystander := x.m.Enter([]string{"bystander"}, func(p *kerneltest.Process) { p.Pause() })
				x.sleep(2 * time.Second)
				x.signal(syscall.SIGTERM)
				x.ends(5*time.Second, 0)
				left := func(p kerneltest.Info) bool { return p.PID == bystander && !p.Zombie }
				if list := x.m.Processes(); !slices.ContainsFunc(list, left) {
					t.Errorf("processes %v, want that the one which is none of ours is still there", list)
				}
			})
		})
	}
}

// PID 1 ends everybody: the container is over.
func TestPID1EndsWhatIsLeft(t *testing.T) {
	for _, stray := range []string{"pause", "ignore TERM; pause"} {
		t.Run(stray, func(t *testing.T) {
			simulated(t, Daemon, sole("sleep", "fork (setsid; "+stray+"); pause"), func(x *simulation) {
				x.m.Enter([]string{"entered"}, func(p *kerneltest.Process) { p.Pause() })
				x.sleep(2 * time.Second)
				x.signal(syscall.SIGTERM)
				x.ends(ownership.SweepWait+killWait, 0)
				x.empty()
			})
		})
	}
}

// beating runs a test of a supervisor with a program that prints to its standard output
// without end, as endless says, and another one that has to be restarted all the time: where
// the loop itself writes the output, and where it cannot.
func beating(t *testing.T, endless kerneltest.Program, test func(*simulation)) {
	for name, waits := range map[string]bool{"written by the loop": false, "written beside the loop": true} {
		t.Run(name, func(t *testing.T) {
			simulatedOn(t, kerneltest.Settings{Stalls: true, Waits: waits}, Run, func(x *simulation) {
				x.m.Install("/bin/endless", endless)
			}, func(x *simulation) *config.Config {
				loud := x.program("endless", "/bin/endless")
				loud.Stdout.Logfile = "/dev/stdout"
				return x.config(9*time.Second, loud, x.plays("other", "sleep 500ms; print 1 beat; exit 1", startSecs(0)))
			}, test)
		})
	}
}

// beats insists that the other program of beating is kept going.
func (x *simulation) beats() {
	x.t.Helper()
	before := strings.Count(x.file("other.log"), "beat")
	x.until("the other program is restarted three times", func() bool {
		return strings.Count(x.file("other.log"), "beat") >= before+3
	})
}

// The program that floods waits for the reader, and nobody else does.
func TestF62OutputIsNotRead(t *testing.T) {
	var written atomic.Int64
	beating(t, func(p *kerneltest.Process) {
		text := strings.Repeat("0123456789012345678901234567890123456789\n", 100)
		written.Store(0) // of an earlier machine
		for {
			p.Print(1, text)
			written.Add(int64(len(text)))
			p.Sleep(time.Millisecond)
		}
	}, func(x *simulation) {
		x.m.Stall(1, true)
		x.beats()
		held := written.Load()
		x.beats()
		if now := written.Load(); now != held || held > 1<<20 {
			t.Errorf("%d bytes were written, later %d, want that the program waits after a MiB at most", held, now)
		}
		x.m.Stall(1, false)
		x.until("the program goes on", func() bool { return written.Load() > held+1<<20 })
		x.m.Stall(1, true)
		x.sleep(time.Second)
		x.signal(syscall.SIGTERM)
		x.ends(5*time.Second, 0)
	})
}

func TestF63OutputLosesItsReader(t *testing.T) {
	beating(t, func(p *kerneltest.Process) {
		for {
			p.Print(1, "line\n")
			p.Sleep(20 * time.Millisecond)
		}
	}, func(x *simulation) {
		x.until("its output is passed on", func() bool { return strings.HasPrefix(x.m.Output(1), "line\nline\n") })
		x.m.Abandon(1)
		x.beats()
		if i := x.is("endless", control.Running); i.Generation != 1 {
			t.Errorf("it was started %d times, want that it goes on", i.Generation)
		}
		if list := x.s.targets.Losses(); len(list) != 1 || list[0].Bytes == 0 {
			t.Errorf("losses %+v, want what it has printed since", list)
		}
		x.signal(syscall.SIGTERM)
		x.ends(5*time.Second, 0)
	})
}
