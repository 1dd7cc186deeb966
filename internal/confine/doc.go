// Package confine closes a process to others, and takes from it what it does not need: the
// HTTP front, which speaks to strangers, the watcher, which holds secrets, and what reads
// them. It is called first thing in main.
//
// No process of ours that holds secrets leaves a core. Programs do as they are allowed to:
// the limit is put back before the execve.
//
// Nothing of it is needed for the work, so what the kernel refuses is left out: the front is
// a user of its own besides, and may ask the supervisor for little.
package confine
