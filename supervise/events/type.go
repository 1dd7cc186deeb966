package events

import "strings"

// Type is the type of an event. Abstract types are never raised; subscribing to
// one means all concrete types below it.
type Type uint8

// The types of events. A type's place in the list says nothing; its parent is
// in the table below.
const (
	None Type = iota
	Any       // EVENT
	ProcessState
	ProcessStateStarting
	ProcessStateRunning
	ProcessStateBackoff
	ProcessStateStopping
	ProcessStateExited
	ProcessStateStopped
	ProcessStateFatal
	ProcessStateUnknown
	RemoteCommunication
	ProcessLog
	ProcessLogStdout
	ProcessLogStderr
	ProcessCommunication
	ProcessCommunicationStdout
	ProcessCommunicationStderr
	SupervisorStateChange
	SupervisorStateChangeRunning
	SupervisorStateChangeStopping
	Tick
	Tick5
	Tick60
	Tick3600
	ProcessGroup
	ProcessGroupAdded
	ProcessGroupRemoved
	ProcessForked // Supervisor has none
	typeCount
)

// types is indexed by Type.
var types = [typeCount]struct {
	name     string
	parent   Type
	abstract bool
}{
	None:                          {"", None, true},
	Any:                           {"EVENT", None, true},
	ProcessState:                  {"PROCESS_STATE", Any, true},
	ProcessStateStarting:          {"PROCESS_STATE_STARTING", ProcessState, false},
	ProcessStateRunning:           {"PROCESS_STATE_RUNNING", ProcessState, false},
	ProcessStateBackoff:           {"PROCESS_STATE_BACKOFF", ProcessState, false},
	ProcessStateStopping:          {"PROCESS_STATE_STOPPING", ProcessState, false},
	ProcessStateExited:            {"PROCESS_STATE_EXITED", ProcessState, false},
	ProcessStateStopped:           {"PROCESS_STATE_STOPPED", ProcessState, false},
	ProcessStateFatal:             {"PROCESS_STATE_FATAL", ProcessState, false},
	ProcessStateUnknown:           {"PROCESS_STATE_UNKNOWN", ProcessState, false},
	RemoteCommunication:           {"REMOTE_COMMUNICATION", Any, false},
	ProcessLog:                    {"PROCESS_LOG", Any, true},
	ProcessLogStdout:              {"PROCESS_LOG_STDOUT", ProcessLog, false},
	ProcessLogStderr:              {"PROCESS_LOG_STDERR", ProcessLog, false},
	ProcessCommunication:          {"PROCESS_COMMUNICATION", Any, true},
	ProcessCommunicationStdout:    {"PROCESS_COMMUNICATION_STDOUT", ProcessCommunication, false},
	ProcessCommunicationStderr:    {"PROCESS_COMMUNICATION_STDERR", ProcessCommunication, false},
	SupervisorStateChange:         {"SUPERVISOR_STATE_CHANGE", Any, true},
	SupervisorStateChangeRunning:  {"SUPERVISOR_STATE_CHANGE_RUNNING", SupervisorStateChange, false},
	SupervisorStateChangeStopping: {"SUPERVISOR_STATE_CHANGE_STOPPING", SupervisorStateChange, false},
	Tick:                          {"TICK", Any, true},
	Tick5:                         {"TICK_5", Tick, false},
	Tick60:                        {"TICK_60", Tick, false},
	Tick3600:                      {"TICK_3600", Tick, false},
	ProcessGroup:                  {"PROCESS_GROUP", Any, true},
	ProcessGroupAdded:             {"PROCESS_GROUP_ADDED", ProcessGroup, false},
	ProcessGroupRemoved:           {"PROCESS_GROUP_REMOVED", ProcessGroup, false},
	ProcessForked:                 {"PROCESS_FORKED", Any, false},
}

// String is the name of the type as it stands in events= and eventname:.
func (t Type) String() string { return types[t].name }

// ParseType finds a type by its name, in any case.
func ParseType(name string) (Type, bool) {
	name = strings.ToUpper(name)
	for t := Any; t < typeCount; t++ {
		if types[t].name == name {
			return t, true
		}
	}
	return None, false
}

// Is reports whether t is u or stands below it.
func (t Type) Is(u Type) bool {
	for ; t != None; t = types[t].parent {
		if t == u {
			return true
		}
	}
	return false
}

// Set is a subscription: a set of concrete types.
type Set uint32

// SetOf is the subscription that an events= line with these types means.
func SetOf(subscribed ...Type) Set {
	var s Set
	for t := Any; t < typeCount; t++ {
		if types[t].abstract {
			continue
		}
		for _, u := range subscribed {
			if t.Is(u) {
				s |= 1 << t
			}
		}
	}
	return s
}

// Has reports whether the concrete type t is subscribed to.
func (s Set) Has(t Type) bool { return s&(1<<t) != 0 }
