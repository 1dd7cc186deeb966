package probe

import (
	"cmp"
	"fmt"
	"strings"
	"testing"
	"time"

	"slipway/internal/test/testkit"
)

// history is what a walk remembers beside the Probe, to check it against.
type history struct {
	failed    bool // the present incarnation was reported as failed
	stopping  bool // the supervisor stops its programs
	unhealthy bool
	fails     int // health runs that have failed in a row
	instant   int // timers handled in a row at the same moment
	at        time.Time
}

// event is one step of a walk.
type event struct {
	Event
	name string
}

// alphabet is every event with every parameter that makes a difference, news about the
// former incarnation included.
func alphabet(p Probe, h history, now time.Time) []event {
	e := func(name string, ev Event) event {
		ev.Stopping = ev.Stopping || h.stopping
		return event{ev, name}
	}
	due := p.Due()
	if due.IsZero() || due.Before(now) {
		due = now
	}
	list := []event{
		e("begun", Event{Kind: Begun, Gen: p.Gen + 1, Now: now}),
		e("up", Event{Kind: Up, Gen: p.Gen, Now: now}),
		e("gone", Event{Kind: Gone, Gen: p.Gen, Now: now}),
		e("fork-failed", Event{Kind: Gone, Gen: p.Gen + 1, Now: now}),
		e("said", Event{Kind: Said, Gen: p.Gen, Now: now}),
		e("reloaded", Event{Kind: Reloaded, Gen: p.Gen, Now: now}),
		e("timer", Event{Kind: Timer, Now: due}),
		e("early-timer", Event{Kind: Timer, Now: now}),
		e("late-timer", Event{Kind: Timer, Now: due.Add(time.Minute)}),
		e("stalled", Event{Kind: Stalled, Now: now.Add(time.Minute), For: time.Minute}),
		e("timer-in-stop", Event{Kind: Timer, Now: due, Stopping: true}),
	}
	if p.Run.Kind != NoRun {
		list = append(list,
			e("ok", Event{Kind: Done, Gen: p.Run.Gen, Now: now}),
			e("bad", Event{Kind: Done, Gen: p.Run.Gen, Now: now, Why: "bad"}),
			e("bad-in-stop", Event{Kind: Done, Gen: p.Run.Gen, Now: now, Why: "bad", Stopping: true}),
			e("not-started", Event{Kind: NotStarted, Gen: p.Run.Gen, Now: now}))
	}
	return list
}

// invariant says what is wrong with a step; "" if nothing is. The numbers are those of
// the package comment.
func invariant(h *history, before, p Probe, s *Spec, ev Event, actions []Action) string {
	runs, kills := 0, 0
	for _, a := range actions {
		if h.failed {
			if a.Do != DoKill {
				return "7: " + a.Do.String() + " after the incarnation was reported as failed"
			}
		}
		switch a.Do {
		case DoRun:
			runs++
			switch {
			case ev.Stopping:
				return "2: a run in an ordered stop"
			case !p.IsUp():
				return "2: a run for a process that is not up"
			case a.Run == HealthRun && (p.Phase != Running || !p.IsReady(s)):
				return "2: a health run before it is ready and RUNNING"
			case a.Run != p.Run.Kind || p.Run.Gen != p.Gen || p.Run.Killed:
				return "1: a run that is not the one under way"
			}
		case DoKill:
			kills++
			if before.Run.Kind == NoRun || before.Run.Killed || !p.Run.Killed {
				return "1: a kill of a run that is not there, or for the second time"
			}
		case DoReady:
			if before.Ready || !p.Ready {
				return "4: ready twice"
			}
		case DoUnhealthy:
			if h.unhealthy {
				return "8: unhealthy twice"
			}
			if h.fails < max(s.HealthRetries, 1) {
				return fmt.Sprintf("8: unhealthy after %d failures", h.fails)
			}
		case DoRecovered:
			if !h.unhealthy {
				return "8: recovered without having been unhealthy"
			}
		case DoFail, DoShutdown:
			if ev.Stopping {
				return "2: a consequence in an ordered stop"
			}
			h.failed = a.Do == DoFail
		}
		h.unhealthy = a.Do == DoUnhealthy || h.unhealthy && a.Do != DoRecovered
	}
	ended := before.Run.Kind != NoRun && (ev.Kind == Done || ev.Kind == NotStarted) && ev.Gen == before.Run.Gen
	switch {
	case runs > 1 || runs == 1 && before.Run.Kind != NoRun && !ended:
		return "1: two runs"
	case runs == 0 && p.Run != before.Run && !ended && kills == 0 && ev.Kind != Stalled:
		return "1: the run has changed by itself"
	case !p.IsUp() && !p.Due().IsZero():
		return "3: something is due for a process that is not up"
	case ev.Kind == Stalled && !before.Due().IsZero() && !before.Due().Before(ev.Now.Add(-ev.For)) && !p.Due().Equal(before.Due().Add(ev.For)):
		return "11: the time that is left has changed"
	case p.Phase == Down && (p.Ready || p.Health != HealthUnknown || !p.Next.IsZero() || !p.Limit.IsZero() || !p.Confirm.IsZero()):
		return "3: something is left of an incarnation that is over"
	case p.Phase == Down && p.Run.Kind != NoRun && !p.Run.Killed:
		return "3: its run was not killed"
	case p.Run.Kind != NoRun && p.Run.Gen != p.Gen && !p.Run.Killed:
		return "3: a run of a former incarnation was not killed"
	}
	if bad := badSuccess(before, p, s, ev); bad != "" {
		return bad
	}
	h.stopping = ev.Stopping
	return h.waits(p, s, ev)
}

// badSuccess checks the fourth invariant.
func badSuccess(before, p Probe, s *Spec, ev Event) string {
	if p.Gen != before.Gen || !p.IsUp() {
		return ""
	}
	success := ev.Kind == Done && ev.Why == "" && !before.Run.Killed && before.Run.Gen == p.Gen && !before.Run.Began.Before(before.Confirm)
	if p.Ready && !before.Ready && !(success && before.Run.Kind == ReadyRun) && ev.Kind != Said {
		return "4: ready without a success"
	}
	unprobed := s.Ready != ByProbe && !s.Health && ev.Kind == Timer && !ev.Now.Before(before.Confirm)
	if p.Confirm.IsZero() && !before.Confirm.IsZero() && !success && !unprobed {
		return "4: confirmed without a success"
	}
	return ""
}

// waits checks the fifth and the sixth invariant.
func (h *history) waits(p Probe, s *Spec, ev Event) string {
	if ev.Kind == Timer && ev.Now.Equal(h.at) {
		h.instant++
	} else {
		h.instant = 0
	}
	h.at = ev.Now
	due := p.Due()
	if h.instant > 3 && !due.IsZero() && !due.After(ev.Now) {
		return "6: due for ever"
	}
	waits := s.Ready == ByProbe && !p.Ready || p.Health != HealthUnknown ||
		!p.Limit.IsZero() || !p.Confirm.IsZero() && (!s.Health || s.Ready == ByProbe && !p.Ready)
	if p.IsUp() && waits && !h.stopping && p.Run.Kind == NoRun && due.IsZero() {
		return "5: it waits for nothing"
	}
	return ""
}

// note follows a step in the history.
func (h *history) note(before, p Probe, ev Event) {
	if p.Gen != before.Gen || p.Phase == Down {
		*h = history{at: h.at, instant: h.instant, stopping: h.stopping}
	}
	if ev.Kind == Reloaded {
		h.fails, h.unhealthy = 0, false
	}
}

// count is called before a step: a run that ends counts for what it reports.
func (h *history) count(p Probe, ev Event) {
	if ev.Kind != Done || p.Run.Kind != HealthRun || p.Run.Gen != p.Gen || ev.Stopping {
		return
	}
	if ev.Why == "" && !p.Run.Killed {
		h.fails = 0
	} else {
		h.fails++
	}
}

// specs are all combinations of options that make a difference.
func specs() map[string]Spec {
	all := map[string]Spec{}
	for ready, readyName := range map[Source]string{ByRunning: "", ByProbe: "ready probe", ByItself: "ready by itself"} {
		for _, timeout := range []time.Duration{0, 300 * time.Millisecond} {
			for policy, policyName := range map[Policy]string{Restart: "restart", Ignore: "none", Shutdown: "shutdown"} {
				for _, health := range []bool{false, true} {
					if !health && policy != Restart || ready == ByRunning && timeout > 0 {
						continue
					}
					s := Spec{Ready: ready, ReadyInterval: 200 * time.Millisecond, ReadyTimeout: timeout, StartSecs: 100 * time.Millisecond}
					var name []string
					if readyName != "" {
						name = append(name, readyName)
					}
					if timeout > 0 {
						name = append(name, "timeout")
					}
					if health {
						name = append(name, "health "+policyName)
						s.Health, s.HealthPolicy = true, policy
						s.HealthInterval, s.HealthTimeout, s.HealthRetries = 200*time.Millisecond, 100*time.Millisecond, 2
					}
					all[cmp.Or(strings.Join(name, ", "), "no option")] = s
				}
			}
		}
	}
	extreme := Spec{Ready: ByProbe, ReadyTimeout: 1, Health: true, HealthPolicy: Ignore}
	all["every number is 0"] = extreme
	patient := all["health restart"]
	patient.HealthSuccesses, patient.HealthGrace = 2, 300*time.Millisecond
	all["patient"] = patient
	return all
}

// Every sequence of events up to a depth keeps the invariants, and from wherever it leads
// successes lead to a process that is ready, confirmed and healthy, and failures to the
// end that ready_timeout sets.
func TestEverySequenceKeepsTheInvariants(t *testing.T) {
	depth := 8
	switch {
	case testing.Short():
		depth = 5
	case testkit.Repeat(t, 1) > 1: // twice the work
		depth = 9
	}
	for name, spec := range specs() {
		t.Run(name, func(t *testing.T) {
			w := walker{t: t, spec: &spec, seen: map[state]int{}}
			w.walk(Probe{}, history{}, epoch, depth, nil)
			t.Logf("%d steps, %d states", w.steps, len(w.seen))
		})
	}
}

type walker struct {
	t     *testing.T
	spec  *Spec
	seen  map[state]int
	steps int
}

func (w *walker) walk(p Probe, h history, now time.Time, left int, path []string) {
	key := stateOf(p, h, now)
	if w.seen[key] >= left {
		return
	}
	if _, again := w.seen[key]; !again && !h.stopping {
		if bad := w.leads(p, now); bad != "" {
			w.t.Fatalf("10: %s\nafter %s\n%+v", bad, strings.Join(path, " "), p)
		}
	}
	w.seen[key] = left
	for _, ev := range alphabet(p, h, now) {
		path, h := append(path, ev.name), h
		h.count(p, ev.Event)
		next, actions := Step(p, w.spec, ev.Event)
		w.steps++
		if bad := invariant(&h, p, next, w.spec, ev.Event, actions); bad != "" {
			w.t.Fatalf("%s\nafter %s: %s\nbefore %+v\nafter  %+v", bad, strings.Join(path, " "), do(actions), p, next)
		}
		h.note(p, next, ev.Event)
		if left > 1 {
			w.walk(next, h, ev.Now.Add(50*time.Millisecond), left-1, path)
		}
	}
}

// leads says what does not come of p: of one that is up and whose runs succeed a process
// that is ready, confirmed and healthy; of one whose runs fail the end of ready_timeout.
func (w *walker) leads(p Probe, now time.Time) string {
	if !p.IsUp() {
		return ""
	}
	good := w.drive(p, now, "")
	if good.Phase == Failed && (p.Run.Killed || w.tooLate(p, now)) {
		return ""
	}
	if !good.IsReady(w.spec) || !good.Confirm.IsZero() || w.spec.Health && good.Health != Healthy {
		return fmt.Sprintf("successes lead to %+v", good)
	}
	if bad := w.drive(p, now, "bad"); !p.Limit.IsZero() && bad.Phase != Failed {
		return fmt.Sprintf("failures lead to %+v", bad)
	}
	return ""
}

// tooLate reports whether ready_timeout may be over before a run that counts begins.
func (w *walker) tooLate(p Probe, now time.Time) bool {
	begin := p.Next
	if p.Run.Kind != NoRun {
		begin = now
		if p.Run.Began.Before(p.Confirm) {
			begin = now.Add(w.spec.ReadyInterval)
		}
	}
	return !p.Limit.IsZero() && (!now.Before(p.Limit) || !begin.Before(p.Limit))
}

// drive lets time pass, and each run end the same way, until nothing is new.
func (w *walker) drive(p Probe, now time.Time, why string) Probe {
	p, _ = Step(p, w.spec, Event{Kind: Up, Gen: p.Gen, Now: now})
	if why == "" {
		p, _ = Step(p, w.spec, Event{Kind: Said, Gen: p.Gen, Now: now})
	}
	for range 30 {
		if p.Run.Kind != NoRun {
			p, _ = Step(p, w.spec, Event{Kind: Done, Gen: p.Run.Gen, Now: now, Why: why})
			continue
		}
		due := p.Due()
		if due.IsZero() {
			return p
		}
		if due.After(now) {
			now = due
		}
		p, _ = Step(p, w.spec, Event{Kind: Timer, Now: now})
		if p.Phase == Failed {
			return p
		}
	}
	return p
}

// state is all that the future of a walk depends on.
type state struct {
	phase                       Phase
	ready, own, killed, counts  bool
	health                      Health
	tries, fails, goods         int
	grace                       time.Duration
	why                         string
	next, limit, confirm, until time.Duration
	run                         RunKind
	history                     history
}

func stateOf(p Probe, h history, now time.Time) state {
	after := func(t time.Time) time.Duration {
		if t.IsZero() {
			return -time.Hour
		}
		return max(t.Sub(now), -time.Minute)
	}
	if h.instant > 0 && !h.at.Equal(now) {
		h.instant = 0
	}
	h.at, h.fails = time.Time{}, min(h.fails, 3)
	return state{
		phase: p.Phase, ready: p.Ready, health: p.Health, tries: min(p.Tries, 3), fails: min(p.Fails, 3), goods: min(p.Goods, 3), grace: after(p.Grace), why: p.Why,
		next: after(p.Next), limit: after(p.Limit), confirm: after(p.Confirm), until: after(p.Run.Until),
		run: p.Run.Kind, own: p.Run.Gen == p.Gen, killed: p.Run.Killed, counts: !p.Run.Began.Before(p.Confirm), history: h,
	}
}

// News about another incarnation change nothing, in any order.
func TestStaleNewsChangeNothing(t *testing.T) {
	for name, spec := range specs() {
		t.Run(name, func(t *testing.T) {
			seen := map[state]bool{}
			var walk func(p Probe, now time.Time, left int)
			walk = func(p Probe, now time.Time, left int) {
				if key := stateOf(p, history{}, now); seen[key] || left == 0 {
					return
				} else {
					seen[key] = true
				}
				for kind := range Kind(kinds) {
					for _, gen := range []uint64{p.Gen - 1, p.Gen + 1, p.Run.Gen - 1, p.Run.Gen + 1} {
						ev := Event{Kind: kind, Gen: gen, Now: now, Why: "late"}
						switch {
						case kind == Timer, kind == Stalled, (kind == Done || kind == NotStarted) && gen == p.Run.Gen:
							continue
						case gen == p.Gen, (kind == Begun || kind == Gone) && gen > p.Gen:
							continue
						}
						if next, actions := Step(p, &spec, ev); next != p || len(actions) > 0 {
							t.Fatalf("%v of incarnation %d, in\n%+v\nleads to\n%+v\n%s", kind, gen, p, next, do(actions))
						}
					}
				}
				for _, ev := range alphabet(p, history{}, now) {
					next, _ := Step(p, &spec, ev.Event)
					walk(next, ev.Now.Add(50*time.Millisecond), left-1)
				}
			}
			walk(Probe{Gen: 3}, epoch, 4)
		})
	}
}
