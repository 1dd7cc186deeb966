// Package supervise is PID 1: it starts the programs of a configuration, keeps
// them up, carries their output, answers its control socket, and ends the
// container in order and with the right status.
//
// # One loop
//
// One goroutine, the loop (package loop), owns everything: the table of processes (package
// life), the timers, the descriptors. It alone forks, kills and reaps. It has one blocking
// point, Wait of the poller, which returns when a descriptor is ready, a signal has arrived
// or the nearest timer is due; with nothing due there is no timer, and an idle supervisor
// does not wake up at all, or once a minute where somebody has asked it something, to see
// whether its sockets are still there. Shutdown is a phase of the same loop, in which everything else
// goes on being answered.
//
// What becomes of a process is decided by packages machine, probe and order, and carried
// out by package life. This package decides what is started, stopped and replaced, answers
// the control socket, and ends the container. It asks the system through Kernel only.
//
// # Goroutines
//
// The census: the loop; one that moves signals into the kernel's event descriptor
// (package kernel), for the life of the process; and at times one for each slow
// log target (package logs/sink), which ends when its queue is empty. None of them
// touches the state of the loop.
//
// # Two habits
//
// In Mode Daemon (called as supervisord) Supervisor's habits hold: it never ends by
// itself, leaves what a program forked alone, ends with 0 after an ordered stop. In
// Mode Run a container's habits hold: the end of what it is for ends it, with that
// program's status, and nothing a program started outlives the program.
//
// # What must not happen
//
// PID 1 must not die, block, or grow: nothing here opens a file that can stall,
// resolves a name, or waits for a peer. Only the standard library and x/sys are
// linked, and of it neither fmt, reflect, encoding/json, net nor os/exec: they would
// double the memory of the process.
package supervise
