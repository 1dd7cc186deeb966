// Package machine decides what happens to one process: a pure function from
// (state, event) to (state, actions). It does no I/O and reads no clock, so every
// rule of it is a row in a test.
//
// # The states
//
// The states are Supervisor's, since they are what people see and what clients
// compare. But a state alone does not say what will happen next, and supervisors
// that have only the state grow flags that repair it. Here the total state is a
// pair: what is the case (State, with PID and Remains), and what is wanted (Wanted).
//
//	             wanted                          not wanted
//	STOPPED      –                               at rest
//	STARTING     forked, younger than startsecs  – (a stop leads to STOPPING)
//	RUNNING      up                              –
//	BACKOFF      pause before the next try       –
//	STOPPING     will be started again (restart) will be STOPPED
//	EXITED       will be started at Due          at rest
//	FATAL        –                               at rest, tries used up
//	UNKNOWN      –                               cannot be signalled
//
// A process is at rest when it is not wanted and has no PID; nothing but a request
// moves it then. When all are at rest, nothing will ever happen by itself.
//
// # Time
//
// Due is the one timer of a process; each state means something else by it, and
// entering a state sets it. The loop reports it by the event Timer. Whether a
// process stayed up for startsecs is decided by when it died (Event.At), not by
// when the loop came to hear of it: Supervisor promotes processes that were dead
// already.
//
// # Oneshots
//
// A oneshot is there to come to its end: RUNNING from its fork on, EXITED and at rest when it
// has ended as it should. Any other end, and a run that takes longer than its timeout, is a
// failed start: BACKOFF, and FATAL when the tries are used up. One that has completed before
// enters EXITED without a run (Skip).
//
// # Incarnations
//
// Every start has a number, Gen. Whatever comes back from the kernel or a timer
// carries the number of the start that it belongs to, and is ignored if that is
// over. So late news about a former incarnation cannot hurt, whatever their order.
//
// # Hooks
//
// A program may have commands that come before its fork (PreStart: STARTING without a
// process), before its stop signal (PreStop: STOPPING, of which the time begins with the
// signal), and after its end (PostStop: the state that it had, without a process). Hook says
// which one is waited for, and Due then is its time limit. A kill waits for none.
//
// # What is left of a group
//
// A process may die and leave others of its process group behind (Event.Remains). The
// process has then ended only when the group is empty: a successor must not find
// the port still taken. When it died by itself the remains are killed at once; in a
// stop the remains get the stop signal and have until the deadline of the stop.
package machine
