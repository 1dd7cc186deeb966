// Package order decides the order among processes: who waits for whom at the start, who
// stops when, and how long each may take for it. It is pure: plain values in, plain values
// out, no clock and no process.
//
// # Names
//
// An entry of depends_on is the name of a program (then all its processes are meant), of a
// group (all processes in it), or the full name of one process. One word can be more than
// one of these; then it means all of them. A name that means nothing is an error when a
// configuration is read (Check), and holds nobody afterwards: a group that was removed
// must not keep the others down.
//
// Behind a name stands what is waited for (Until): that it is ready, started, healthy, that it
// has completed, or ended. A last part that is none of these words belongs to the name.
//
// # What was reached
//
// The listener supervisord_dependent_startup has programs wait until others have reached one of
// some states (Need.Any). That is a fact of the past: it goes on to hold, whatever the other does
// then, and who asks for a start does not wait for it.
//
// # The start
//
// A process waits for the first entry in its list that means a process for which the condition
// does not hold. A Board keeps count, so that the question costs as much as the list is long, however
// many processes there are. It knows as well who waits in vain: for a process that is at
// rest and for which the condition does not hold, or that waits in vain itself. Nothing but a
// request changes that, so such a wait is no wait any more; but when the other comes up after
// all, it is over.
//
// # The stop
//
// Processes stop in turns: those of the highest priority among the ones that nobody
// depends on any more. Dependants go before what they depend on, whatever the priorities
// say. An ordered stop with a budget gives each turn its part of what is left of it, by
// the longest wait of each priority that is still to come.
//
// # Cost
//
// Everything is linear in the number of processes and names: a name is never expanded to
// the processes that it means, or a group of 10,000 on which 10,000 depend would be 100
// million pairs.
package order
