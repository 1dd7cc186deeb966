package supervise

import (
	"strings"
	"syscall"
	"testing"
	"time"

	"slipway/supervise/boot"
	"slipway/supervise/config"
	"slipway/supervise/control"
	"slipway/supervise/kernel/kerneltest"
)

// watched makes the supervisor start a watcher, if on is true. It stands for `slipway
// watch`: it says over its control connection that it is there, and does the rest.
func watched(on bool, rest kerneltest.Program) func(*simulation) {
	return func(x *simulation) {
		x.s.opts.Watch = on
		x.m.Install("/bin/slipway", func(p *kerneltest.Process) {
			call := control.Frame{Kind: control.FrameRequest, ID: 1, Method: control.OpLogWrite, Args: []control.Value{control.String("info"), control.String("watching")}}
			p.Write(boot.ControlFD, control.AppendFrame(nil, call))
			answers := control.Decoder{Max: control.MaxAnswer}
			buf := make([]byte, 8<<10)
			n, _ := p.Read(boot.ControlFD, buf)
			answered := false
			answers.Feed(buf[:n], func(f control.Frame) { answered = f.Kind == control.FrameReply && f.ID == 1 })
			if !answered {
				p.Exit(70)
			}
			rest(p)
		})
	}
}

// stays waits for the end of the control connection.
func stays(p *kerneltest.Process) { p.Read(boot.ControlFD, make([]byte, 1)) }

// watchers are the numbers of those that run.
func (x *simulation) watchers() (pids []int) {
	for _, p := range x.m.Processes() {
		if strings.Join(p.Args, " ") == "slipway watch" && !p.Zombie {
			pids = append(pids, p.PID)
		}
	}
	return pids
}

func TestWatcherIsStartedAgain(t *testing.T) {
	simulatedWith(t, Run, watched(true, stays), sole("sleep", "pause"), func(x *simulation) {
		x.says("watching")
		for i, pause := range []time.Duration{time.Second, 2 * time.Second, 4 * time.Second} {
			x.m.KillFrom(0, x.watchers()[0], syscall.SIGKILL)
			x.sleep(pause - 10*time.Millisecond)
			x.says("the watcher has ended (terminated by SIGKILL)")
			if pids := x.watchers(); len(pids) > 0 {
				t.Errorf("death %d: watchers %v before the pause of %v is over", i+1, pids, pause)
			}
			x.sleep(20 * time.Millisecond)
			if pids := x.watchers(); len(pids) != 1 {
				t.Fatalf("death %d: watchers %v after the pause of %v, want one", i+1, pids, pause)
			}
		}
		if list := x.ask(control.Success, control.OpProcessList).List(); len(list) != 1 {
			t.Errorf("%d processes in the table, want the program only", len(list))
		}
		x.signal(syscall.SIGTERM)
		x.ends(time.Second, 0)
		x.empty()
	})
}

func TestWatcherWithNothingToWatchEnds(t *testing.T) {
	simulatedWith(t, Run, watched(true, func(p *kerneltest.Process) { p.Exit(0) }), sole("sleep", "pause"), func(x *simulation) {
		x.sleep(2 * time.Minute)
		if n := x.count("watching"); n != 1 {
			t.Errorf("the watcher was started %d times, want once", n)
		}
		if list := x.m.Processes(); len(list) != 1 {
			t.Errorf("processes %v, want the program only: the watcher is reaped", list)
		}
		x.signal(syscall.SIGTERM)
		x.ends(time.Second, 0)
	})
}

func TestWatcherIsStartedOnRequest(t *testing.T) {
	simulatedWith(t, Run, watched(false, stays), sole("sleep", "pause"), func(x *simulation) {
		if pids := x.watchers(); len(pids) != 0 {
			t.Fatalf("watchers before anybody asks: %v", pids)
		}
		x.ask(control.Success, control.OpWatch)
		x.sleep(time.Second)
		x.says("watching")
		x.ask(control.Success, control.OpWatch)
		x.sleep(time.Minute)
		if n := x.count("watching"); n != 1 {
			t.Errorf("the watcher was started %d times, want once", n)
		}
		x.signal(syscall.SIGTERM)
		x.ends(time.Second, 0)
	})
}

// A watcher that cannot be started keeps nobody from running, and is tried again.
func TestWatcherThatIsNotThere(t *testing.T) {
	simulatedWith(t, Run, func(x *simulation) { x.s.opts.Watch = true }, sole("sleep", "pause"), func(x *simulation) {
		x.sleep(10 * time.Second)
		x.is("sleep", control.Running)
		if n := x.count("cannot start the watcher: cannot execute /bin/slipway: no such file or directory"); n != 4 {
			t.Errorf("said %d times that it cannot be started, want 4: at 0, 1, 3 and 7 s", n)
		}
	})
}

func secrets(names ...string) func(*config.Process) {
	return func(p *config.Process) { p.Secrets = append([]string{}, names...) }
}
