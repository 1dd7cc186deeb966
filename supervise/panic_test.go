package supervise

import (
	"fmt"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"slipway/supervise/config"
	"slipway/supervise/control"
	"slipway/supervise/kernel/kerneltest"
)

// fault panics in the k-th call of the operating system, counted from its making.
type fault struct {
	m     *kerneltest.Machine
	k, n  int
	where string // what called, when it panicked; "": it has not
}

func (f *fault) called() {
	if f.n++; f.n != f.k {
		return
	}
	pcs := make([]uintptr, 20)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(3, pcs)])
	for range 5 {
		frame, more := frames.Next()
		f.where += frame.Function[strings.LastIndexByte(frame.Function, '/')+1:] + " < "
		if !more {
			break
		}
	}
	panic("fault injected")
}

// TestPanicsAreSurvived lets every call of the operating system in the life of a supervisor
// panic, one after the other: starts, deaths, probes, output, events, every kind of
// request, a reload, the reopening of logs. It goes on, answers, and ends in order; with 70
// if its conclusions were lost. It says once what has happened.
func TestPanicsAreSurvived(t *testing.T) {
	calls := 0
	for k := 0; k == 0 || k <= calls; k++ {
		ok := t.Run(fmt.Sprintf("call %d", k), func(t *testing.T) {
			n := courseWithFault(t, k)
			if k == 0 {
				calls = n
			}
		})
		if !ok {
			return
		}
	}
	if calls < 300 {
		t.Errorf("%d calls were made to panic, want more than 300", calls)
	}
}

// courseWithFault is the life of a supervisor whose k-th call panics, and returns how many
// calls there were.
func courseWithFault(t *testing.T, k int) (calls int) {
	settings := kerneltest.Settings{Lenient: k > 0} // a call that panics has not happened
	simulatedOn(t, settings, Run, func(*simulation) {}, func(x *simulation) *config.Config {
		talk := x.playing("talk", "print 1 hello", "sleep 3s", "exit 1")
		talk.Stdout.EventsEnabled = true
		probed := x.playing("probed", "pause")
		probed.Health = config.Health{Probe: config.Probe{Kind: config.ProbeExec, Target: "exit 0"}, Interval: time.Second, Timeout: time.Second, Retries: 3}
		stays := x.playing("stays", "on TERM exit 0", "pause")
		return x.config(9*time.Second, talk, probed, stays)
	}, func(x *simulation) {
		f := &fault{m: x.m, k: k}
		x.m.OnCall(f.called)
		defer func() { calls = f.n }()
		dial := func() *simClient { // again, where the fault has cut the connection
			for range 200 {
				if c := x.dial(); c != nil {
					return c
				}
				if x.isOver() {
					break
				}
				x.sleep(100 * time.Millisecond)
			}
			return &simClient{gone: true}
		}
		c := dial()
		ask := func(method string, args ...control.Value) {
			t.Helper()
			if c.gone {
				c = dial()
			}
			if c.gone {
				return
			}
			call := c.call(method, args...)
			for range 1500 {
				if c.receive(t); call.answer != nil || c.gone || x.isOver() {
					return
				}
				x.sleep(10 * time.Millisecond)
			}
			t.Fatalf("no answer to %s: %s", method, f.where)
		}
		name := control.String("stays")
		for _, r := range []struct {
			method string
			args   []control.Value
		}{
			{control.OpProcessList, nil},
			{control.OpProcessStop, []control.Value{name, waiting}},
			{control.OpProcessStart, []control.Value{name, waiting}},
			{control.OpProcessRestart, []control.Value{name, waiting}},
			{control.OpProcessSignal, []control.Value{name, control.String("CONT")}},
			{control.OpProcessOpenLog, []control.Value{control.String("talk"), control.String("stdout")}},
			{control.OpProcessRecent, []control.Value{control.String("talk"), control.String("stdout"), control.Bool(true)}},
			{control.OpConfigReread, nil},
			{control.OpEventSend, []control.Value{control.String("a"), control.String("b")}},
			{control.OpLogReopen, nil},
		} {
			if c.gone && x.isOver() {
				break
			}
			if r.method == control.OpProcessRecent && !c.gone {
				c.call(r.method, r.args...) // it has no end
				continue
			}
			ask(r.method, r.args...)
		}
		if !x.isOver() && c.gone && dial().gone && !x.isOver() {
			t.Errorf("nobody listens: %s", f.where)
		}
		x.signal(syscall.SIGUSR2)
		x.signal(syscall.SIGHUP)
		x.sleep(5 * time.Second)
		if x.isOver() {
			if x.code != exitInternal {
				t.Errorf("it has ended with %d at %s, want %d", x.code, f.where, exitInternal)
			}
			return
		}
		ask(control.OpState)
		x.signal(syscall.SIGTERM)
		x.over()
		want := 0
		if x.s.loop.Breakdowns() > 0 {
			want = exitInternal
		}
		if x.code != want && x.code != exitInternal {
			t.Errorf("exit status = %d, want %d: %s", x.code, want, f.where)
		}
		if log := x.file("log"); f.where != "" && strings.Count(log, " CRIT panic in ") > 1 {
			t.Errorf("more than one panic was told: %s\n%s", f.where, log)
		}
	})
	return calls
}

// isOver reports whether the supervisor has ended.
func (x *simulation) isOver() bool {
	select {
	case <-x.done:
		return true
	default:
		return false
	}
}

// A handler that panics is answered, with a fault, and the next call as usual; it is said
// once, with a stack.
func TestPanicInAHandler(t *testing.T) {
	simulated(t, Run, func(x *simulation) *config.Config {
		return x.config(0, x.playing("a", "pause"))
	}, func(x *simulation) {
		x.m.OnCall(func() {
			if isCalledBy("supervise.handleOpenLog") {
				panic("no such luck")
			}
		})
		for range 3 {
			x.ask(control.Failed, control.OpProcessOpenLog, control.String("a"), control.String("stdout"))
			x.ask(control.Success, control.OpState)
		}
		log := x.file("log")
		if n := strings.Count(log, "panic in process.openLog: no such luck"); n != 1 {
			t.Errorf("said %d times, want once:\n%s", n, log)
		}
		if !strings.Contains(log, "panic_test.go") {
			t.Errorf("without a stack:\n%s", log)
		}
	})
}

// A panic of the loop itself ends the container: the programs are stopped in order.
func TestPanicOfTheLoop(t *testing.T) {
	for name, times := range map[string]int{"once": 1, "for ever": 1 << 30} {
		t.Run(name, func(t *testing.T) {
			simulated(t, Run, func(x *simulation) *config.Config {
				return x.config(9*time.Second, x.playing("a", "on TERM print 1 asked", "pause"))
			}, func(x *simulation) {
				x.sleep(2 * time.Second)
				left := times
				x.m.OnCall(func() {
					if isCalledBy("loop.(*Loop).wait") {
						if left--; left >= 0 {
							panic("no such luck")
						}
					}
				})
				x.begin(control.OpProcessSignal, control.String("a"), control.String("CONT"))
				x.ends(20*time.Second, exitInternal)
				x.says("panic in the loop: no such luck")
				if got := x.file("a.log"); !strings.HasPrefix(got, "asked\n") {
					t.Errorf("a has printed %q, want that it was asked to stop", got)
				}
			})
		})
	}
}

// isCalledBy reports whether a function is at work.
func isCalledBy(name string) bool {
	pcs := make([]uintptr, 20)
	for frames := runtime.CallersFrames(pcs[:runtime.Callers(1, pcs)]); ; {
		frame, more := frames.Next()
		if strings.HasSuffix(frame.Function, name) {
			return true
		}
		if !more {
			return false
		}
	}
}
