package main

import (
	"strings"
	"testing"

	"slipway/internal/test/testkit"
	"slipway/supervise/control"
	"slipway/supervise/machine"
)

// A start that fails says what has happened: a program that ran and ended is told from one
// that could not be executed, by each command that starts.
func TestStartThatFailsSaysHow(t *testing.T) {
	testkit.Need(t, testkit.Linux)
	const rest = "\nautostart = false\nstartsecs = 60\nstartretries = 0\n"
	c := newContainer(t, "on_fatal = ignore\n"+
		"[program:web]\ncommand = sleep 600\n"+
		"[program:status]\ncommand = sh -c \"exit 3\""+rest+
		"[program:well]\ncommand = true"+rest+
		"[program:signal]\ncommand = sh -c \"kill -TERM $$\""+rest+
		"[program:folder]\ncommand = sleep 600\ndirectory = /nowhere"+rest+
		"[program:command]\ncommand = /nowhere"+rest+
		"[program:probe]\ncommand = sleep 600\nready = file:DIR/nothing\nready_timeout = 100ms\nready_interval = 10ms"+rest+
		"[program:job]\ncommand = sh -c \"exit 4\"\ntype = oneshot"+rest)
	c.start("slipway", "run", "-c", "app.conf")
	c.healthy()
	for _, tt := range []struct {
		program, want, hint string
	}{
		{"status", "it was started, and ended with status 3 after ", "; it counts as started after 1m0s (startsecs)\nslipway: hint: slipway tail status "},
		{"well", "it was started, and ended with status 0 after ", "; it counts as started after 1m0s (startsecs)\nslipway: hint: slipway tail well "},
		{"signal", "it was started, and was ended by SIGTERM after ", "; it counts as started after 1m0s (startsecs)\nslipway: hint: slipway tail signal "},
		{"folder", "couldn't chdir to /nowhere: ENOENT\n", "hint: slipway help not-started "},
		{"command", "can't find command '/nowhere'\n", "hint: slipway help not-started "},
		{"probe", "not ready within 100ms, the last answer: ", "\nslipway: hint: slipway tail probe "},
		{"job", "it was started, and ended with status 4 after ", "ms\nslipway: hint: slipway tail job "},
	} {
		t.Run(tt.program, func(t *testing.T) {
			for _, verb := range []string{"start", "restart"} {
				status, out := c.ask(verb, tt.program)
				if status != 1 || !strings.Contains(out, "cannot "+verb+" "+tt.program+": ") || !strings.Contains(out, tt.want) || !strings.Contains(out, tt.hint) {
					t.Errorf("%s: status %d, %s; want 1, %q and %q", verb, status, out, tt.want, tt.hint)
				}
			}
		})
	}
	if _, out := c.ask("start", "all"); strings.Count(out, "it was started, and ended") != 3 {
		t.Errorf("start all says\n%s\nwant how status, well and job have ended", out)
	}
	if _, out := c.ask("status", "status", "well"); strings.Count(out, "given up: ended with status ") != 2 {
		t.Errorf("status says\n%s\nwant how both have ended", out)
	}
}

// The table shows of a program that is down how its last run has ended, not Supervisor's
// words for any of it.
func TestDetailOfFailedStarts(t *testing.T) {
	for _, tt := range []struct {
		name string
		p    control.ProcessInfo
		want string
	}{
		{"is tried again", control.ProcessInfo{State: control.Backoff, Ran: 1200, LastStatus: 3, SpawnError: machine.TooQuickly}, "ended with status 3 after 1.2s; it is tried again"},
		{"signal", control.ProcessInfo{State: control.Fatal, Ran: 7, Signal: 9, Core: true, SpawnError: machine.TooQuickly}, "given up: was ended by SIGKILL (core dumped) after 7ms"},
		{"memory", control.ProcessInfo{State: control.Backoff, Ran: 7, Signal: 9, Cause: "memory", SpawnError: machine.TooQuickly}, "was killed by the memory limit after 7ms; it is tried again"},
		{"probe", control.ProcessInfo{State: control.Backoff, Ran: 7, Cause: "ready", Why: "not ready within 1s", SpawnError: "not ready within 1s"}, "not ready within 1s; it is tried again"},
		{"job", control.ProcessInfo{State: control.Fatal, Ran: 7, LastStatus: 4, Task: "failed", SpawnError: "Bad exit code 4"}, "given up: ended with status 4 after 7ms"},
		{"was not executed", control.ProcessInfo{State: control.Fatal, SpawnError: "can't find command '/x'"}, "can't find command '/x'"},
		{"restarts too often", control.ProcessInfo{State: control.Fatal, Ran: 7, LastStatus: 1, SpawnError: "ended more often than 3/1m (max_restarts)"}, "ended more often than 3/1m (max_restarts)"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := detail(tt.p, debts{}); got != tt.want {
				t.Errorf("detail = %q, want %q", got, tt.want)
			}
		})
	}
}
