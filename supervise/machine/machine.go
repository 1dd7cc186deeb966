package machine

import (
	"strconv"
	"time"
)

// State is what is the case with a process. The names are Supervisor's.
type State uint8

// The states.
const (
	Stopped State = iota
	Starting
	Running
	Backoff
	Stopping
	Exited
	Fatal
	Unknown

	States = int(Unknown) + 1 // how many there are
)

// String returns Supervisor's name of the state.
func (s State) String() string {
	return [States]string{"STOPPED", "STARTING", "RUNNING", "BACKOFF", "STOPPING", "EXITED", "FATAL", "UNKNOWN"}[s]
}

// Code returns Supervisor's number of the state.
func (s State) Code() int {
	return [States]int{0, 10, 20, 30, 40, 100, 200, 1000}[s]
}

// IsRunning reports whether Supervisor counts the state as running: a start is
// refused, a stop is not.
func (s State) IsRunning() bool { return s == Starting || s == Running || s == Backoff }

// IsStopped reports whether Supervisor counts the state as stopped: its group may
// be removed, a shutdown may go on.
func (s State) IsStopped() bool { return s == Stopped || s == Exited || s == Fatal || s == Unknown }

// IsSignallable reports whether there is a process to send a signal to.
func (s State) IsSignallable() bool { return s == Starting || s == Running || s == Stopping }

// Restart says when an exited process is started again.
type Restart uint8

// The values of autorestart.
const (
	RestartUnexpected Restart = iota
	RestartAlways
	RestartNever
)

// String returns the word that autorestart= has for it.
func (r Restart) String() string {
	return [...]string{RestartUnexpected: "unexpected", RestartAlways: "true", RestartNever: "false"}[r]
}

// Spec is what the configuration says about the life of a process.
type Spec struct {
	Autorestart Restart
	//lint:ignore ST1011 the name of the option
	StartSecs    time.Duration
	StartRetries int
	ExitCodes    []int
	StopSignal   int
	StopWait     time.Duration
	StopAsGroup  bool
	KillAsGroup  bool
	Pause        Pause
	// Probed means that somebody looks whether it does what it is for. Then staying
	// up is no success that makes up for failed starts; Confirmed is.
	Probed bool
	// Oneshot means that it is there to come to its end. One that ends as it should is not
	// started again; any other end is a failed start.
	Oneshot  bool
	Restarts Rate
	Timeout  time.Duration // of a oneshot, for one run; 0: none
	Hooks    Hooks
}

// Status is how a process ended: by its own exit with Code, or by Signal.
type Status struct {
	Code   int
	Signal int // 0: none
	Core   bool
}

// ExitCode returns the status the way shells do: the code, or 128 + the signal.
func (s Status) ExitCode() int {
	if s.Signal != 0 {
		return 128 + s.Signal
	}
	return s.Code
}

// Expected reports whether the status is one of codes; a signal never is.
func (s Status) Expected(codes []int) bool {
	if s.Signal != 0 {
		return false
	}
	for _, c := range codes {
		if c == s.Code {
			return true
		}
	}
	return false
}

// Cause is what has ended a process.
type Cause uint8

// The causes.
const (
	ByItself  Cause = iota // it has ended, or a signal of somebody else's has ended it
	ByMemory               // the kernel has killed it: the memory limit was reached
	ByStop                 // it was asked to
	ByKill                 // it was asked to, and killed because it did not
	ByReady                // it was not ready in time
	ByHealth               // it was unhealthy
	ByTimeout              // it is a oneshot, and took too long

	Causes = int(ByTimeout) + 1 // how many there are
)

// String returns what clients see of the cause; "" for the first.
func (c Cause) String() string {
	return [Causes]string{"", "memory", "stop", "kill", "ready", "health", "timeout"}[c]
}

// Ending is more about the last end of a process, and those before.
type Ending struct {
	Cause Cause
	How   string        // why, by ready or health; else in words, "": in Supervisor's
	Ran   time.Duration // from the start to the end
	// Spent is when the restarts so far no longer count; see Rate.
	Spent time.Time
}

// Awaited is the hook that is waited for, and what is known of it.
type Awaited struct {
	Hook   Hook
	Gone   int       // the process that has ended, while PostStop is waited for
	StopBy time.Time // end of the stop that waits for PreStop; zero: as long as the spec says
}

// Proc is the total state of a process. The zero Proc is STOPPED and was never
// started.
type Proc struct {
	State   State
	Wanted  bool
	Remains bool   // the process is dead and reaped, its group is not empty
	Forked  bool   // PID is a successor: the process itself put itself into the background
	Killed  bool   // KILL was sent in this incarnation
	Faulty  bool   // it is being stopped because it has failed
	Fault   Cause  // then: how
	Gen     uint64 // number of starts so far; identifies the incarnation
	PID     int    // 0: no process. With Remains: the process group that is left

	Tries   int       // failed starts in a row: Supervisor's backoff count
	Stalls  int       // starts in a row that the kernel had no resources for
	Streak  int       // ends in a row that nobody has asked for; long runs make up for them
	Due     time.Time // when Timer is to come; zero: never
	Started time.Time // of the last start
	Ended   time.Time // of the last end
	Status  Status    // of the last end
	Ending
	Awaited
	Restarts int    // starts that nobody asked for
	SpawnErr string // why the last start failed, or why its end was a failure
}

// AtRest reports whether nothing happens to the process any more unless somebody
// asks for it.
func (p *Proc) AtRest() bool { return !p.Wanted && p.PID == 0 && p.State != Stopping }

// ExitStatus is Supervisor's exitstatus: 0 unless the last run has come to its
// end, -1 after a signal.
func (p *Proc) ExitStatus() int {
	switch {
	case p.State != Exited && p.State != Stopped || p.Ended.IsZero():
		return 0
	case p.Status.Signal != 0:
		return -1
	}
	return p.Status.Code
}

// Kind is what an event is about.
type Kind uint8

// The events. Those up to Skip are requests; the others are news about one
// incarnation and carry its number.
const (
	Start        Kind = iota // somebody, or autostart, wants it up
	Stop                     // somebody wants it down; Limit shortens the wait
	Renew                    // stop it if it is up, then start it
	Kill                     // wanted down, without waiting
	Skip                     // it has completed before, and need not run
	Spawned                  // the fork has succeeded: PID
	SpawnFailed              // it has not: Text, Transient
	Died                     // it was reaped: At, Status, Remains, Successor
	Emptied                  // the remains of its group are gone
	Timer                    // Due has passed
	SignalFailed             // a signal could not be sent
	Failed                   // it is up, but does not do what it is for: Text
	Confirmed                // it does
	HookEnded                // a hook is over: Hook

	Kinds = int(HookEnded) + 1
)

// String returns the name of the kind.
func (k Kind) String() string {
	return [Kinds]string{"start", "stop", "renew", "kill", "skip", "spawned", "spawn-failed", "died", "emptied", "timer", "signal-failed", "failed", "confirmed", "hook-ended"}[k]
}

// Event is something that happens to a process.
type Event struct {
	Kind Kind
	Gen  uint64    // of the incarnation, except for requests
	Now  time.Time // when it is handled

	Limit    time.Duration // Stop: longest wait before KILL; 0: the spec's
	Shutdown bool          // the supervisor itself ends: nothing is started by itself
	Hook     Hook          // HookEnded: which
	Chance   float64       // from 0 to 1: decides how much of a pause is left out

	PID       int    // Spawned
	Text      string // SpawnFailed, Failed: why. Died: how it ended; "": in Supervisor's words
	Cause     Cause  // Failed: ByReady or ByHealth. Died: ByMemory, if it was that
	Transient bool   // SpawnFailed: for want of a resource; not the program's fault
	Missing   bool   // SpawnFailed: a file that it needs is not there; it may come late

	At        time.Time // Died: when
	Status    Status    // Died
	Remains   bool      // Died: others of its group are still there
	Successor int       // Died: a descendant that carries on for it
}

// Do is what kind of action is to be taken.
type Do uint8

// The actions.
const (
	DoEnter   Do = iota // nothing but news: From was left, To was entered
	DoSpawn             // fork; answer with Spawned or SpawnFailed
	DoSignal            // send Signal
	DoKill              // send KILL, which is worth a line in the log
	DoHook              // run Hook; answer with HookEnded, or with SpawnFailed if PreStart fails
	DoEndHook           // send Signal to Hook; Late: it has taken too long
)

// Action is what the loop has to do, in the order given.
type Action struct {
	Do       Do
	Gen      uint64
	PID      int  // the process concerned, also after its end
	Group    bool // DoSignal, DoKill: to the process group PID
	Signal   int  // DoSignal, DoEndHook
	Hook     Hook // DoHook, DoEndHook
	Late     bool // DoEndHook
	From, To State
	Tries    int
	Expected bool // DoEnter to EXITED or STOPPED: the status is in exitcodes
}

// TooQuickly is the SpawnErr of a program that did not stay up, in Supervisor's words.
const TooQuickly = "Exited too quickly (process log may have details)"

func badExit(s Status) string {
	code := s.Code
	if s.Signal != 0 {
		code = -1
	}
	return "Bad exit code " + strconv.Itoa(code)
}
