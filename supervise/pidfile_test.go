package supervise

import (
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"slipway/supervise/config"
	"slipway/supervise/control"
	"slipway/supervise/kernel/kerneltest"
)

const itsPidfile = "/run/daemon.pid"

func withPidfile(p *config.Process) { p.Pidfile, p.Argv = itsPidfile, []string{"/bin/daemon"} }

// forked runs a test of a launcher that is a function.
func forked(t *testing.T, mode Mode, launcher kerneltest.Program, test func(*simulation), change ...func(*config.Process)) {
	t.Helper()
	holding(t, mode, func(x *simulation) *config.Config {
		x.m.Install("/bin/daemon", launcher)
		return x.config(9*time.Second, x.plays("daemon", "", append([]func(*config.Process){withPidfile}, change...)...))
	}, test)
}

func pause(p *kerneltest.Process) { p.Pause() }

// writes writes the number of the process after a while, and waits.
func writes(after time.Duration) kerneltest.Program {
	return func(p *kerneltest.Process) {
		p.Sleep(after)
		p.WriteFile(itsPidfile, strconv.Itoa(p.PID())+"\n")
		p.Pause()
	}
}

func TestPidfileNamesTheProgram(t *testing.T) {
	leader := func(p *kerneltest.Process) { p.Setsid(); p.Pause() }
	for _, tt := range []struct {
		name     string
		launcher kerneltest.Program
		found    string
		wrote    bool // the one that is followed has written the file
	}{
		{"before the launcher ends", func(p *kerneltest.Process) {
			p.Fork(leader)
			p.Fork(writes(0))
			p.Sleep(10 * time.Millisecond)
		}, "its pid file", true},
		{"afterwards", func(p *kerneltest.Process) {
			p.Fork(leader)
			p.Fork(writes(700 * time.Millisecond))
		}, "its pid file", true},
		{"below another one", func(p *kerneltest.Process) {
			p.Fork(func(p *kerneltest.Process) {
				p.Setsid()
				p.Fork(writes(100 * time.Millisecond))
				p.Pause()
			})
		}, "its pid file", true},
		{"too late", func(p *kerneltest.Process) {
			p.Fork(leader)
			p.Fork(writes(time.Minute))
		}, "the session leader", false},
		{"a stranger", func(p *kerneltest.Process) {
			p.WriteFile(itsPidfile, "1\n")
			p.Fork(leader)
		}, "the session leader", false},
		{"nonsense", func(p *kerneltest.Process) {
			p.WriteFile(itsPidfile, "daemon\n")
			p.Fork(leader)
		}, "the session leader", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			forked(t, Run, tt.launcher, func(x *simulation) {
				x.sleep(10 * time.Second)
				i := x.is("daemon", control.Running)
				if i.FoundBy != tt.found {
					t.Errorf("found by %q, want %q", i.FoundBy, tt.found)
				}
				if wrote := x.m.Text(itsPidfile) == strconv.FormatInt(i.PID, 10)+"\n"; wrote != tt.wrote {
					t.Errorf("pid %d, and the file has %q", i.PID, x.m.Text(itsPidfile))
				}
				x.ask(control.Success, control.OpProcessStop, control.String("daemon"), control.Bool(true))
				if n := x.living(); n > 0 {
					t.Errorf("%d processes are left: %v", n, x.m.Processes())
				}
				x.says("stopped: daemon (terminated by SIGTERM)")
			})
		})
	}
}

// A program that watches over the one in the pid file starts it again, as mysqld_safe does.
// The stop is for the one in the file, and the watcher goes with it.
func TestPidfileBelowAWatcher(t *testing.T) {
	var ended []int
	forked(t, Run, func(p *kerneltest.Process) {
		p.Fork(func(p *kerneltest.Process) {
			p.Setsid()
			p.Handle(syscall.SIGTERM, func() {}) // a handler is not inherited
			for {
				p.Fork(writes(0))
				pid, exit, _ := p.WaitChild()
				ended = append(ended, pid)
				if exit.Signal == int(syscall.SIGTERM) {
					p.Exit(0)
				}
				p.Sleep(100 * time.Millisecond)
			}
		})
	}, func(x *simulation) {
		x.sleep(2 * time.Second)
		first := x.is("daemon", control.Running).PID
		x.m.KillFrom(0, int(first), syscall.SIGSEGV)
		x.sleep(5 * time.Second)
		second := x.is("daemon", control.Running).PID
		if second == first || x.m.Text(itsPidfile) != strconv.FormatInt(second, 10)+"\n" {
			t.Errorf("pid %d after %d, want the one in the file: %q", second, first, x.m.Text(itsPidfile))
		}
		x.ask(control.Success, control.OpProcessStop, control.String("daemon"), control.Bool(true))
		if len(ended) != 2 || ended[1] != int(second) {
			t.Errorf("ended: %v, want %d, then %d by the stop", ended, first, second)
		}
		if n := x.count("SIGKILL"); n > 0 {
			t.Errorf("killed %d times", n)
		}
	})
}

// As supervisord, forking programs have holders, and nothing else has.
func TestForkingAsSupervisord(t *testing.T) {
	forked(t, Daemon, func(p *kerneltest.Process) {
		p.Fork(writes(50 * time.Millisecond))
	}, func(x *simulation) {
		x.sleep(5 * time.Second)
		i := x.is("daemon", control.Running)
		if i.Level != "holder" || i.FoundBy != "its pid file" {
			t.Errorf("level %q, found by %q", i.Level, i.FoundBy)
		}
		x.ask(control.Success, control.OpProcessStop, control.String("daemon"), control.Bool(true))
		x.says("stopped: daemon (terminated by SIGTERM)")
	}, forking)
}

// A launcher that leaves nobody has not forked.
func TestForkingLeavesNobody(t *testing.T) {
	forked(t, Run, func(p *kerneltest.Process) {}, func(x *simulation) {
		x.sleep(time.Minute)
		if text := x.file("log"); strings.Contains(text, "forked:") || !strings.Contains(text, "gave up: daemon") {
			t.Error("it is not FATAL")
		}
	}, forking, fatalIgnored)
}

// MAINPID of sd_notify counts for a descendant only.
func TestMainPIDThatIsSaid(t *testing.T) {
	for _, tt := range []struct {
		name    string
		own     bool // the process that is named is the program's
		foundBy string
	}{{"a descendant", true, "MAINPID"}, {"a stranger", false, ""}} {
		t.Run(tt.name, func(t *testing.T) {
			child := 0
			forked(t, Run, func(p *kerneltest.Process) {
				child = p.Fork(pause)
				said := child
				if !tt.own {
					said = 1
				}
				if err := p.Notify("MAINPID=" + strconv.Itoa(said) + "\nREADY=1"); err != nil {
					t.Error(err)
				}
				p.Pause()
			}, func(x *simulation) {
				x.sleep(2 * time.Second)
				i := x.is("daemon", control.Running)
				if !i.Ready || i.FoundBy != tt.foundBy || (int(i.PID) == child) != tt.own {
					t.Errorf("ready %v, pid %d found by %q, want pid %d: %v", i.Ready, i.PID, i.FoundBy, child, tt.own)
				}
			}, func(p *config.Process) { p.Ready.Probe.Kind = config.ProbeNotify })
		})
	}
}

// What an exec: probe has started goes with it, wherever it has gone.
func TestNothingIsLeftOfAProbe(t *testing.T) {
	for _, tt := range []struct{ name, probe, says string }{
		{"that answers", "fork (setsid; pause); exit 0", "probe of web: ok"},
		{"that hangs", "fork (setsid; pause); pause", "no answer in time"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			holding(t, Run, sole("web", "pause", func(p *config.Process) {
				p.Health = config.Health{
					Probe:    config.Probe{Kind: config.ProbeExec, Target: tt.probe},
					Interval: 10 * time.Second, Timeout: time.Second, Retries: 100, Action: config.HealthNone,
				}
			}), func(x *simulation) {
				x.sleep(65 * time.Second)
				x.says(tt.says)
				if n := x.living(); n != 2 {
					t.Errorf("%d processes, want web and its holder: %v", n, x.m.Processes())
				}
			})
		})
	}
}

// Without a holder, too, the file says who carries on, whatever that has done to its session,
// group and environment: an orphan that has come to us, and that may be meant.
func TestPidfileWithoutAHolder(t *testing.T) {
	wipes := func(after time.Duration) kerneltest.Program {
		return func(p *kerneltest.Process) {
			p.Setenv()
			p.Setsid()
			writes(after)(p)
		}
	}
	grouped := func(p *kerneltest.Process) { p.Setenv(); writes(0)(p) }
	for _, tt := range []struct {
		name     string
		launcher kerneltest.Program
		change   func(*config.Process)
		found    string
		wrote    bool // the one that is followed has written the file
	}{
		{"it carries no marks", func(p *kerneltest.Process) { p.Fork(wipes(0)); p.Sleep(10 * time.Millisecond) }, no, "its pid file", true},
		{"it writes late", func(p *kerneltest.Process) { p.Fork(wipes(3 * time.Second)) }, no, "its pid file", true},
		{"in the group of the launcher", func(p *kerneltest.Process) { p.Fork(grouped); p.Sleep(10 * time.Millisecond) }, no, "its pid file", true},
		{"beside one with marks", func(p *kerneltest.Process) {
			p.Fork(func(p *kerneltest.Process) { p.Setsid(); p.Pause() })
			p.Fork(wipes(time.Second))
		}, no, "its pid file", true},
		{"it never writes", func(p *kerneltest.Process) { p.Fork(func(p *kerneltest.Process) { p.Setsid(); p.Pause() }) }, no, "its marks", false},
		{"forking, in the group", func(p *kerneltest.Process) { p.Fork(pause) }, func(p *config.Process) { no(p); forking(p); p.Pidfile = "" }, "its marks", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			forked(t, Run, tt.launcher, func(x *simulation) {
				x.sleep(10 * time.Second)
				i := x.is("daemon", control.Running)
				if i.Level != "marks" || i.FoundBy != tt.found || x.count("spawned: 'daemon'") != 1 {
					t.Errorf("level %q, found by %q after %d starts, want by %q after one", i.Level, i.FoundBy, x.count("spawned: 'daemon'"), tt.found)
				}
				if wrote := x.m.Text(itsPidfile) == strconv.FormatInt(i.PID, 10)+"\n"; wrote != tt.wrote {
					t.Errorf("pid %d, and the file has %q", i.PID, x.m.Text(itsPidfile))
				}
				x.ask(control.Success, control.OpProcessStop, control.String("daemon"), control.Bool(true))
				x.says("stopped: daemon (terminated by SIGTERM)")
			}, tt.change)
		})
	}
}

// Who is named and cannot be meant is not followed: a process that is another program's, one
// that is older, and one of another user, whom the program could not signal itself.
func TestPidfileNamesAStranger(t *testing.T) {
	for _, tt := range []struct {
		name  string
		write func(p *kerneltest.Process, other int)
		user  bool
	}{
		{"another program", func(p *kerneltest.Process, other int) { p.WriteFile(itsPidfile, strconv.Itoa(other)) }, false},
		{"itself", func(p *kerneltest.Process, _ int) { p.WriteFile(itsPidfile, strconv.Itoa(p.PID())) }, false},
		{"nobody", func(p *kerneltest.Process, _ int) { p.WriteFile(itsPidfile, "99999") }, false},
		{"the supervisor", func(p *kerneltest.Process, _ int) { p.WriteFile(itsPidfile, "1") }, false},
		{"another user", func(p *kerneltest.Process, _ int) {
			p.Fork(func(p *kerneltest.Process) { p.Setenv(); p.Setsid(); p.Setuid(0); writes(0)(p) })
			p.Sleep(10 * time.Millisecond)
		}, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			other := 0
			holding(t, Run, func(x *simulation) *config.Config {
				x.m.Install("/bin/daemon", func(p *kerneltest.Process) {
					tt.write(p, other)
					p.Fork(func(p *kerneltest.Process) { p.Setsid(); p.Pause() })
				})
				daemon := x.plays("daemon", "", withPidfile, no, retries(0), fatalIgnored, func(p *config.Process) {
					p.Autostart = false
					if tt.user {
						p.User = &config.User{Given: "web", Name: "web", UID: 1000, GID: 1000}
					}
				})
				return x.config(9*time.Second, x.plays("other", "pause", no), daemon)
			}, func(x *simulation) {
				x.sleep(2 * time.Second)
				other = int(x.is("other", control.Running).PID)
				x.begin(control.OpProcessStart, control.String("daemon"), control.Bool(false))
				x.sleep(10 * time.Second)
				if i := x.is("daemon", control.Running); i.FoundBy != "its marks" || int(i.PID) == other {
					t.Errorf("pid %d, found by %q, want another one, by its marks", i.PID, i.FoundBy)
				}
				if now := x.is("other", control.Running); int(now.PID) != other {
					t.Errorf("the other one is %d, was %d", now.PID, other)
				}
			})
		})
	}
}

// A stop that comes while the file is waited for signals nobody who has ended, and ends what
// is there.
func TestStopWhileAPidfileIsAwaited(t *testing.T) {
	forked(t, Run, func(p *kerneltest.Process) {
		p.Fork(func(p *kerneltest.Process) { p.Setsid(); p.Pause() })
	}, func(x *simulation) {
		x.sleep(2 * time.Second)
		x.ask(control.Success, control.OpProcessStop, control.String("daemon"), control.Bool(true))
		x.is("daemon", control.Stopped)
		if n := x.living(); n > 0 {
			t.Errorf("%d processes are left: %v", n, x.m.Processes())
		}
	}, no)
}
