package supervise

import (
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestExitStatus(t *testing.T) {
	for _, tt := range []struct {
		scenario string
		want     int
		says     string
	}{
		{"exit 7, on_exit", 7, "exited: job (exit status 7; not expected)"},
		{"killed, on_exit", 137, "exited: job (terminated by SIGKILL; not expected)"},
		{"exit 3, no more", 3, "nothing is left to run, and job has failed"},
		{"exit 0, no more", 0, "nothing is left to run"},
		{"no program", 0, "there is no program to run"},
		{"not found", 127, "can't find command '/no/such'"},
		{"not executable", 126, "command at '/etc/passwd' is not executable"},
		{"fails at once", 9, "bad: last output: it is broken"},
		{"main", 5, "hello"},
		{"F23", 42, "exited: quick (exit status 42; not expected)"},
	} {
		t.Run(tt.scenario, func(t *testing.T) {
			r := start(t, tt.scenario)
			r.ends(10*time.Second, tt.want)
			r.says(tt.says)
		})
	}
}

func TestOrderedStopEndsWith0(t *testing.T) {
	for _, scenario := range []string{"sleep", "sleep, daemon"} {
		for _, sig := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT, syscall.SIGQUIT} {
			t.Run(scenario+" "+sig.String(), func(t *testing.T) {
				r := start(t, scenario)
				r.says("entered RUNNING state")
				r.signal(sig)
				r.ends(3*time.Second, 0)
				r.says("stopped: sleep (terminated by SIGTERM)")
			})
		}
	}
}

func TestFatalProgramDoesNotEndADaemon(t *testing.T) {
	r := start(t, "fails, daemon")
	r.says("gave up: bad entered FATAL state, too many start retries too quickly")
	r.signal(syscall.SIGTERM)
	r.ends(3*time.Second, 0)
}

func TestStopOrderIsReversePriority(t *testing.T) {
	r := start(t, "order")
	r.wrote("starts", "up\nup\nup\n")
	r.signal(syscall.SIGTERM)
	r.ends(5*time.Second, 0)
	if got, want := r.file("stops"), "high\nmid\nlow\n"; got != want {
		t.Errorf("stopped in the order %q, want %q", got, want)
	}
}

func TestDependsOnWaits(t *testing.T) {
	r := start(t, "depends")
	r.says("holding app until db is up")
	r.says("success: app entered RUNNING state")
	if text := r.text(); strings.Index(text, "success: db") > strings.Index(text, "spawned: 'app'") {
		t.Errorf("app was started before db was RUNNING")
	}
	r.signal(syscall.SIGTERM)
	r.ends(3*time.Second, 0)
	text := r.text()
	if app, db := strings.Index(text, "stopped: app"), strings.Index(text, "stopped: db"); app < 0 || db < app {
		t.Errorf("app must be stopped before what it depends on")
	}
}

func TestDependsOnCycleIsRefused(t *testing.T) {
	r := start(t, "cycle")
	r.ends(3*time.Second, 78)
	r.says("programs wait for each other: a -> b -> c -> a")
}

func TestWhatAProgramIsGiven(t *testing.T) {
	t.Run("environment", func(t *testing.T) {
		r := start(t, "environment")
		r.wrote("env", "A=1 2\n")
		r.wrote("env", "SUPERVISOR_ENABLED=1\n")
		r.wrote("env", "SUPERVISOR_PROCESS_NAME=env\n")
		r.wrote("env", "SUPERVISOR_GROUP_NAME=env\n")
		r.wrote("env", "PATH=/bin:/usr/bin\n")
		if n := strings.Count("\n"+r.file("env"), "\nPATH="); n != 1 {
			t.Errorf("PATH is there %d times, want 1", n)
		}
	})
	t.Run("umask and directory", func(t *testing.T) {
		r := start(t, "umask, directory")
		r.wrote("u", "0027\n/usr\n")
	})
}
