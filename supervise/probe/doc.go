// Package probe decides whether one process is ready and healthy, and when a probe of it
// runs: a pure function from (what is known, event) to (what is known, actions). It does
// no I/O and reads no clock, so every rule of it is a row in a test.
//
// # What is known
//
// Package machine says whether a process is there; this package says whether it does what
// it is for. Its total state is a pair: what is known of the present incarnation (Phase,
// Ready, Health, Confirm), and the one run that may be under way (Run).
//
//	DOWN      not there, or being stopped          nothing runs, nothing is due
//	STARTING  there, younger than startsecs        may become ready
//	RUNNING   there                                may become ready; when it is, its health is probed
//	FAILED    reported as failed, its stop follows nothing runs, nothing is due
//
// A process becomes ready in one of three ways (Spec.Ready): by being RUNNING, by a
// success of its ready probe, or by saying so itself. It stays ready for the rest of the
// incarnation; health is what may change.
//
// # Runs
//
// A run is one execution of a probe: a child in a process group of its own. There is at
// most one per process, over all its incarnations: a run that outlives its incarnation is
// killed, and the next one waits until it is gone. Its result is about the incarnation in
// which it was started (Run.Gen) and says nothing about another one. A run that takes too
// long is killed; its end, which the loop reports like any other, is then the failure.
//
// # Time
//
// Due is the one timer: the end of the run under way, or the start of the next one, or
// the end of ready_timeout, whichever comes first. It follows from the other fields; the
// loop reports it by the event Timer. Nothing is due while a killed run is still there.
//
// Time in which the loop did not run does not count (event Stalled): when a container was
// frozen, its programs and its probes were, too. Everything that was still to come is
// moved on by as much, so no run is overdue and no start has failed because of it. While time
// counts against the process (IsTimed), the loop looks often enough to know how much that is.
//
// # Confirming a reload
//
// A reload can break a program that was ready. After one (event Reloaded) the process has
// to confirm that it still does what it is for: startsecs later (Confirm) it must still be
// up, and a run that was started after that moment must succeed. A success of an earlier
// run says nothing: the program may not have looked at its new files by then.
//
// # What always holds
//
// The test walks every sequence of events up to a depth, for every combination of
// options, and checks after each step:
//
//  1. There is at most one run; only a run that is there is killed, and only once.
//  2. A run is started only for a process that is up; one of the health probe only when
//     the process is ready and RUNNING.
//  3. When a process is down, its run has been killed, nothing is due, and it is neither
//     ready nor healthy.
//  4. A process becomes ready, or confirms a reload, only by a success of a run that was
//     started at Confirm or later, by its own word, or, if it has no probe, by staying up.
//  5. Nothing is waited for that nothing will bring: what is neither ready nor confirmed,
//     and a health that is probed, has a run under way or something due.
//  6. Due is never in the past for ever: after a few timers at the same moment there is
//     none, or a later one.
//  7. An incarnation is reported as failed at most once, and nothing happens to it then.
//  8. Unhealthy is reported only after health_retries failures in a row, recovered only
//     after unhealthy.
//  9. News about another incarnation change nothing, in whatever order they come.
//  10. From wherever it is, a process that is up and whose runs succeed becomes ready,
//     confirmed and healthy; if they all fail, ready_timeout ends it.
//  11. After a time in which the loop did not run as much time is left as before it.
package probe
