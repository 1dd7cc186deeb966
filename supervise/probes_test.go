package supervise

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"slipway/internal/test/testkit"
	"slipway/supervise/boot"
	"slipway/supervise/config"
	"slipway/supervise/control"
)

// parsed insists that a text of a test can be parsed.
func parsed[T any](v T, ok bool) T {
	if !ok {
		panic("the text of a test cannot be parsed")
	}
	return v
}

func ready(probe string, timeout time.Duration) func(*config.Process) {
	return func(p *config.Process) {
		p.Ready = config.Ready{Probe: parsed(config.ParseProbe(probe)), Interval: 50 * time.Millisecond, Timeout: timeout}
	}
}

func healthProbe(probe string, action config.HealthAction) func(*config.Process) {
	return func(p *config.Process) {
		p.Health = config.Health{Probe: parsed(config.ParseProbe(probe)), Interval: 50 * time.Millisecond, Timeout: time.Second / 2, Retries: 2, Action: action}
	}
}

func retries(n int) func(*config.Process) { return func(p *config.Process) { p.StartRetries = n } }

func reload(how string) func(*config.Process) {
	return func(p *config.Process) { p.Reload = parsed(config.ParseReload(how)) }
}

func restartWith(name string) func(*config.Process) {
	return func(p *config.Process) { p.RestartWith = []string{name} }
}

// probeScenarios are programs whose state is a file in the directory of the test.
func probeScenarios() map[string]func() *config.Config {
	dir := os.Getenv("DIR")
	exists := func(name string) string { return "exec:test -e " + filepath.Join(dir, name) }
	long := "exec sleep 1000"
	return map[string]func() *config.Config{
		"ready": func() *config.Config {
			return groups(program("db", long, ready(exists("up"), 0)), program("app", long, dependsOn("db")))
		},
		"ready by slipway": func() *config.Config { return groups(program("db", long, ready("http://probed/", 0))) },
		"ready never": func() *config.Config {
			return groups(program("db", long, ready("exec:echo not yet; false", time.Second/2), retries(0)), program("app", long, dependsOn("db")))
		},
		"ready fd": func() *config.Config {
			return groups(program("db", "while ! test -e "+filepath.Join(dir, "up")+"; do sleep 0.02; done; echo >&5; echo again >&5; exec sleep 1000", ready("fd:5", 0)))
		},
		"ready notify": func() *config.Config {
			exe, err := os.Executable()
			if err != nil {
				panic(err)
			}
			return groups(program("db", "while ! test -e "+filepath.Join(dir, "up")+"; do sleep 0.02; done; "+exe+" notify; exec sleep 1000", ready("notify", 0)))
		},
		"ready fd, killed": func() *config.Config {
			return groups(program("db", "echo >&3; sleep 0.3; kill -9 $$", startSecs(time.Second/10), always, ready("fd:3", 0)))
		},
		"healthy": func() *config.Config {
			return groups(program("web", long, retries(1), healthProbe("exec:! test -e "+filepath.Join(dir, "ill"), config.HealthNone)))
		},
		"ill, restart": func() *config.Config {
			return groups(program("web", long, healthProbe("exec:! test -e "+filepath.Join(dir, "ill"), config.HealthRestart)))
		},
		"ill, for ever": func() *config.Config {
			return groups(program("web", long, retries(0), healthProbe("exec:echo it is ill; false", config.HealthRestart)))
		},
		"ill, shutdown": func() *config.Config {
			return groups(program("web", long, healthProbe("exec:false", config.HealthShutdown)))
		},
		"probe hangs": func() *config.Config {
			return groups(program("web", long, healthProbe("exec:echo $$ >>"+filepath.Join(dir, "pids")+"; yes & sleep 1000", config.HealthNone)))
		},
		"restart_with": func() *config.Config {
			return groups(program("db", long), program("app", long, restartWith("db")), program("other", long))
		},
		"reload, dies": func() *config.Config {
			return groups(program("web", "trap 'sleep 0.1; exit 3' HUP; while :; do sleep 0.02; done", never, reload("signal HUP"), startSecs(time.Second/2)), program("other", long))
		},
		"reload, ill": func() *config.Config {
			return groups(program("web", "trap 'touch "+filepath.Join(dir, "ill")+"' HUP; while :; do sleep 0.02; done", reload("signal HUP"),
				healthProbe("exec:! test -e "+filepath.Join(dir, "ill"), config.HealthNone)))
		},
	}
}

// fakeProbe stands for `slipway probe`: it looks for a file, and says what it was
// asked.
func fakeProbe() int {
	dir := os.Getenv("DIR")
	os.WriteFile(filepath.Join(dir, "asked"), []byte(os.Getenv(boot.EnvProbe)), 0o600)
	if _, err := os.Stat(filepath.Join(dir, "up")); err != nil {
		fmt.Println("connection refused")
		return 1
	}
	return 0
}

func (r *running) touch(name string) {
	r.t.Helper()
	if err := os.WriteFile(filepath.Join(r.dir, name), nil, 0o600); err != nil {
		r.t.Fatal(err)
	}
}

func TestReadyHoldsDependants(t *testing.T) {
	r := start(t, "ready")
	c := r.dial()
	r.says("success: db entered RUNNING state")
	if i := info(t, c, "db"); i.Ready {
		t.Errorf("ready before its probe has succeeded: %+v", i)
	}
	if i := info(t, c, "app"); i.State != control.Stopped || i.Waiting != "db" {
		t.Errorf("app is %v and waits for %q, want STOPPED and db", i.State, i.Waiting)
	}
	r.touch("up")
	ask(t, c, control.Success, control.OpWaitReady, control.String("db"))
	if i := info(t, c, "db"); !i.Ready {
		t.Errorf("not ready after waitReady: %+v", i)
	}
	ask(t, c, control.Success, control.OpWaitReady, control.String("app"))
	r.signal(syscall.SIGTERM)
	r.ends(3*time.Second, 0)
}

func TestReadyIsAskedBySlipway(t *testing.T) {
	r := start(t, "ready by slipway")
	r.wrote("asked", "http://probed/")
	c := r.dial()
	if i := info(t, c, "db"); i.Ready {
		t.Errorf("ready before its probe has succeeded: %+v", i)
	}
	r.touch("up")
	ask(t, c, control.Success, control.OpWaitReady, control.String("db"))
}

func TestReadyTimeoutIsAFailedStart(t *testing.T) {
	r := start(t, "ready never")
	c := r.dial()
	ask(t, c, control.SpawnError, control.OpWaitReady, control.String("db"))
	r.ends(5*time.Second, 75)
	r.says("failed: db (not ready within 500ms, the last answer: not yet)")
	if strings.Contains(r.text(), "spawned: 'app'") {
		t.Error("app was started although db was never ready")
	}
}

func TestStopWhileNotReady(t *testing.T) {
	r := start(t, "ready by slipway")
	r.wrote("asked", "http://probed/")
	r.signal(syscall.SIGTERM)
	r.ends(2*time.Second, 0)
}

func TestReadyByItself(t *testing.T) {
	for _, name := range []string{"ready fd", "ready notify"} {
		t.Run(name, func(t *testing.T) {
			r := start(t, name)
			c := r.dial()
			r.says("success: db entered RUNNING state")
			if i := info(t, c, "db"); i.Ready {
				t.Errorf("ready before it has said so: %+v", i)
			}
			r.touch("up")
			ask(t, c, control.Success, control.OpWaitReady, control.String("db"))
			if i := info(t, c, "db"); i.State != control.Running || i.Generation != 1 {
				t.Errorf("after it has said so twice: %+v", i)
			}
		})
	}
}

func TestReadyIsOfOneIncarnation(t *testing.T) {
	r := start(t, "ready fd, killed")
	testkit.Eventually(t, 10*time.Second, "three incarnations ready", func() error {
		if n := strings.Count(r.text(), "ready: db"); n < 3 {
			return fmt.Errorf("%d", n)
		}
		return nil
	})
}

func TestHealthIsSaidOncePerChange(t *testing.T) {
	r := start(t, "healthy")
	c := r.dial()
	is := func(want string) {
		t.Helper()
		testkit.Eventually(t, 10*time.Second, "web "+want, func() error {
			if got := info(t, c, "web").Health; got != want {
				return fmt.Errorf("health is %q", got)
			}
			return nil
		})
	}
	is("healthy")
	r.touch("ill")
	is("unhealthy")
	ask(t, c, control.Failed, control.OpWaitReady, control.String("web"))
	os.Remove(filepath.Join(r.dir, "ill"))
	is("healthy")
	if i := info(t, c, "web"); i.Generation != 1 {
		t.Errorf("health_action=none restarted it: %+v", i)
	}
	if n := strings.Count(r.text(), "unhealthy: web (2 health checks have failed in a row"); n != 1 {
		t.Errorf("said %d times that it is unhealthy, want once", n)
	}
	r.says("healthy: web has recovered")
}

func TestIllnessRestarts(t *testing.T) {
	r := start(t, "ill, restart")
	c := r.dial()
	ask(t, c, control.Success, control.OpWaitReady, control.String("web"))
	r.touch("ill")
	r.says("unhealthy: web")
	os.Remove(filepath.Join(r.dir, "ill"))
	testkit.Eventually(t, 10*time.Second, "web is healthy again", func() error {
		if i := info(t, c, "web"); i.Generation < 2 || i.Health != "healthy" {
			return fmt.Errorf("%+v", i)
		}
		return nil
	})
}

func TestIllnessEndsTheContainer(t *testing.T) {
	for _, tt := range []struct{ scenario, says string }{
		{"ill, for ever", "web cannot be kept up: 2 health checks have failed in a row, the last: it is ill"},
		{"ill, shutdown", "web is unhealthy (health_action=shutdown)"},
	} {
		t.Run(tt.scenario, func(t *testing.T) {
			r := start(t, tt.scenario)
			r.ends(8*time.Second, 75)
			r.says(tt.says)
		})
	}
}

// F26: a health check hangs, floods, and leaves children.
func TestHangingProbeIsKilledWithItsGroup(t *testing.T) {
	r := start(t, "probe hangs")
	r.says("unhealthy: web (2 health checks have failed in a row, the last: no answer in time)")
	testkit.Eventually(t, 10*time.Second, "earlier probes are gone", func() error {
		pids := strings.Fields(r.file("pids"))
		for _, pid := range pids[:max(len(pids)-1, 0)] {
			var n int
			fmt.Sscan(pid, &n)
			if err := syscall.Kill(-n, 0); err != syscall.ESRCH {
				return fmt.Errorf("group %d: %v", n, err)
			}
		}
		return nil
	})
	r.signal(syscall.SIGTERM)
	r.ends(5*time.Second, 0)
}

func TestRestartWith(t *testing.T) {
	r := start(t, "restart_with")
	c := r.dial()
	for _, name := range []string{"db", "app", "other"} {
		ask(t, c, control.Success, control.OpWaitReady, control.String(name))
	}
	ask(t, c, control.Success, control.OpProcessRestart, control.String("db"), waiting)
	testkit.Eventually(t, 10*time.Second, "app is restarted", func() error {
		if i := info(t, c, "app"); i.Generation != 2 || i.State != control.Running {
			return fmt.Errorf("%+v", i)
		}
		return nil
	})
	for name, want := range map[string]int64{"db": 2, "other": 1} {
		if i := info(t, c, name); i.Generation != want {
			t.Errorf("%s was started %d times, want %d", name, i.Generation, want)
		}
	}
}

func TestReloadMustProveItself(t *testing.T) {
	for _, tt := range []struct {
		scenario string
		want     control.Code
	}{
		{"reload, dies", control.AbnormalTermination},
		{"reload, ill", control.Failed},
	} {
		t.Run(tt.scenario, func(t *testing.T) {
			r := start(t, tt.scenario)
			c := r.dial()
			ask(t, c, control.Success, control.OpWaitReady, control.String("web"))
			ask(t, c, control.Success, control.OpProcessReload, control.String("web"), waiting)
			ask(t, c, tt.want, control.OpWaitReady, control.String("web"))
		})
	}
}

// notifyReady is a program that calls sd_notify(3), in C's words.
func notifyReady() int {
	conn, err := net.Dial("unixgram", os.Getenv("NOTIFY_SOCKET"))
	if err != nil {
		return 1
	}
	for _, text := range []string{"STATUS=loading\nREADY=0\n", "STATUS=up\nREADY=1", "READY=1\n"} {
		if _, err := conn.Write([]byte(text)); err != nil {
			return 1
		}
	}
	return 0
}
