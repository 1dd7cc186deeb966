package supervise

import (
	"strings"
	"syscall"
	"testing"
	"time"

	"slipway/supervise/config"
	"slipway/supervise/control"
	"slipway/supervise/kernel/kerneltest"
	"slipway/supervise/machine"
)

// growing gives a program the pauses that a container's programs have by default.
func growing(p *config.Process) {
	p.Pause = machine.Pause{First: time.Second, Most: time.Minute, Factor: 2, Jitter: 0.1}
}

// A program whose executable is on a volume that comes late is tried for half a minute, and
// runs when it is there.
func TestExecutableComesLate(t *testing.T) {
	simulated(t, Run, sole("app", "", argv("/data/app", "pause"), growing), func(x *simulation) {
		x.sleep(10 * time.Second)
		i := x.is("app", control.Backoff)
		if !strings.Contains(i.SpawnError, "'/data/app'") {
			t.Errorf("spawn error %q does not name the file", i.SpawnError)
		}
		x.says("app cannot be started: can't find command '/data/app'; try 3 of 4 in ")
		x.m.Install("/data/app", kerneltest.Script)
		x.sleep(22 * time.Second)
		x.is("app", control.Running)
	})
}

// One that never comes ends the container, with the status of a shell.
func TestExecutableNeverComes(t *testing.T) {
	simulated(t, Run, sole("app", "", argv("/data/app"), growing), func(x *simulation) {
		x.sleep(20 * time.Second)
		x.is("app", control.Backoff)
		x.ends(time.Minute, 127)
		x.says("app cannot be kept up: can't find command '/data/app'")
	})
}

// Other things that may come late: the directory, and the interpreter of a script.
func TestOtherFilesComeLate(t *testing.T) {
	for _, tt := range []struct {
		name    string
		change  func(*config.Process)
		prepare func(x *simulation)
		comes   func(x *simulation)
		says    string
	}{
		{"directory", func(p *config.Process) { p.Directory = "/data/work" }, func(*simulation) {},
			func(x *simulation) { x.m.Put("/data/work/x", "", 0o644) }, "couldn't chdir to /data/work: ENOENT"},
		{"interpreter", func(*config.Process) {}, func(x *simulation) {
			x.m.Put("/bin/play", "#!/opt/bin/python3 -u\nprint()\n", 0o755)
			x.m.Fail("Spawn", syscall.ENOENT)
			x.m.Fail("Spawn", syscall.ENOENT)
		}, func(x *simulation) { x.m.Install("/bin/play", kerneltest.Script) },
			"couldn't exec /bin/play: ENOENT (its interpreter /opt/bin/python3 does not exist)"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			simulatedWith(t, Run, tt.prepare, sole("app", "pause", growing, tt.change), func(x *simulation) {
				x.sleep(4 * time.Second)
				x.is("app", control.Backoff)
				x.says(tt.says)
				tt.comes(x)
				x.sleep(29 * time.Second)
				x.is("app", control.Running)
			})
		})
	}
}

// As supervisord the pauses are the original's, whatever is missing.
func TestSupervisordsPausesAreFixed(t *testing.T) {
	simulated(t, Daemon, sole("app", "", argv("/data/app")), func(x *simulation) {
		x.sleep(5900 * time.Millisecond)
		x.is("app", control.Backoff)
		x.sleep(200 * time.Millisecond)
		x.is("app", control.Fatal)
		if x.count("cannot be started") > 0 {
			t.Error("says more than the original")
		}
	})
}

// A program that ends once a second is started less and less often; what somebody restarts
// begins anew.
func TestPausesGrow(t *testing.T) {
	simulated(t, Run, sole("app", "sleep 1100ms; exit 1", growing), func(x *simulation) {
		x.sleep(time.Hour)
		if n := x.m.Spawns(); n < 60 || n > 90 {
			t.Errorf("%d starts in an hour, want about one a minute", n)
		}
		before := x.m.Spawns()
		x.ask(control.Success, control.OpProcessRestart, control.String("app"), control.Bool(false))
		x.sleep(4 * time.Second)
		if n := x.m.Spawns() - before; n < 3 {
			t.Errorf("%d starts in 4 s after a restart by hand, want 3 or more", n)
		}
	})
}
