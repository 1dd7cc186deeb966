package machine

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"
)

var epoch = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

func at(seconds float64) time.Time {
	return epoch.Add(time.Duration(seconds * float64(time.Second)))
}

func defaults() Spec {
	return Spec{
		StartSecs: time.Second, StartRetries: 3, ExitCodes: []int{0},
		StopSignal: 15, StopWait: 10 * time.Second,
	}
}

// do is the actions of a step as text, for comparison.
func do(actions []Action) string {
	var words []string
	for _, a := range actions {
		group := ""
		if a.Group {
			group = "-"
		}
		switch a.Do {
		case DoEnter:
			words = append(words, a.To.String())
		case DoSpawn:
			words = append(words, "spawn")
		case DoSignal:
			words = append(words, fmt.Sprintf("signal(%s%d,%d)", group, a.PID, a.Signal))
		case DoKill:
			words = append(words, fmt.Sprintf("kill(%s%d)", group, a.PID))
		}
	}
	return strings.Join(words, " ")
}

// representatives are Procs in every state, with everything in it that matters.
func representatives() map[string]Proc {
	up := Proc{Wanted: true, Gen: 5, PID: 50, Started: at(0)}
	with := func(p Proc, s State, change func(*Proc)) Proc {
		p.State = s
		if change != nil {
			change(&p)
		}
		return p
	}
	down := Proc{Gen: 5, Started: at(0), Ended: at(0.5)}
	return map[string]Proc{
		"STOPPED":           with(down, Stopped, nil),
		"STARTING":          with(up, Starting, func(p *Proc) { p.Due = at(1) }),
		"STARTING forking":  with(up, Starting, func(p *Proc) { p.PID = 0 }),
		"RUNNING":           with(up, Running, nil),
		"RUNNING remains":   with(up, Running, func(p *Proc) { p.Remains, p.Due, p.Ended = true, at(1), at(0.5) }),
		"BACKOFF":           with(down, Backoff, func(p *Proc) { p.Wanted, p.Due, p.Tries = true, at(1), 2 }),
		"BACKOFF last":      with(down, Backoff, func(p *Proc) { p.Wanted, p.Due, p.Tries = true, at(1), 3 }),
		"STOPPING":          with(up, Stopping, func(p *Proc) { p.Wanted, p.Due = false, at(1) }),
		"STOPPING forking":  with(up, Stopping, func(p *Proc) { p.Wanted, p.Due, p.PID = false, at(1), 0 }),
		"STOPPING to renew": with(up, Stopping, func(p *Proc) { p.Due = at(1) }),
		"STOPPING remains":  with(up, Stopping, func(p *Proc) { p.Wanted, p.Due, p.Remains, p.Ended = false, at(1), true, at(0.5) }),
		"EXITED":            with(down, Exited, nil),
		"EXITED to restart": with(down, Exited, func(p *Proc) { p.Wanted, p.Due = true, at(1) }),
		"FATAL":             with(down, Fatal, nil),
		"UNKNOWN":           with(up, Unknown, func(p *Proc) { p.Wanted = false }),
		"UNKNOWN gone":      with(down, Unknown, nil),
	}
}

// The whole table: what each event does in each state. A row that is not here means
// that nothing happens at all.
func TestTable(t *testing.T) {
	news := func(e Event) Event { e.Gen = 5; return e }
	events := map[string]Event{
		"start":           {Kind: Start},
		"stop":            {Kind: Stop},
		"shutdown":        {Kind: Stop, Shutdown: true},
		"hasten":          {Kind: Stop, Limit: time.Second / 4},
		"renew":           {Kind: Renew},
		"kill":            {Kind: Kill},
		"spawned":         news(Event{Kind: Spawned, PID: 51}),
		"spawn-failed":    news(Event{Kind: SpawnFailed, Text: "no"}),
		"no-resources":    news(Event{Kind: SpawnFailed, Text: "full", Transient: true}),
		"died":            news(Event{Kind: Died, At: at(0.5)}),
		"failed":          news(Event{Kind: Died, At: at(0.5), Status: Status{Code: 1}}),
		"died, remains":   news(Event{Kind: Died, At: at(0.5), Remains: true}),
		"died, successor": news(Event{Kind: Died, At: at(0.5), Successor: 52}),
		"emptied":         news(Event{Kind: Emptied}),
		"timer":           news(Event{Kind: Timer}),
		"signal-failed":   news(Event{Kind: SignalFailed}),
	}
	table := map[string]map[string]string{
		"STOPPED": {"start": "STARTING spawn", "renew": "STARTING spawn"},
		"STARTING": {
			"stop": "STOPPING signal(50,15)", "shutdown": "STOPPING signal(50,15)", "hasten": "STOPPING signal(50,15)",
			"renew": "STOPPING signal(50,15)", "kill": "STOPPING kill(50)",
			"spawned": "",
			"died":    "BACKOFF", "failed": "BACKOFF", "died, remains": "signal(-50,9)",
			"spawn-failed": "BACKOFF", "no-resources": "BACKOFF",
			"timer": "RUNNING", "signal-failed": "UNKNOWN",
		},
		"STARTING forking": {
			"stop": "STOPPING", "shutdown": "STOPPING", "hasten": "STOPPING", "renew": "STOPPING", "kill": "STOPPING",
			"spawn-failed": "BACKOFF", "no-resources": "BACKOFF", "signal-failed": "UNKNOWN",
		},
		"RUNNING": {
			"stop": "STOPPING signal(50,15)", "shutdown": "STOPPING signal(50,15)", "hasten": "STOPPING signal(50,15)",
			"renew": "STOPPING signal(50,15)", "kill": "STOPPING kill(50)",
			"died": "EXITED", "failed": "EXITED STARTING spawn", "died, remains": "signal(-50,9)",
			"signal-failed": "UNKNOWN",
		},
		"RUNNING remains": {
			"stop": "STOPPING signal(-50,15)", "shutdown": "STOPPING signal(-50,15)", "hasten": "STOPPING signal(-50,15)",
			"renew": "STOPPING signal(-50,15)", "kill": "STOPPING kill(-50)",
			"emptied": "EXITED", "timer": "EXITED", "signal-failed": "EXITED",
		},
		"BACKOFF": {
			"stop": "STOPPED", "shutdown": "FATAL", "hasten": "STOPPED", "renew": "STOPPED STARTING spawn", "kill": "STOPPED",
			"timer": "STARTING spawn",
		},
		"STOPPING": {
			"kill": "kill(50)", "spawned": "signal(51,15)", "died": "STOPPED", "failed": "STOPPED",
			"died, remains": "signal(-50,15)", "died, successor": "signal(52,15)", "timer": "kill(50)", "signal-failed": "UNKNOWN",
		},
		"STOPPING forking": {
			"spawned": "signal(51,15)", "spawn-failed": "STOPPED", "no-resources": "STOPPED", "signal-failed": "UNKNOWN",
		},
		"STOPPING to renew": {
			"kill": "kill(50)", "spawned": "signal(51,15)", "died": "STOPPED STARTING spawn", "failed": "STOPPED STARTING spawn",
			"died, remains": "signal(-50,15)", "died, successor": "signal(52,15)", "timer": "kill(50)", "signal-failed": "UNKNOWN",
		},
		"STOPPING remains": {
			"kill": "kill(-50)", "spawned": "signal(-51,15)", "emptied": "STOPPED", "timer": "kill(-50)", "signal-failed": "STOPPED",
		},
		"EXITED":            {"start": "STARTING spawn", "renew": "STARTING spawn"},
		"EXITED to restart": {"start": "STARTING spawn", "renew": "STARTING spawn", "timer": "STARTING spawn"},
		"FATAL":             {"start": "STARTING spawn", "renew": "STARTING spawn"},
		"UNKNOWN": {
			"stop": "STOPPING signal(50,15)", "shutdown": "STOPPING signal(50,15)", "hasten": "STOPPING signal(50,15)",
			"renew": "STOPPING signal(50,15)", "kill": "STOPPING kill(50)",
			"died": "EXITED", "failed": "EXITED", "died, remains": "signal(-50,9)",
		},
		"UNKNOWN gone": {"start": "STARTING spawn", "renew": "STARTING spawn"},
	}
	table["BACKOFF last"] = table["BACKOFF"]
	spec := defaults()
	for state, p := range representatives() {
		for name, ev := range events {
			t.Run(name+" in "+state, func(t *testing.T) {
				ev.Now = at(1)
				_, actions := Step(p, &spec, ev)
				if got, want := do(actions), table[state][name]; got != want {
					t.Errorf("step(%s, %s) = %q, want %q", state, name, got, want)
				}
			})
		}
	}
}

func TestStaleNewsChangesNothing(t *testing.T) {
	spec := defaults()
	for state, p := range representatives() {
		for k := Spawned; int(k) < Kinds; k++ {
			ev := Event{Kind: k, Gen: p.Gen - 1, Now: at(100), PID: 99, Remains: true, Successor: 98}
			got, actions := Step(p, &spec, ev)
			if !reflect.DeepEqual(got, p) || actions != nil {
				t.Errorf("step(%s, %v of the last incarnation) = %+v, %v, want no change", state, k, got, actions)
			}
		}
	}
}

// A process that fails at once is started startretries+1 times, with pauses of 1, 2
// and 3 seconds, and is FATAL without a further one.
func TestBackoffIsLinear(t *testing.T) {
	spec := defaults()
	p, actions := Step(Proc{}, &spec, Event{Kind: Start, Now: at(0)})
	now, spawns := 0.0, 0
	var pauses []float64
	for p.State != Fatal {
		if do(actions) != "STARTING spawn" {
			t.Fatalf("actions = %q, want a spawn", do(actions))
		}
		spawns++
		p, _ = Step(p, &spec, Event{Kind: Spawned, Gen: p.Gen, PID: spawns, Now: at(now)})
		p, actions = Step(p, &spec, Event{Kind: Died, Gen: p.Gen, Now: at(now), Status: Status{Code: 1}})
		if p.State == Backoff {
			pause := p.Due.Sub(at(now)).Seconds()
			pauses = append(pauses, pause)
			now += pause
			p, actions = Step(p, &spec, Event{Kind: Timer, Gen: p.Gen, Now: at(now)})
		}
	}
	if want := []float64{1, 2, 3}; spawns != 4 || !reflect.DeepEqual(pauses, want) {
		t.Errorf("%d spawns with pauses %v, want 4 with %v", spawns, pauses, want)
	}
	if p.Tries != 0 || p.ExitStatus() != 0 || p.SpawnErr != TooQuickly {
		t.Errorf("FATAL with tries %d, exit status %d, %q; want 0, 0, %q", p.Tries, p.ExitStatus(), p.SpawnErr, TooQuickly)
	}
	if p, _ = Step(p, &spec, Event{Kind: Start, Now: at(now)}); p.Tries != 0 || p.SpawnErr != "" {
		t.Errorf("started anew with tries %d and %q, want 0 and nothing", p.Tries, p.SpawnErr)
	}
}

func TestWantOfResourcesIsNeverFatal(t *testing.T) {
	spec := defaults()
	spec.StartRetries = 0
	p, _ := Step(Proc{}, &spec, Event{Kind: Start, Now: at(0)})
	now := at(0)
	for range 100 {
		p, _ = Step(p, &spec, Event{Kind: SpawnFailed, Gen: p.Gen, Transient: true, Text: "EAGAIN", Now: now})
		if p.State != Backoff || p.Tries != 0 {
			t.Fatalf("state %v with %d tries, want BACKOFF with 0", p.State, p.Tries)
		}
		if pause := p.Due.Sub(now); pause > maxStall {
			t.Fatalf("pause %v, want at most %v", pause, maxStall)
		}
		now = p.Due
		p, _ = Step(p, &spec, Event{Kind: Timer, Gen: p.Gen, Now: now})
	}
	p, _ = Step(p, &spec, Event{Kind: SpawnFailed, Gen: p.Gen, Text: "ENOENT", Now: now})
	if p.State != Fatal {
		t.Errorf("after a failure of the program itself: %v, want FATAL", p.State)
	}
}

// When the loop hears of a death after startsecs, the time of the death counts.
func TestTrueTimeOfDeathDecides(t *testing.T) {
	spec := defaults()
	for _, tt := range []struct {
		name string
		died float64
		want string
	}{
		{"before startsecs", 0.9, "BACKOFF"},
		{"at startsecs", 1.0, "RUNNING EXITED STARTING spawn"},
		{"after startsecs", 1.1, "RUNNING EXITED STARTING spawn"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p, _ := Step(Proc{}, &spec, Event{Kind: Start, Now: at(0)})
			p, _ = Step(p, &spec, Event{Kind: Spawned, Gen: p.Gen, PID: 7, Now: at(0)})
			_, actions := Step(p, &spec, Event{Kind: Died, Gen: p.Gen, At: at(tt.died), Now: at(5), Status: Status{Code: 1}})
			if got := do(actions); got != tt.want {
				t.Errorf("died at %v: %q, want %q", tt.died, got, tt.want)
			}
		})
	}
}

func TestAutorestart(t *testing.T) {
	for _, tt := range []struct {
		name        string
		autorestart Restart
		status      Status
		again       bool
	}{
		{"unexpected, expected code", RestartUnexpected, Status{Code: 0}, false},
		{"unexpected, other code", RestartUnexpected, Status{Code: 3}, true},
		{"unexpected, signal", RestartUnexpected, Status{Signal: 9}, true},
		{"always, expected code", RestartAlways, Status{Code: 0}, true},
		{"never, other code", RestartNever, Status{Code: 3}, false},
		{"never, signal", RestartNever, Status{Signal: 11}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			spec := defaults()
			spec.Autorestart = tt.autorestart
			p := Proc{State: Running, Wanted: true, Gen: 1, PID: 7, Started: at(0)}
			p, actions := Step(p, &spec, Event{Kind: Died, Gen: 1, At: at(60), Now: at(60), Status: tt.status})
			want := "EXITED"
			if tt.again {
				want = "EXITED STARTING spawn"
			}
			if got := do(actions); got != want || p.AtRest() == tt.again {
				t.Errorf("%q, at rest %v; want %q, %v", got, p.AtRest(), want, !tt.again)
			}
		})
	}
}

// With startsecs=0 a failing program is never FATAL; it is restarted once a second,
// where Supervisor forks as fast as it can.
func TestRestartLoopIsPaced(t *testing.T) {
	spec := defaults()
	spec.StartSecs = 0
	p, _ := Step(Proc{}, &spec, Event{Kind: Start, Now: at(0)})
	p, actions := Step(p, &spec, Event{Kind: Spawned, Gen: p.Gen, PID: 7, Now: at(0)})
	if do(actions) != "RUNNING" {
		t.Fatalf("spawned: %q, want RUNNING", do(actions))
	}
	p, actions = Step(p, &spec, Event{Kind: Died, Gen: p.Gen, Now: at(0.01), Status: Status{Code: 1}})
	if got, want := do(actions), "EXITED"; got != want || !p.Due.Equal(at(1)) {
		t.Fatalf("died: %q, due %v; want %q, due %v", got, p.Due, want, at(1))
	}
	if _, actions = Step(p, &spec, Event{Kind: Timer, Gen: p.Gen, Now: at(1)}); do(actions) != "STARTING spawn" {
		t.Errorf("timer: %q, want a spawn", do(actions))
	}
}

func TestStopEscalates(t *testing.T) {
	spec := defaults()
	spec.StopWait = 0
	p := Proc{State: Running, Wanted: true, Gen: 1, PID: 7, Started: at(0)}
	p, _ = Step(p, &spec, Event{Kind: Stop, Now: at(1)})
	for i := 0; i < 3; i++ {
		now := p.Due
		var actions []Action
		p, actions = Step(p, &spec, Event{Kind: Timer, Gen: 1, Now: now})
		if do(actions) != "kill(7)" || p.State != Stopping {
			t.Fatalf("timer %d: %q in %v, want kill(7) in STOPPING", i, do(actions), p.State)
		}
		if p.Due.Sub(now) < KillPause {
			t.Fatalf("next KILL after %v, want at least %v", p.Due.Sub(now), KillPause)
		}
	}
}

func TestStopDeadlineOnlyShrinks(t *testing.T) {
	spec := defaults()
	p := Proc{State: Running, Wanted: true, Gen: 1, PID: 7, Started: at(0)}
	for _, row := range []struct{ limit, want float64 }{{6, 7}, {20, 7}, {0, 7}, {2, 3}} {
		p, _ = Step(p, &spec, Event{Kind: Stop, Now: at(1), Limit: time.Duration(row.limit * 1e9)})
		if !p.Due.Equal(at(row.want)) {
			t.Errorf("stop with limit %v: due %v, want %v", row.limit, p.Due, at(row.want))
		}
	}
}

// The successor of a program that puts itself into the background carries its incarnation
// on.
func TestSuccessorCarriesOn(t *testing.T) {
	spec := defaults()
	p := Proc{State: Starting, Wanted: true, Gen: 1, PID: 7, Started: at(0), Due: at(1)}
	p, actions := Step(p, &spec, Event{Kind: Died, Gen: 1, Now: at(0.1), Successor: 8})
	if p.PID != 8 || !p.Forked || do(actions) != "" {
		t.Fatalf("pid %d, forked %v, %q; want 8, true, nothing", p.PID, p.Forked, do(actions))
	}
	p, actions = Step(p, &spec, Event{Kind: Timer, Gen: 1, Now: at(1)})
	if do(actions) != "RUNNING" {
		t.Errorf("timer: %q, want RUNNING", do(actions))
	}
	_, actions = Step(p, &spec, Event{Kind: Stop, Now: at(2)})
	if do(actions) != "STOPPING signal(8,15)" {
		t.Errorf("stop: %q, want the signal for the successor", do(actions))
	}
}

// A process that is up but judged to have failed goes the way of failed starts, and
// staying up in between does not make up for it.
func TestFailedCountsAsAFailedStart(t *testing.T) {
	spec := defaults()
	spec.StartRetries, spec.Probed = 1, true
	feed := func(p Proc, e Event, want string) Proc {
		t.Helper()
		e.Gen = p.Gen
		next, actions := Step(p, &spec, e)
		if got := do(actions); got != want {
			t.Errorf("%v in %v does %q, want %q", e.Kind, p.State, got, want)
		}
		return next
	}
	p := feed(Proc{}, Event{Kind: Start, Now: at(0)}, "STARTING spawn")
	p = feed(p, Event{Kind: Spawned, Now: at(0), PID: 7}, "")
	p = feed(p, Event{Kind: Timer, Now: at(1)}, "RUNNING")
	p = feed(p, Event{Kind: Failed, Now: at(2), Text: "ill"}, "STOPPING signal(7,15)")
	if renewed := feed(p, Event{Kind: Renew, Now: at(2)}, ""); renewed.Faulty {
		t.Error("a restart that somebody asks for still waits for BACKOFF")
	}
	feed(feed(p, Event{Kind: Stop, Now: at(2)}, ""), Event{Kind: Died, Now: at(3)}, "STOPPED")
	p = feed(p, Event{Kind: Died, Now: at(3)}, "BACKOFF")
	if p.SpawnErr != "ill" || p.Tries != 1 {
		t.Errorf("spawn error %q after %d tries, want ill after 1", p.SpawnErr, p.Tries)
	}
	p = feed(p, Event{Kind: Timer, Now: at(4)}, "STARTING spawn")
	p = feed(p, Event{Kind: Spawned, Now: at(4), PID: 8}, "")
	p = feed(p, Event{Kind: Timer, Now: at(5)}, "RUNNING")
	if confirmed := feed(p, Event{Kind: Confirmed, Now: at(5)}, ""); confirmed.Tries != 0 {
		t.Errorf("%d tries are left after it is confirmed, want 0", confirmed.Tries)
	}
	p = feed(p, Event{Kind: Failed, Now: at(6)}, "STOPPING signal(8,15)")
	feed(p, Event{Kind: Died, Now: at(7)}, "BACKOFF FATAL")
}
