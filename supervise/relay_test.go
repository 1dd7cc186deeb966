package supervise

import (
	"strings"
	"testing"
	"time"

	"slipway/supervise/config"
	"slipway/supervise/control"
	"slipway/supervise/machine"
)

// idiom makes a program print to the container's stdout as most files say it.
func idiom(p *config.Process) { p.Stdout.Logfile, p.Stdout.Maxbytes = "/dev/stdout", 0 }

// relay sets the option.
func relay(r config.Relay) func(*config.Process) {
	return func(p *config.Process) { p.Relay = r }
}

// recent is what slipway tail shows of a program.
func (x *simulation) recent(name string) string {
	x.t.Helper()
	call := x.begin(control.OpProcessRecent, control.String(name), control.String("stdout"), control.Bool(false))
	return strings.Join(x.chunks(call), "")
}

// What a program prints to the container's stdout can be looked at where there are several
// programs, or somebody has looked before; else the answer says why there is nothing.
func TestOutputCanBeLookedAt(t *testing.T) {
	const (
		shown   = "hello\n"
		passed  = "slipway: web writes to the container's stdout itself: look there (docker logs)"
		promise = "; from its next start on its output is kept here as well"
	)
	other := func(x *simulation) []config.Process { return []config.Process{x.plays("other", "pause", idiom)} }
	alone := func(*simulation) []config.Process { return nil }
	user := func(uid int) func(*config.Process) {
		return func(p *config.Process) { p.User = &config.User{UID: uid, GID: uid} }
	}
	for _, row := range []struct {
		name     string
		change   func(*config.Process)
		others   func(*simulation) []config.Process
		terminal bool
		mode     Mode
		want     string
		then     string // after a restart; "": as before
	}{
		{"several programs", idiom, other, false, Run, shown, ""},
		{"several programs, supervisord", idiom, other, false, Daemon, shown, ""},
		{"alone", idiom, alone, false, Run, passed + promise + "\n", shown},
		{"alone, supervisord", idiom, alone, false, Daemon, "", ""},
		{"alone, by a link", func(p *config.Process) { p.Stdout.Logfile = "/proc/self/fd/1" }, alone, false, Run, passed + promise + "\n", shown},
		{"alone, relay=yes", relay(config.RelayYes), alone, false, Run, shown, ""},
		{"several programs, relay=no", relay(config.RelayNo), other, false, Run, passed + "\n", ""},
		{"terminal", idiom, other, true, Run, passed + "\n", ""},
		{"alone on a terminal", idiom, alone, true, Run, passed + "\n", ""},
		{"terminal without the idiom", toStdout, other, true, Run, shown, ""},
		{"alone, another user", user(1000), alone, false, Run, shown, ""},
		{"alone, root", user(0), alone, false, Run, passed + promise + "\n", shown},
	} {
		t.Run(row.name, func(t *testing.T) {
			simulatedWith(t, row.mode, func(x *simulation) {
				if row.terminal {
					x.m.BeTerminal(1)
				}
			}, func(x *simulation) *config.Config {
				web := x.plays("web", "print 1 hello; pause", idiom, row.change)
				cfg := x.config(0, append(row.others(x), web)...)
				cfg.Supervisord.Loglevel = config.LevelInfo // else everything is looked at
				return cfg
			}, func(x *simulation) {
				x.sleep(2 * time.Second)
				if got := x.recent("web"); got != row.want {
					t.Errorf("shown: %q, want %q", got, row.want)
				}
				x.ask(control.Success, control.OpProcessRestart, control.String("web"), waiting)
				then := row.then
				if then == "" {
					then = row.want
				}
				if got := x.recent("web"); got != then {
					t.Errorf("after a restart: %q, want %q", got, then)
				}
				if got := x.m.Output(1); got != "hello\nhello\n" {
					t.Errorf("the container's stdout: %q", got)
				}
			})
		})
	}
}

// A program that is alone has the container's stdout. When its reader goes away it dies of
// SIGPIPE, once: the next incarnation prints to us.
func TestF63ReaderGoesAwayFromAProgramThatIsAlone(t *testing.T) {
	for _, r := range []config.Relay{config.RelayAuto, config.RelayNo} {
		t.Run("relay="+r.String(), func(t *testing.T) {
			simulated(t, Run, func(x *simulation) *config.Config {
				cfg := x.config(0, x.plays("web", "flood 1 10; sleep 2s; flood 1 10; pause", idiom, relay(r), func(p *config.Process) {
					p.Autorestart = machine.RestartAlways
				}))
				cfg.Supervisord.Loglevel = config.LevelInfo
				return cfg
			}, func(x *simulation) {
				x.sleep(time.Second)
				x.m.Abandon(1)
				x.sleep(time.Minute)
				if i := x.is("web", control.Running); i.Generation != 2 {
					t.Errorf("incarnation %d runs, want the second", i.Generation)
				}
				x.says("exited: web (terminated by SIGPIPE; not expected)")
				x.says("cannot write standard output: broken pipe; what goes there is dropped from now on")
			})
		})
	}
}
