package machine

import (
	"slices"
	"strings"
	"testing"
	"time"

	"slipway/internal/test/testkit"
)

// alphabet is every event with every parameter that makes a difference, for a
// process in its present incarnation.
func alphabet(p Proc, now time.Time) []Event {
	due := p.Due
	if due.IsZero() || due.Before(now) {
		due = now
	}
	news := func(k Kind) Event { return Event{Kind: k, Gen: p.Gen, Now: now} }
	spawned, failed, full, missing := news(Spawned), news(SpawnFailed), news(SpawnFailed), news(SpawnFailed)
	missing.Missing, missing.Chance = true, 0.5
	spawned.PID = int(p.Gen)*10 + 1
	full.Transient = true
	died, bad, remains, successor, late := news(Died), news(Died), news(Died), news(Died), news(Died)
	bad.Status.Signal = 9
	remains.Remains = true
	successor.Successor = int(p.Gen)*10 + 2
	late.Now, late.At = now.Add(time.Minute), now
	timer := news(Timer)
	timer.Now = due
	ended, other := news(HookEnded), news(HookEnded)
	ended.Hook, other.Hook = p.Hook, PostStop
	return []Event{
		{Kind: Start, Now: now}, {Kind: Stop, Now: now}, {Kind: Stop, Now: now, Shutdown: true},
		{Kind: Stop, Now: now, Limit: time.Second}, {Kind: Renew, Now: now}, {Kind: Kill, Now: now}, {Kind: Skip, Now: now},
		spawned, failed, full, missing, died, bad, remains, successor, late, news(Emptied), timer, news(Timer), news(SignalFailed), news(Failed), news(Confirmed), ended, other,
	}
}

// possible leaves out news that the loop cannot bring: it spawns at once, so there is
// always an answer to a spawn before anything else, and only the living die.
func possible(p Proc, e Event) bool {
	forking := p.PID == 0 && (p.State == Starting || p.State == Stopping) && p.Hook == NoHook
	switch e.Kind {
	case Spawned:
		return forking
	case SpawnFailed:
		return forking || p.Hook == PreStart
	case HookEnded:
		return e.Hook != NoHook && (e.Hook == p.Hook || p.Hook != PreStart) // a late one is of no consequence
	case Died:
		return p.PID != 0 && !p.Remains
	case Emptied:
		return p.Remains
	case SignalFailed:
		return p.PID != 0
	case Failed, Confirmed:
		return p.PID != 0 && p.State != Stopping
	}
	return true
}

// invariant says what is wrong with a step; "" if nothing is.
func invariant(before, p Proc, s *Spec, now time.Time, actions []Action) string {
	spawns, starts := 0, 0
	for _, a := range actions {
		switch a.Do {
		case DoSpawn:
			spawns++
			if before.Hook != PreStart {
				starts++
			}
		case DoHook:
			if a.Hook == PreStart {
				starts++
			}
			if a.Hook != p.Hook {
				return "a hook that nobody waits for"
			}
		case DoEndHook:
			if a.Hook != before.Hook || a.Signal == sigKill && p.Hook == before.Hook && p.Gen == before.Gen {
				return "the end of a hook that goes on, or of none"
			}
		case DoSignal, DoKill:
			if a.PID == 0 {
				return "a signal for nobody"
			}
			if spawns > 0 {
				return "a signal after a spawn in one step"
			}
		case DoEnter:
			if a.From == a.To {
				return "a state entered from itself"
			}
		}
	}
	forking := p.PID == 0 && (p.State == Starting || p.State == Stopping)
	switch {
	case spawns > 1:
		return "two spawns in one step"
	case p.Gen != before.Gen+uint64(starts):
		return "a spawn without a new incarnation, or the reverse"
	case spawns == 1 && (p.State != Starting || p.PID != 0):
		return "a spawn that does not lead to STARTING"
	case p.Remains && p.PID == 0:
		return "remains without a group"
	case p.PID != 0 && (p.State == Stopped || p.State == Backoff || p.State == Exited || p.State == Fatal):
		return "a process in a state that has none"
	case p.Hook != NoHook && p.Due.IsZero():
		return "a hook without an end"
	case p.Hook == PreStart && (p.PID != 0 || p.State != Starting && p.State != Stopping):
		return "pre_start, and not before the start"
	case p.Hook == PreStop && (p.PID == 0 || p.State != Stopping || p.Remains || p.Killed):
		return "pre_stop, and not before the stop signal"
	case (p.Hook == PostStop) != (p.Gone != 0) || p.Gone != 0 && p.PID != 0:
		return "post_stop, and not after the end"
	case p.Hook == NoHook && !p.StopBy.IsZero():
		return "the end of a stop that is not waited for"
	case !s.Hooks.PreStart && p.Hook == PreStart || !s.Hooks.PreStop && p.Hook == PreStop || !s.Hooks.PostStop && p.Hook == PostStop:
		return "a hook that there is not"
	case p.PID == 0 && p.State == Running && p.Gone == 0:
		return "RUNNING without a process"
	case p.Wanted && (p.State == Stopped || p.State == Fatal || p.State == Unknown && p.PID != 0):
		return "wanted, but nothing will bring it up"
	case !p.Wanted && (p.State == Starting || p.State == Running || p.State == Backoff):
		return "up, but not wanted"
	case (p.State == Backoff || p.State == Stopping) && p.Due.IsZero():
		return "a pause without an end"
	case p.State == Starting && !forking && p.Due.IsZero():
		return "STARTING without an end"
	case p.State == Exited && p.Wanted == p.Due.IsZero():
		return "EXITED, and its restart is not decided"
	case s.Restarts.Most > 0 && p.Spent.Sub(now) > s.Restarts.Within:
		return "more restarts than allowed"
	case (p.State == Stopped || p.State == Fatal) && !p.Due.IsZero():
		return "a timer at rest"
	case s.Oneshot && p.State == Exited && before.State != Exited && before.State != Unknown && (p.Wanted || s.Autorestart != RestartNever && !p.Status.Expected(s.ExitCodes)):
		return "a oneshot that has ended, and not as it should"
	case s.Oneshot && s.Timeout > 0 && p.State == Running && p.Due.IsZero():
		return "a oneshot without an end"
	case p.Tries > s.StartRetries:
		return "more tries than allowed"
	case p.State == Fatal && p.Tries != 0:
		return "FATAL with tries left over"
	case !s.Pause.isSet() && p.Streak != 0:
		return "counted ends without growing pauses"
	case p.Streak < 0 || p.Streak > Burst+s.Pause.top():
		return "counted more ends than make a difference"
	}
	if s.Pause.isSet() && p.Stalls == 0 && entered(actions, Backoff, Exited) && !p.Due.IsZero() {
		if pause := p.Due.Sub(now); pause > s.Pause.Most || pause < 0 || p.State == Backoff && pause < s.Pause.First/2 {
			return "a pause out of bounds: " + pause.String()
		}
	}
	return ""
}

// entered reports whether an action enters one of the states.
func entered(actions []Action, states ...State) bool {
	return slices.ContainsFunc(actions, func(a Action) bool { return a.Do == DoEnter && slices.Contains(states, a.To) })
}

// Every sequence of events up to a depth keeps the invariants, and from wherever it
// leads a kill and the death of the process lead to rest.
func TestEverySequenceKeepsTheInvariants(t *testing.T) {
	depth := 8
	switch {
	case testing.Short():
		depth = 5
	case testkit.Repeat(t, 1) > 1: // twice the work
		depth = 9
	}
	specs := map[string]Spec{
		"default":            defaults(),
		"probed":             {StartSecs: time.Second, StartRetries: 1, StopSignal: 15, StopWait: time.Second, Probed: true},
		"startsecs=0":        {StartRetries: 1, ExitCodes: []int{0}, StopSignal: 15, StopWait: time.Second, Autorestart: RestartAlways},
		"pauses":             {StartSecs: time.Second, StartRetries: 2, StopSignal: 15, StopWait: time.Second, Pause: Pause{time.Second, 3 * time.Second, 2, 0.5}},
		"oneshot":            {StartRetries: 1, ExitCodes: []int{0}, StopSignal: 15, StopWait: time.Second, Oneshot: true, Timeout: time.Minute},
		"oneshot, once":      {StartRetries: 1, ExitCodes: []int{0}, StopSignal: 15, StopWait: time.Second, Oneshot: true, Autorestart: RestartNever},
		"max_restarts":       {StartSecs: time.Second, StartRetries: 2, StopSignal: 15, StopWait: time.Second, Autorestart: RestartAlways, Restarts: Rate{2, time.Minute}},
		"hooks":              {StartSecs: time.Second, StartRetries: 1, StopSignal: 15, StopWait: time.Second, Autorestart: RestartAlways, Hooks: Hooks{true, true, true, time.Second}},
		"hooks of a oneshot": {StartRetries: 1, ExitCodes: []int{0}, StopSignal: 15, StopWait: time.Second, Oneshot: true, Timeout: time.Minute, Hooks: Hooks{true, true, true, time.Minute}},
		"no retries, groups": {StartSecs: time.Second, StopSignal: 2, StopAsGroup: true, KillAsGroup: true, Autorestart: RestartNever},
	}
	for name, spec := range specs {
		t.Run(name, func(t *testing.T) {
			seen := map[state]int{}
			steps := 0
			var walk func(p Proc, now time.Time, left int, path []Kind)
			walk = func(p Proc, now time.Time, left int, path []Kind) {
				if key := stateOf(p, now); seen[key] >= left {
					return
				} else {
					seen[key] = left
				}
				for _, ev := range alphabet(p, now) {
					next, actions := Step(p, &spec, ev)
					if !possible(p, ev) {
						continue // defined, but not reachable from the loop
					}
					steps++
					path := append(path, ev.Kind)
					if bad := invariant(p, next, &spec, ev.Now, actions); bad != "" {
						t.Fatalf("%s: %s: %s\nbefore %+v\nafter  %+v", bad, words(path), do(actions), p, next)
					}
					if end := toEnd(next, &spec, ev.Now); !end.AtRest() {
						t.Fatalf("after %s a kill does not lead to rest: %+v", words(path), end)
					}
					if left > 1 {
						walk(next, ev.Now.Add(time.Second/2), left-1, path)
					}
				}
			}
			walk(Proc{}, epoch, depth, nil)
			if spec.Pause.isSet() { // where pauses grow
				walk(Proc{State: Running, Wanted: true, Gen: 1, PID: 11, Started: epoch, Streak: Burst}, epoch, depth-2, nil)
			}
			t.Logf("%d steps, %d states", steps, len(seen))
		})
	}
}

// words are the events of a path.
func words(path []Kind) string {
	var list []string
	for _, k := range path {
		list = append(list, k.String())
	}
	return strings.Join(list, " ")
}

// state is all of a process that the future of a walk depends on.
type state struct {
	state                                          State
	wanted, alive, remains, forked, killed, faulty bool
	hook                                           Hook
	stopBy                                         time.Duration
	tries, stalls, streak                          int
	due, since                                     time.Duration // until the timer; after the start
	status                                         Status
}

func stateOf(p Proc, now time.Time) state {
	due := time.Duration(-1)
	if !p.Due.IsZero() {
		due = p.Due.Sub(now)
	}
	return state{
		state: p.State, wanted: p.Wanted, alive: p.PID != 0, remains: p.Remains, forked: p.Forked, killed: p.Killed, faulty: p.Faulty,
		hook: p.Hook, stopBy: max(p.StopBy.Sub(now), -1), tries: p.Tries, stalls: p.Stalls, streak: p.Streak, due: due, since: now.Sub(p.Started), status: p.Status,
	}
}

// toEnd kills a process and reports its death until it is at rest.
func toEnd(p Proc, s *Spec, now time.Time) Proc {
	if p.Hook == NoHook && p.PID == 0 && (p.State == Starting || p.State == Stopping) {
		p, _ = Step(p, s, Event{Kind: Spawned, Gen: p.Gen, PID: 1, Now: now})
	}
	p, _ = Step(p, s, Event{Kind: Kill, Now: now})
	if p.Remains {
		p, _ = Step(p, s, Event{Kind: Emptied, Gen: p.Gen, Now: now})
	}
	if p.PID != 0 {
		p, _ = Step(p, s, Event{Kind: Died, Gen: p.Gen, Now: now})
	}
	if p.Hook != NoHook {
		p, _ = Step(p, s, Event{Kind: HookEnded, Hook: p.Hook, Gen: p.Gen, Now: now})
	}
	return p
}
