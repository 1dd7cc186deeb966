package events

import "strconv"

// Event is something that happened: a concrete type and its payload.
type Event struct {
	Type    Type
	Payload []byte
}

// Process names the process that an event is about.
type Process struct {
	Name, Group string
	PID         int // 0 if it has none
}

func (p Process) head() []byte {
	return append(append(append([]byte("processname:"), p.Name...), " groupname:"...), p.Group...)
}

func field(b []byte, key string, n int) []byte {
	return strconv.AppendInt(append(append(append(b, ' '), key...), ':'), int64(n), 10)
}

// StateChange is the event of a process that entered the state of type t, coming
// from the state named from. Tries is the back-off count, told by STARTING and
// BACKOFF; expected is told by EXITED. RUNNING, STOPPING, EXITED and STOPPED tell
// the pid.
func StateChange(t Type, p Process, from string, tries int, expected bool) Event {
	b := append(append(p.head(), " from_state:"...), from...)
	switch t {
	case ProcessStateStarting, ProcessStateBackoff:
		b = field(b, "tries", tries)
	case ProcessStateExited:
		n := 0
		if expected {
			n = 1
		}
		b = field(field(b, "expected", n), "pid", p.PID)
	case ProcessStateRunning, ProcessStateStopping, ProcessStateStopped:
		b = field(b, "pid", p.PID)
	}
	return Event{t, b}
}

// Forked is the event of a process that has put itself into the background: p.PID is its
// main process from now on, which was found by what how says.
func Forked(p Process, how string) Event {
	return Event{ProcessForked, append(append(field(p.head(), "pid", p.PID), " found_by:"...), how...)}
}

// Ended is more about the end of a process than Supervisor tells: its exit status, or the
// signal that has ended it and whether that has left a core, and the cause.
type Ended struct {
	Status, Signal int
	Core           bool
	Cause          string // "": none in particular
}

// With adds how the process has ended to the event of its state.
func (e Event) With(how Ended) Event {
	b := append([]byte(nil), e.Payload...)
	if how.Signal == 0 {
		b = field(b, "exitstatus", how.Status)
	} else {
		core := 0
		if how.Core {
			core = 1
		}
		b = field(field(b, "signal", how.Signal), "core", core)
	}
	if how.Cause != "" {
		b = append(append(b, " cause:"...), how.Cause...)
	}
	return Event{e.Type, b}
}

// Log is the event of a chunk of output, as it was read.
func Log(p Process, stderr bool, chunk []byte) Event {
	t, channel := ProcessLogStdout, "stdout"
	if stderr {
		t, channel = ProcessLogStderr, "stderr"
	}
	b := append(append(field(p.head(), "pid", p.PID), " channel:"...), channel...)
	return Event{t, append(append(b, '\n'), chunk...)}
}

// Communication is the event of text captured between the capture tokens.
func Communication(p Process, stderr bool, text []byte) Event {
	t := ProcessCommunicationStdout
	if stderr {
		t = ProcessCommunicationStderr
	}
	return Event{t, append(append(field(p.head(), "pid", p.PID), '\n'), text...)}
}

// Remote is the event that sendRemoteCommEvent raises.
func Remote(kind, data string) Event {
	return Event{RemoteCommunication, []byte("type:" + kind + "\n" + data)}
}

// SupervisorState is the event of the supervisor itself: running, or stopping.
func SupervisorState(running bool) Event {
	if running {
		return Event{Type: SupervisorStateChangeRunning}
	}
	return Event{Type: SupervisorStateChangeStopping}
}

// Group is the event of a process group that was added or removed.
func Group(added bool, name string) Event {
	t := ProcessGroupRemoved
	if added {
		t = ProcessGroupAdded
	}
	return Event{t, []byte("groupname:" + name + "\n")}
}

// tickPeriods holds the period of each tick, in seconds.
var tickPeriods = [...]struct {
	t      Type
	period int64
}{{Tick5, 5}, {Tick60, 60}, {Tick3600, 3600}}

// Ticks are the tick events due at now when the last call was at last, both in
// epoch seconds: at most one of each period, however long the pause was.
func Ticks(last, now int64) []Event {
	var evs []Event
	for _, p := range tickPeriods {
		when := now - now%p.period
		if when > last-last%p.period {
			evs = append(evs, Event{p.t, strconv.AppendInt([]byte("when:"), when, 10)})
		}
	}
	return evs
}

// NextTick is the epoch second of the next tick that s subscribes to after now,
// and false if s subscribes to none.
func NextTick(s Set, now int64) (int64, bool) {
	var next int64
	for _, p := range tickPeriods {
		if at := now - now%p.period + p.period; s.Has(p.t) && (next == 0 || at < next) {
			next = at
		}
	}
	return next, next != 0
}
