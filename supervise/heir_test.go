package supervise

import (
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"slipway/supervise/config"
	"slipway/supervise/control"
)

// overlapping gives a program restart_mode=overlap.
func overlapping(p *config.Process) { p.RestartMode = config.RestartOverlap }

// onOverlap runs a supervisor whose program web plays a script, which is another one from the
// second process on.
func onOverlap(t *testing.T, first, then string, change func(*config.Process), test func(x *simulation, restart func() *simCall)) {
	t.Helper()
	holding(t, Run, func(x *simulation) *config.Config {
		return x.config(0, x.plays("web", "pid 1; touch /run/started; "+first+"; pause", overlapping, func(p *config.Process) {
			if change != nil {
				change(p)
			}
		}), x.playing("other", "pause"))
	}, func(x *simulation) {
		x.up("web")
		p := x.s.table.Find("web", "web")
		next := *p.Config // what the next one does; a file that has changed
		next.Argv = []string{"/bin/play", "pid 1; " + then + "; pause"}
		p.Config = &next
		test(x, func() *simCall {
			return x.begin(control.OpProcessRestart, control.String("web"), waiting)
		})
	})
}

// answered waits for the answer of a call, and returns what is wrong, "" for nothing.
func (x *simulation) answered(c *simCall) string {
	x.t.Helper()
	x.until("there is an answer", func() bool { x.clients[0].receive(x.t); return c.answer != nil })
	if c.answer.Fault == nil {
		return ""
	}
	if c.answer.Fault.Detail == "" {
		return c.answer.Fault.Code.Text()
	}
	return c.answer.Fault.Detail
}

// The one that runs is stopped when the new one is ready, and not before.
func TestOverlap(t *testing.T) {
	onOverlap(t, "on TERM ( print 1 asked; exit 0 )", "sleep 3s", func(p *config.Process) {
		p.Ready.Probe = config.Probe{Kind: config.ProbeNone}
		p.StartSecs = 4 * time.Second
	}, func(x *simulation, restart func() *simCall) {
		old := x.info("web")
		c := restart()
		x.sleep(3 * time.Second)
		if now := x.info("web"); now.PID != old.PID || now.State != control.Running || c.answer != nil {
			t.Errorf("before the new one is up: pid %d, %v, want %d", now.PID, now.State, old.PID)
		}
		if strings.Contains(x.file("web.log"), "asked") {
			t.Error("the old one was asked to stop before the new one is up")
		}
		if why := x.answered(c); why != "" {
			t.Errorf("the restart: %s", why)
		}
		now := x.info("web")
		if now.PID == old.PID || now.State != control.Running || now.Generation != old.Generation+1 {
			t.Errorf("afterwards: %+v, want another one than %d", now, old.PID)
		}
		x.until("the old one has ended", func() bool { return !x.lives(int(old.PID)) })
		x.says("web is pid " + strconv.Itoa(int(now.PID)) + " from now on, which is ready; stopping pid " + strconv.Itoa(int(old.PID)))
		x.is("web", control.Running)
	})
}

// lives reports whether there is a process of that number.
func (x *simulation) lives(pid int) bool {
	for _, p := range x.m.Processes() {
		if p.PID == pid && !p.Zombie {
			return true
		}
	}
	return false
}

// The one that runs stays where the new one fails, however that is, and the restart has failed.
func TestOverlapFails(t *testing.T) {
	for _, tt := range []struct {
		name, then string
		change     func(*config.Process)
		want       string
	}{
		{"ends early", "exit 3", nil, "web: another one was started, and has failed: Exited too quickly (process log may have details); the one that runs stays"},
		{"is killed early", "raise KILL", nil, "web: another one was started, and has failed: Exited too quickly (process log may have details) (terminated by SIGKILL); the one that runs stays"},
		{"is never ready", "sleep 1h", func(p *config.Process) {
			p.Ready.Probe, p.Ready.Timeout, p.Ready.Interval = config.Probe{Kind: config.ProbeExec, Target: "need /run/started"}, 10*time.Second, time.Second
		}, "not ready"},
		{"takes too long", "sleep 1h", func(p *config.Process) {
			p.Ready.Probe, p.Ready.Interval = config.Probe{Kind: config.ProbeExec, Target: "need /run/started"}, time.Second
		}, "was not ready in time"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			onOverlap(t, "", tt.then, tt.change, func(x *simulation, restart func() *simCall) {
				old := x.info("web")
				x.m.Delete("/run/started")
				c := restart()
				if strings.Contains(tt.want, "in time") {
					x.sleep(4*time.Minute + 30*time.Second)
				}
				why := x.answered(c)
				if !strings.Contains(why, tt.want) || !strings.HasSuffix(why, "; the one that runs stays") {
					t.Errorf("the restart has failed: %q, want %q", why, tt.want)
				}
				x.sleep(time.Minute)
				if now := x.is("web", control.Running); now.PID != old.PID {
					t.Errorf("pid %d, want %d, which runs", now.PID, old.PID)
				}
				if n := x.living(); n != 4 { // web and other, and their holders
					t.Errorf("%d processes, want 4: %v", n, x.m.Processes())
				}
				if n := x.count("the restart of web has failed"); n != 1 {
					t.Errorf("said %d times, want once", n)
				}
			})
		})
	}
}

// What is asked for in the middle of a restart counts.
func TestRequestsWhileOverlapping(t *testing.T) {
	const slow = "sleep 2s"
	startsecs := func(p *config.Process) { p.StartSecs = 3 * time.Second }
	web := control.String("web")
	t.Run("stop", func(t *testing.T) {
		onOverlap(t, "", slow, startsecs, func(x *simulation, restart func() *simCall) {
			c := restart()
			x.sleep(time.Second)
			x.ask(control.Success, control.OpProcessStop, web, waiting)
			x.is("web", control.Stopped)
			if x.answered(c) == "" {
				t.Error("the restart has succeeded")
			}
			x.until("both have ended", func() bool { return x.living() == 2 })
		})
	})
	t.Run("restart", func(t *testing.T) {
		onOverlap(t, "", slow, startsecs, func(x *simulation, restart func() *simCall) {
			old := x.info("web")
			a := restart()
			x.sleep(time.Second)
			b := restart()
			x.sleep(2500 * time.Millisecond)
			if x.clients[0].receive(x.t); a.answer != nil || x.info("web").PID != old.PID {
				t.Error("the first new one has taken the place, which the second restart is not for")
			}
			if x.answered(a) != "" || x.answered(b) != "" {
				t.Error("a restart has failed")
			}
			x.until("one is left", func() bool { return x.living() == 4 })
		})
	})
	t.Run("the old one crashes", func(t *testing.T) {
		onOverlap(t, "", slow, startsecs, func(x *simulation, restart func() *simCall) {
			c := restart()
			x.sleep(time.Second)
			x.ask(control.Success, control.OpProcessSignal, web, control.String("KILL"))
			if why := x.answered(c); why != "" {
				t.Errorf("the restart: %s", why)
			}
			x.is("web", control.Running)
			x.until("one is left", func() bool { return x.living() == 4 })
		})
	})
	t.Run("the end", func(t *testing.T) {
		onOverlap(t, "", slow, startsecs, func(x *simulation, restart func() *simCall) {
			restart()
			x.sleep(time.Second)
			x.signal(syscall.SIGTERM)
			x.ends(5*time.Second, 0)
		})
	})
	t.Run("the end while the old one stops", func(t *testing.T) {
		onOverlap(t, "on TERM ( sleep 2s; exit 0 )", "", nil, func(x *simulation, restart func() *simCall) {
			if why := x.answered(restart()); why != "" {
				t.Fatal(why)
			}
			x.signal(syscall.SIGTERM)
			x.ends(5*time.Second, 0)
		})
	})
	t.Run("an update", func(t *testing.T) {
		onOverlap(t, "", slow, startsecs, func(x *simulation, restart func() *simCall) {
			restart()
			x.sleep(time.Second)
			x.ask(control.Success, control.OpRestart)
			x.up("web")
			x.until("one is left", func() bool { return x.living() == 4 })
		})
	})
}

// A program that cannot be kept up ends the container; one that would only have taken the
// place of another does not.
func TestFailedOverlapEndsNothing(t *testing.T) {
	onOverlap(t, "", "exit 1", func(p *config.Process) {
		p.OnExit, p.StartRetries = config.OnExitShutdown, 0
	}, func(x *simulation, restart func() *simCall) {
		if x.answered(restart()) == "" {
			t.Error("the restart has succeeded")
		}
		x.sleep(time.Minute)
		x.is("web", control.Running)
	})
}

// Who follows the output of a program goes on following it, whichever process prints.
func TestFollowersStay(t *testing.T) {
	onOverlap(t, "on TERM ( print 1 old says goodbye; exit 0 )", "print 1 new says hello", nil, func(x *simulation, restart func() *simCall) {
		c := x.begin(control.OpProcessRecent, control.String("web"), control.String("stdout"), control.Bool(true))
		if why := x.answered(restart()); why != "" {
			t.Fatal(why)
		}
		x.sleep(time.Second)
		heard := strings.Join(x.chunks(c), "")
		for _, want := range []string{"new says hello", "old says goodbye"} {
			if !strings.Contains(heard, want) {
				t.Errorf("heard %q, want %q in it", heard, want)
			}
		}
	})
}
