package supervise

import (
	"strings"
	"syscall"
	"testing"
	"time"

	"slipway/supervise/config"
	"slipway/supervise/control"
)

// A start that a limit leaves no room for is tried again for as long as that lasts (F48). That
// is no secret: the limit is named at once, in the log and in the status, and every minute
// again; and the program is up soon after there is room.
func TestF48NoRoomIsNamed(t *testing.T) {
	for _, tt := range []struct {
		name   string
		err    syscall.Errno
		limits func(x *simulation)
		names  string
	}{
		{"pids.max", syscall.EAGAIN, func(x *simulation) { x.m.LimitTasks(99, 100) }, "the container has 99 processes and threads of the 100 that it may have (--pids-limit, pids.max)"},
		{"pids.max is not it", syscall.EAGAIN, func(x *simulation) { x.m.LimitTasks(50, 100); x.m.SetLimit(6, 64, 64) }, "its user may have 64 processes and threads on this machine (ulimit -u, RLIMIT_NPROC)"},
		{"files", syscall.EMFILE, func(x *simulation) { x.m.SetLimit(7, 256, 256) }, "the supervisor may have 256 files open (minfds, ulimit -n)"},
		{"files of the machine", syscall.ENFILE, func(*simulation) {}, "the machine has as many files open as it can have (fs.file-max)"},
		{"memory", syscall.ENOMEM, func(*simulation) {}, "there is no memory left"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			simulatedWith(t, Run, func(x *simulation) {
				tt.limits(x)
				for range 1000 {
					x.m.Fail("Spawn", tt.err)
				}
			}, func(x *simulation) *config.Config {
				cfg := x.config(0, x.plays("web", "pause", func(p *config.Process) { p.Holder = config.HolderNo }))
				cfg.Supervisord.Loglevel = config.LevelInfo
				return cfg
			}, func(x *simulation) {
				x.sleep(10 * time.Minute)
				if i := x.is("web", control.Backoff); !strings.Contains(i.SpawnError, tt.names) {
					t.Errorf("status says %q, want %q in it", i.SpawnError, tt.names)
				}
				x.says(tt.names + "; it is tried again until there is room")
				if n := x.count("spawnerr: "); n != 1 {
					t.Errorf("%d lines of tries, want one", n)
				}
				if n := x.count("web could not be started ("); n < 8 || n > 10 {
					t.Errorf("%d reminders in ten minutes, want one a minute:\n%s", n, x.file("log"))
				}
				x.m.Forgive("Spawn")
				x.sleep(7 * time.Second)
				x.is("web", control.Running)
				reminders := x.count("could not be started")
				x.sleep(5 * time.Minute)
				if n := x.count("could not be started"); n != reminders {
					t.Errorf("%d reminders after it is up", n-reminders)
				}
			})
		})
	}
}

// As supervisord, each try is Supervisor's line and no more.
func TestF48NoRoomAsSupervisord(t *testing.T) {
	simulatedWith(t, Daemon, func(x *simulation) {
		x.m.LimitTasks(99, 100)
		for range 10 {
			x.m.Fail("Spawn", syscall.EAGAIN)
		}
	}, sole("web", "pause"), func(x *simulation) {
		x.sleep(2 * time.Minute)
		x.is("web", control.Running)
		if n := x.count("spawnerr: Too many processes in process table to spawn 'web'\n"); n != 10 {
			t.Errorf("%d lines of tries, want 10:\n%s", n, x.file("log"))
		}
		if strings.Contains(x.file("log"), "pids.max") {
			t.Errorf("more than Supervisor's words:\n%s", x.file("log"))
		}
	})
}
