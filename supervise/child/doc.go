// Package child makes the children of the supervisor: what a command is given, and the one
// runner of children that are no programs of the configuration.
//
// # What a command is given
//
// A Maker turns the configuration of a process into a command: the file by Supervisor's
// rules of look-up, the identity, the directory, the umask, the environment. Everything
// that can be looked at is looked at before the fork, because afterwards one error number
// stands for any of the steps; what is wrong is a Failure, in Supervisor's words where it
// has some. Descriptors are added by whoever owns them.
//
// # The runner
//
// The HTTP front, the watcher, probes and the commands of a reload are children, too, but
// nothing that they do ends the container. A Runner starts them all: descriptors, fork,
// the end, the output. Nothing here blocks, and nothing outlives the call but what the loop
// owns.
package child
