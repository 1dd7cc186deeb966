package machine

import (
	"slices"
	"testing"
	"time"
)

// growing is a Spec with the pauses that a container's programs have by default.
func growing() Spec {
	s := defaults()
	s.Pause = Pause{First: time.Second, Most: time.Minute, Factor: 2, Jitter: 0.1}
	return s
}

// crashes lets a process that is up end n times, each time after a run of d, and returns
// for how long it rests each time.
func crashes(t *testing.T, p *Proc, s *Spec, now *time.Time, n int, d time.Duration) []time.Duration {
	t.Helper()
	var rests []time.Duration
	for range n {
		*now = now.Add(d)
		*p, _ = Step(*p, s, Event{Kind: Died, Gen: p.Gen, Now: *now, At: *now, Status: Status{Code: 1}})
		rest := time.Duration(0)
		if p.State == Exited {
			rest = p.Due.Sub(*now)
			*now = p.Due
			*p, _ = Step(*p, s, Event{Kind: Timer, Gen: p.Gen, Now: *now})
		}
		*p, _ = Step(*p, s, Event{Kind: Spawned, Gen: p.Gen, Now: *now, PID: int(p.Gen) + 1})
		if p.State != Starting {
			t.Fatalf("%v after a rest of %v, want STARTING", p.State, rest)
		}
		rests = append(rests, rest)
	}
	return rests
}

func seconds(list ...float64) []time.Duration {
	var out []time.Duration
	for _, s := range list {
		out = append(out, time.Duration(s*float64(time.Second)))
	}
	return out
}

// A program that ends once a second is started less and less often, and never less often
// than the longest pause; a day of good work makes up for all of it.
func TestRestartPauseGrowsAndDecays(t *testing.T) {
	spec := growing()
	now := epoch
	p, _ := Step(Proc{}, &spec, Event{Kind: Start, Now: now})
	p, _ = Step(p, &spec, Event{Kind: Spawned, Gen: p.Gen, Now: now, PID: 1})
	got := crashes(t, &p, &spec, &now, 14, time.Second)
	if want := seconds(0, 0, 0, 0, 0, 0, 1, 3, 7, 15, 31, 59, 59, 59); !slices.Equal(got, want) {
		t.Errorf("rests %v, want %v", got, want)
	}
	if got, want := crashes(t, &p, &spec, &now, 2, 601*time.Second), seconds(0, 0); !slices.Equal(got, want) {
		t.Errorf("rests after ten minutes of work %v, want %v: it has lasted longer than any pause", got, want)
	}
	crashes(t, &p, &spec, &now, 1, 24*time.Hour)
	if p.Streak != 1 {
		t.Errorf("after a day of work %d ends are counted, want 1", p.Streak)
	}
}

// What somebody asks for begins anew.
func TestRequestForgetsTheStreak(t *testing.T) {
	for _, kind := range []Kind{Start, Renew} {
		spec := growing()
		p, _ := Step(Proc{State: Stopped, Streak: 9}, &spec, Event{Kind: kind, Now: epoch})
		if p.Streak != 0 || p.State != Starting {
			t.Errorf("%v: %v with %d ends counted, want STARTING with none", kind, p.State, p.Streak)
		}
	}
}

// Pauses between failed starts grow, those for a missing file faster; Supervisor's do not.
func TestPauseAfterFailedStarts(t *testing.T) {
	for _, tt := range []struct {
		name    string
		spec    Spec
		missing bool
		chance  float64
		want    []time.Duration
	}{
		{"Supervisor", defaults(), false, 0.9, seconds(1, 2, 3)},
		{"Supervisor, a missing file", defaults(), true, 0.9, seconds(1, 2, 3)},
		{"growing", growing(), false, 0, seconds(1, 2, 4)},
		{"growing, with chance", growing(), false, 1, seconds(0.9, 1.8, 3.6)},
		{"growing, a missing file", growing(), true, 0, seconds(1, 5, 25)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			now := epoch
			var got []time.Duration
			p, _ := Step(Proc{}, &tt.spec, Event{Kind: Start, Now: now})
			for p.State == Starting {
				p, _ = Step(p, &tt.spec, Event{Kind: SpawnFailed, Gen: p.Gen, Now: now, Text: "no", Missing: tt.missing, Chance: tt.chance})
				if p.State == Backoff {
					got = append(got, p.Due.Sub(now))
					now = p.Due
					p, _ = Step(p, &tt.spec, Event{Kind: Timer, Gen: p.Gen, Now: now})
				}
			}
			if !slices.Equal(got, tt.want) || p.State != Fatal {
				t.Errorf("pauses %v, then %v; want %v, then FATAL", got, p.State, tt.want)
			}
		})
	}
}

func TestPauseStaysWithinItsBounds(t *testing.T) {
	for _, p := range []Pause{
		{time.Second, time.Minute, 2, 0.1}, {time.Second, time.Minute, 1, 0}, {time.Minute, time.Second, 3, 1},
		{time.Millisecond, time.Hour, 1.0001, 0.5}, {time.Second, time.Second, 100, 0},
	} {
		for n := -3; n < 2*p.top()+3; n += 1 + n/50 {
			for _, chance := range []float64{0, 0.5, 1} {
				got := p.after(n, p.Factor, chance)
				if got > max(p.First, p.Most) || float64(got) < float64(min(p.First, max(p.First, p.Most)))*(1-p.Jitter)-1 {
					t.Fatalf("%+v: pause %v after %d failures with chance %v", p, got, n, chance)
				}
			}
		}
	}
}
