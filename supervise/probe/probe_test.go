package probe

import (
	"strings"
	"testing"
	"time"
)

var epoch = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

func at(seconds float64) time.Time {
	return epoch.Add(time.Duration(seconds * float64(time.Second)))
}

// do is the actions of a step as text, for comparison.
func do(actions []Action) string {
	var words []string
	for _, a := range actions {
		word := a.Do.String()
		switch {
		case a.Do == DoRun:
			word += [...]string{"", "(ready)", "(health)"}[a.Run]
		case a.Text != "":
			word += "(" + a.Text + ")"
		}
		words = append(words, word)
	}
	return strings.Join(words, " ")
}

// asked is a program with a ready probe, told one that says itself when it is ready.
func asked() Spec {
	return Spec{Ready: ByProbe, ReadyInterval: time.Second, StartSecs: time.Second}
}

func told() Spec { return Spec{Ready: ByItself, StartSecs: time.Second} }

func healthy(s Spec) Spec {
	s.Health, s.HealthInterval, s.HealthTimeout, s.HealthRetries = true, 10*time.Second, 3*time.Second, 2
	return s
}

func with(s Spec, change func(*Spec)) Spec {
	change(&s)
	return s
}

// row is one step of a scenario: what happens when, what is done, and what is due then.
type row struct {
	at   float64
	ev   Event
	want string
	due  float64 // in seconds; 0: nothing
}

func ok() Event                   { return Event{Kind: Done} }
func bad(why string) Event        { return Event{Kind: Done, Why: why} }
func is(k Kind) Event             { return Event{Kind: k} }
func gen(n uint64, e Event) Event { e.Gen = n; return e }

func TestScenarios(t *testing.T) {
	timeout := func(s *Spec) { s.ReadyTimeout = 2 * time.Second }
	for _, tt := range []struct {
		name string
		spec Spec
		rows []row
	}{
		{"no probe at all", Spec{StartSecs: time.Second}, []row{
			{0, is(Begun), "", 0}, {1, is(Up), "", 0}, {2, is(Said), "", 0},
			{3, is(Reloaded), "", 4}, {4, is(Timer), "", 0}, {5, is(Gone), "", 0},
		}},
		{"the pauses between two ready runs double up to ready_interval", asked(), []row{
			{0, is(Begun), "", 0.05},
			{0.05, is(Timer), "run(ready)", 5.05}, {0.1, bad("no"), "answer(no)", 0.2},
			{0.2, is(Timer), "run(ready)", 5.2}, {0.2, bad("no"), "answer(no)", 0.4},
			{0.4, is(Timer), "run(ready)", 5.4}, {0.4, bad("no"), "answer(no)", 0.8},
			{0.8, is(Timer), "run(ready)", 5.8}, {0.8, bad("no"), "answer(no)", 1.6},
			{1.6, is(Timer), "run(ready)", 6.6}, {1.6, bad("no"), "answer(no)", 2.6},
			{2.6, is(Timer), "run(ready)", 7.6}, {3, ok(), "answer confirm ready", 0},
		}},
		{"ready, then its health", healthy(asked()), []row{
			{0, is(Begun), "", 0.05}, {0.05, is(Timer), "run(ready)", 5.05}, {0.1, ok(), "answer confirm ready", 0},
			{1, is(Up), "", 1}, {1, is(Timer), "run(health)", 4}, {1.5, ok(), "answer confirm", 11.5},
			{11.5, is(Timer), "run(health)", 14.5},
		}},
		{"ready while it is RUNNING", healthy(told()), []row{
			{0, is(Begun), "", 0}, {1, is(Up), "", 0}, {2, is(Said), "confirm ready", 2}, {2, is(Timer), "run(health)", 5},
		}},
		{"its word counts once", told(), []row{
			{0, is(Begun), "", 0}, {1, is(Said), "confirm ready", 0}, {2, is(Said), "", 0},
		}},
		{"not ready in time", with(asked(), timeout), []row{
			{0, is(Begun), "", 0.05}, {0.05, is(Timer), "run(ready)", 2}, {1.9, bad("no"), "answer(no)", 2},
			{2, is(Timer), "late(not ready within 2s, the last answer: no) fail(not ready within 2s, the last answer: no)", 0},
		}},
		{"ready_timeout ends a run, which then says nothing", with(asked(), timeout), []row{
			{0, is(Begun), "", 0.05}, {0.05, is(Timer), "run(ready)", 2}, {0.1, bad("no"), "answer(no)", 0.2},
			{1.5, is(Timer), "run(ready)", 2}, {2, is(Timer), "kill", 0},
			{2, bad("terminated"), "answer(no answer in time) late(not ready within 2s, the last answer: no) fail(not ready within 2s, the last answer: no)", 0},
		}},
		{"ready_timeout ends the first run", with(asked(), timeout), []row{
			{0, is(Begun), "", 0.05}, {0.05, is(Timer), "run(ready)", 2}, {2, is(Timer), "kill", 0},
			{2, ok(), "answer(no answer in time) late(not ready within 2s, the last answer: no answer in time) fail(not ready within 2s, the last answer: no answer in time)", 0},
		}},
		{"it does not say that it is ready in time", with(told(), timeout), []row{
			{0, is(Begun), "", 2}, {2, is(Timer), "late(not ready within 2s) fail(not ready within 2s)", 0}, {2, is(Said), "", 0},
		}},
		{"a ready run takes too long", asked(), []row{
			{0, is(Begun), "", 0.05}, {0.05, is(Timer), "run(ready)", 5.05}, {5.05, is(Timer), "kill", 0},
			{5.1, bad("terminated by SIGKILL"), "answer(no answer in time)", 5.2},
		}},
		{"no resources for a run", asked(), []row{
			{0, is(Begun), "", 0.05}, {0.05, is(Timer), "run(ready)", 5.05}, {0.05, is(NotStarted), "", 0.1},
			{0.1, is(Timer), "run(ready)", 5.1},
		}},
		{"unhealthy, a failed start", healthy(Spec{}), []row{
			{0, is(Begun), "", 0}, {1, is(Up), "", 1}, {1, is(Timer), "run(health)", 4}, {1, bad("ill"), "answer(ill)", 11},
			{11, is(Timer), "run(health)", 14},
			{14, is(Timer), "kill", 0},
			{14, bad("x"), "answer(no answer in time) unhealthy(2 health checks have failed in a row, the last: no answer in time) fail(2 health checks have failed in a row, the last: no answer in time)", 0},
		}},
		{"failures do not count in the start period", with(healthy(Spec{}), func(s *Spec) { s.HealthRetries, s.HealthGrace = 1, 20*time.Second }), []row{
			{0, is(Begun), "", 0}, {1, is(Up), "", 1}, {1, is(Timer), "run(health)", 4}, {1, bad("ill"), "answer(ill)", 11},
			{11, is(Timer), "run(health)", 14}, {11, bad("ill"), "answer(ill)", 21},
			{21, is(Timer), "run(health)", 24}, {21, bad("ill"), "answer(ill) unhealthy(1 health checks have failed in a row, the last: ill) fail(1 health checks have failed in a row, the last: ill)", 0},
		}},
		{"the start period ends when it is well", with(healthy(Spec{}), func(s *Spec) { s.HealthRetries, s.HealthGrace, s.HealthPolicy = 1, time.Hour, Ignore }), []row{
			{0, is(Begun), "", 0}, {1, is(Up), "", 1}, {1, is(Timer), "run(health)", 4}, {1, bad("ill"), "answer(ill)", 11},
			{11, is(Timer), "run(health)", 14}, {11, ok(), "answer confirm", 21},
			{21, is(Timer), "run(health)", 24}, {21, bad("ill"), "answer(ill) unhealthy(1 health checks have failed in a row, the last: ill)", 31},
		}},
		{"a freeze is no part of the start period", with(healthy(Spec{}), func(s *Spec) { s.HealthRetries, s.HealthGrace = 1, 20*time.Second }), []row{
			{0, is(Begun), "", 0}, {1, is(Up), "", 1}, {1, is(Timer), "run(health)", 4}, {1, bad("ill"), "answer(ill)", 11},
			{61, Event{Kind: Stalled, For: time.Minute}, "", 71}, {71, is(Timer), "run(health)", 74}, {71, bad("ill"), "answer(ill)", 81},
		}},
		{"well after two successes, at first and again", with(healthy(Spec{}), func(s *Spec) { s.HealthRetries, s.HealthSuccesses, s.HealthPolicy = 1, 2, Ignore }), []row{
			{0, is(Begun), "", 0}, {1, is(Up), "", 1}, {1, is(Timer), "run(health)", 4}, {1, ok(), "answer", 11},
			{11, is(Timer), "run(health)", 14}, {11, ok(), "answer confirm", 21},
			{21, is(Timer), "run(health)", 24}, {21, bad("ill"), "answer(ill) unhealthy(1 health checks have failed in a row, the last: ill)", 31},
			{31, is(Timer), "run(health)", 34}, {31, ok(), "answer", 41},
			{41, is(Timer), "run(health)", 44}, {41, bad("ill"), "answer(ill)", 51},
			{51, is(Timer), "run(health)", 54}, {51, ok(), "answer", 61},
			{61, is(Timer), "run(health)", 64}, {61, ok(), "answer recovered confirm", 71},
		}},
		{"unhealthy and recovered", with(healthy(Spec{}), func(s *Spec) { s.HealthPolicy, s.HealthRetries = Ignore, 0 }), []row{
			{0, is(Begun), "", 0}, {1, is(Up), "", 1}, {1, is(Timer), "run(health)", 4},
			{1, bad("ill"), "answer(ill) unhealthy(1 health checks have failed in a row, the last: ill)", 11},
			{11, is(Timer), "run(health)", 14}, {11, bad("ill"), "answer(ill)", 21},
			{21, is(Timer), "run(health)", 24}, {21, ok(), "answer recovered confirm", 31},
		}},
		{"unhealthy, the end", with(healthy(Spec{}), func(s *Spec) { s.HealthPolicy, s.HealthRetries = Shutdown, 1 }), []row{
			{0, is(Begun), "", 0}, {1, is(Up), "", 1}, {1, is(Timer), "run(health)", 4},
			{1, bad("ill"), "answer(ill) unhealthy(1 health checks have failed in a row, the last: ill) shutdown", 11},
			{11, Event{Kind: Timer, Stopping: true}, "", 0},
		}},
		{"a reload is confirmed by a ready run", with(asked(), timeout), []row{
			{0, is(Begun), "", 0.05}, {0.05, is(Timer), "run(ready)", 2}, {0.1, ok(), "answer confirm ready", 0}, {1, is(Up), "", 0},
			{10, is(Reloaded), "", 11}, {11, is(Timer), "run(ready)", 13}, {11, bad("no"), "answer(no)", 11.1},
			{11.1, is(Timer), "run(ready)", 13}, {12, ok(), "answer", 0},
		}},
		{"a reload is never confirmed", with(asked(), timeout), []row{
			{0, is(Begun), "", 0.05}, {0.05, is(Timer), "run(ready)", 2}, {0.1, ok(), "answer confirm ready", 0},
			{10, is(Reloaded), "", 11}, {11, is(Timer), "run(ready)", 13}, {12.999, bad("no"), "answer(no)", 13},
			{13, is(Timer), "late(not ready within 2s, the last answer: no) fail(not ready within 2s, the last answer: no)", 0},
		}},
		{"a reload is confirmed by a health run that begins after startsecs", healthy(told()), []row{
			{0, is(Begun), "", 0}, {1, is(Up), "", 0}, {1, is(Said), "confirm ready", 1}, {1, is(Timer), "run(health)", 4},
			{1.5, is(Reloaded), "", 4}, {2, ok(), "answer confirm", 2.5}, {2.5, is(Timer), "run(health)", 5.5}, {3, ok(), "answer confirm", 13},
		}},
		{"a reload before it has said that it is ready", with(told(), timeout), []row{
			{0, is(Begun), "", 2}, {0.5, is(Reloaded), "", 1.5}, {1.5, is(Timer), "", 2},
			{2, is(Timer), "late(not ready within 2s) fail(not ready within 2s)", 0},
		}},
		{"its word does not confirm a reload", told(), []row{
			{0, is(Begun), "", 0}, {0.5, is(Reloaded), "", 1.5}, {1, is(Said), "confirm ready", 1.5}, {1.5, is(Timer), "", 0},
		}},
		{"a run outlives its incarnation", asked(), []row{
			{0, is(Begun), "", 0.05}, {0.05, is(Timer), "run(ready)", 5.05}, {1, is(Gone), "kill", 0},
			{2, gen(2, is(Begun)), "", 0}, {2.5, is(Reloaded), "", 0},
			{4, gen(1, ok()), "", 3.5}, {4, is(Timer), "run(ready)", 9},
		}},
		{"restarted in one step", asked(), []row{
			{0, is(Begun), "", 0.05}, {0.05, is(Timer), "run(ready)", 5.05}, {1, gen(2, is(Begun)), "kill", 0}, {1.1, gen(1, ok()), "", 1.05},
		}},
		{"frozen during a run", with(asked(), timeout), []row{
			{0, is(Begun), "", 0.05}, {0.05, is(Timer), "run(ready)", 2},
			{100, Event{Kind: Stalled, For: 99 * time.Second}, "", 101}, {100, is(Timer), "", 101},
			{100, bad("no"), "answer(no)", 100.1},
		}},
		{"frozen between two runs", healthy(Spec{}), []row{
			{0, is(Begun), "", 0}, {1, is(Up), "", 1}, {1, is(Timer), "run(health)", 4}, {1, ok(), "answer confirm", 11},
			{100, Event{Kind: Stalled, For: 89 * time.Second}, "", 100}, {100, is(Timer), "run(health)", 103},
		}},
		{"a freeze after the end of a run's time does not give it more", asked(), []row{
			{0, is(Begun), "", 0.05}, {0.05, is(Timer), "run(ready)", 5.05},
			{10, Event{Kind: Stalled, For: 2 * time.Second}, "", 5.05},
		}},
		{"an ordered stop starts no run", healthy(told()), []row{
			{0, is(Begun), "", 0}, {1, is(Up), "", 0}, {1, is(Said), "confirm ready", 1}, {1, is(Timer), "run(health)", 4},
			{2, Event{Kind: Done, Why: "it ends", Stopping: true}, "", 0},
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := Probe{}
			incarnation := uint64(1)
			for _, r := range tt.rows {
				ev := r.ev
				ev.Now = at(r.at)
				if ev.Kind == Begun && ev.Gen != 0 {
					incarnation = ev.Gen
				}
				if ev.Gen == 0 {
					ev.Gen = incarnation
				}
				var actions []Action
				p, actions = Step(p, &tt.spec, ev)
				if got := do(actions); got != r.want {
					t.Errorf("%v at %v does %q, want %q", ev.Kind, r.at, got, r.want)
				}
				want := time.Time{}
				if r.due != 0 {
					want = at(r.due)
				}
				if got := p.Due(); got.Sub(want).Abs() > time.Microsecond {
					t.Errorf("after %v at %v due is %v, want %v", ev.Kind, r.at, got, want)
				}
			}
		})
	}
}

func TestIsReady(t *testing.T) {
	for _, tt := range []struct {
		name string
		spec Spec
		p    Probe
		want bool
	}{
		{"no option, STARTING", Spec{}, Probe{Phase: Starting}, false},
		{"no option, RUNNING", Spec{}, Probe{Phase: Running}, true},
		{"a probe, not yet", asked(), Probe{Phase: Running}, false},
		{"a probe, STARTING", asked(), Probe{Phase: Starting, Ready: true}, true},
		{"a probe, RUNNING", asked(), Probe{Phase: Running, Ready: true}, true},
		{"failed", asked(), Probe{Phase: Failed, Ready: true}, false},
		{"down", told(), Probe{}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.p.IsReady(&tt.spec); got != tt.want {
				t.Errorf("IsReady() = %v, want %v", got, tt.want)
			}
		})
	}
}

// The default of ready_interval is in its row and nowhere else: 0 is no second default, but
// as often as is sensible.
func TestNoSecondDefaultOfReadyInterval(t *testing.T) {
	for _, tt := range []struct{ interval, want time.Duration }{
		{0, FirstPause}, {time.Millisecond, FirstPause}, {time.Second, time.Second}, {time.Hour, time.Hour},
	} {
		m := stepper{Probe: Probe{Tries: maxDoublings + 1}, spec: &Spec{ReadyInterval: tt.interval}}
		if got := m.pause(ReadyRun); got != tt.want {
			t.Errorf("ready_interval %v: the longest pause is %v, want %v", tt.interval, got, tt.want)
		}
	}
}
