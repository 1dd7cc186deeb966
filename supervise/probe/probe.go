package probe

import "time"

// Source is how a process becomes ready.
type Source uint8

// The sources of readiness.
const (
	ByRunning Source = iota // it is ready when it is RUNNING: no ready option
	ByProbe                 // when a run of its ready probe succeeds
	ByItself                // when it says so: ready = fd:N or notify
)

// Policy is what becomes of a process that is unhealthy: health_action.
type Policy uint8

// The values of health_action.
const (
	Restart  Policy = iota // it counts as a failed start
	Ignore                 // nothing, but everybody can see it
	Shutdown               // the supervisor ends
)

// Spec is what the configuration says about readiness and health of a process.
type Spec struct {
	Ready         Source
	ReadyInterval time.Duration // the longest pause between two runs; at least FirstPause
	ReadyTimeout  time.Duration // 0: none
	//lint:ignore ST1011 the name of the option
	StartSecs time.Duration // how long after a reload it must still be up

	Health         bool // there is a health probe
	HealthInterval time.Duration
	HealthTimeout  time.Duration // of one run; 0: none
	HealthRetries  int           // failures in a row until it is unhealthy; below 1: 1
	// HealthSuccesses is how many successes in a row make it healthy; below 1: 1.
	HealthSuccesses int
	// HealthGrace is how long after its start failures do not count, unless it was healthy.
	HealthGrace  time.Duration
	HealthPolicy Policy
}

// Phase is how far an incarnation is.
type Phase uint8

// The phases.
const (
	Down Phase = iota
	Starting
	Running
	Failed // reported as failed; its stop follows

	phases = int(Failed) + 1
)

// String returns the name of the phase.
func (p Phase) String() string {
	return [phases]string{"DOWN", "STARTING", "RUNNING", "FAILED"}[p]
}

// Health is what the health probe has found out.
type Health uint8

// The values of health, as clients see them.
const (
	HealthUnknown  Health = iota // it is not probed
	HealthStarting               // no run has succeeded yet
	Healthy
	Unhealthy

	healths = int(Unhealthy) + 1
)

// String returns what clients see; "" if health is not probed.
func (h Health) String() string {
	return [healths]string{"", "starting", "healthy", "unhealthy"}[h]
}

// RunKind is which probe a run executes.
type RunKind uint8

// The kinds of runs.
const (
	NoRun RunKind = iota
	ReadyRun
	HealthRun
)

// Run is one execution of a probe. The zero Run is none.
type Run struct {
	Kind   RunKind
	Killed bool
	Gen    uint64 // of the incarnation that it is about
	Began  time.Time
	Until  time.Time // when it is killed; zero: never
}

// Probe is what is known about readiness and health of a process. The zero Probe is that
// of a process that was never started.
type Probe struct {
	Gen     uint64 // of the incarnation that it is about
	Phase   Phase
	Ready   bool // its ready probe has succeeded, or it has said so
	Health  Health
	Tries   int       // runs of the ready probe so far that did not make it ready
	Fails   int       // runs of the health probe that have failed in a row
	Goods   int       // and that have succeeded, while it is not healthy
	Grace   time.Time // until when failures do not count
	Why     string    // why a run has failed, the last one that says something
	Next    time.Time // when the next run is to be started; zero: none is
	Limit   time.Time // end of ready_timeout; zero: none
	Confirm time.Time // a reload is to be confirmed by a run started from then on; zero: none is
	Run     Run       // the one under way
}

// IsUp reports whether the process is there, and nothing has been decided against it.
func (p *Probe) IsUp() bool { return p.Phase == Starting || p.Phase == Running }

// IsReady reports whether the process does what it is for, as far as is known.
func (p *Probe) IsReady(s *Spec) bool {
	if s.Ready == ByRunning {
		return p.Phase == Running
	}
	return p.Ready && p.IsUp()
}

// Due is when Timer is to come; zero: never. It can be in the past.
func (p *Probe) Due() time.Time {
	switch {
	case !p.IsUp():
		return time.Time{}
	case p.Run.Kind == NoRun:
		return earliest(p.Next, p.Limit)
	case p.Run.Killed:
		return time.Time{} // its end goes on with it
	}
	return earliest(p.Run.Until, p.Limit)
}

// IsTimed reports whether time counts against the process: a run has only so long to succeed,
// or the process to become ready or to confirm a reload.
func (p *Probe) IsTimed() bool {
	return p.IsUp() && (p.Run.Kind != NoRun && !p.Run.Killed && !p.Run.Until.IsZero() || !p.Limit.IsZero())
}

// earliest returns the earlier of two times; the zero time is never.
func earliest(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// Kind is what an event is about.
type Kind uint8

// The events. Timer and Stalled are about time; the others are news about one incarnation
// and carry its number.
const (
	Timer      Kind = iota // Due has passed
	Stalled                // the loop did not run for as long as For, until now
	Begun                  // the process was forked
	Up                     // it has become RUNNING
	Gone                   // it has left STARTING and RUNNING, or could not be started at all
	Said                   // it has said that it is ready
	Reloaded               // it was told to read its files again
	NotStarted             // DoRun was impossible for want of a resource: says nothing about the process
	Done                   // the run has ended, or could not be executed: Why

	kinds = int(Done) + 1
)

// String returns the name of the kind.
func (k Kind) String() string {
	return [kinds]string{"timer", "stalled", "begun", "up", "gone", "said", "reloaded", "not-started", "done"}[k]
}

// Event is something that happens to a process, or to a probe run of it.
type Event struct {
	Kind Kind
	Gen  uint64    // of the incarnation; NotStarted, Done: of the one that the run is about
	Now  time.Time // when it is handled

	Why string        // Done: why it has failed; "" if it has succeeded
	For time.Duration // Stalled
	// Stopping means that the supervisor stops its programs: no run is started any more,
	// and what a run finds out has no consequence.
	Stopping bool
}

// Do is what kind of action is to be taken.
type Do uint8

// The actions.
const (
	DoRun       Do = iota // start a run of Kind; answer with Done when it has ended, with Done or NotStarted if it could not be started
	DoKill                // kill the run that is under way, with all that it has started
	DoAnswer              // nothing but news: a run has ended, and Text says why it has failed
	DoReady               // the process has become ready
	DoConfirm             // it does what it is for: machine.Confirmed
	DoLate                // nothing but news: it was not ready in time, Text
	DoRecovered           // nothing but news: it was unhealthy and is not any more
	DoUnhealthy           // nothing but news: it has become unhealthy, Text
	DoFail                // it is up, but does not do what it is for, Text: machine.Failed
	DoShutdown            // end the supervisor, because it is unhealthy

	dos = int(DoShutdown) + 1
)

// String returns the name of the action.
func (d Do) String() string {
	return [dos]string{"run", "kill", "answer", "ready", "confirm", "late", "recovered", "unhealthy", "fail", "shutdown"}[d]
}

// Action is what the loop has to do, in the order given.
type Action struct {
	Do   Do
	Gen  uint64  // of the incarnation concerned
	Run  RunKind // DoRun; DoFail: by which probe, ReadyRun for ready_timeout
	Text string
}
