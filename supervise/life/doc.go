// Package life is the table of processes and their lives: it carries out what packages
// machine, probe and order decide, and feeds them news.
//
// # One way in
//
// Everything that happens to a process is an event that is fed to its state machine (Feed);
// what the machine says is done by act. What a change of state leads to is one list, in
// act.go. So there is one place for each: forking (spawn.go; its first three
// descriptors: package streams), readiness and health (probes.go, notify.go), what has a holder (holder.go), the dead
// and what they leave behind (reap.go).
//
// # What it does not know
//
// When the container ends, what is stopped when, and who asks for what: package supervise
// decides that, and learns of changes by Options.Policy and TakeChanged.
package life
