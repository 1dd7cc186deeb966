// Package early has the first instructions of the executables, and a handler of signals
// in place of the Go runtime's.
//
// The kernel drops a signal to PID 1 of a container for which there is no handler. The Go
// runtime installs its own after a good part of a millisecond; and from then to the first
// line of main, another one, HUP, INT, QUIT and TERM end the process with status 2, or are
// lost. So an executable is linked with another entry (go build
// -ldflags='-E slipway/supervise/early.entry', see the Makefile). It installs a handler
// that notes what arrives, and goes on to the runtime's entry. The runtime would replace it
// by its own. It does not, because it takes our keep for the sigaction of a C library: the
// variable _cgo_sigaction is there for that, and nil without cgo. From its first
// instruction on the process has one handler, until it says what it wants: [Catch],
// [CatchAll], or [Release] to live with the runtime's.
//
// The handler notes a signal and writes to an eventfd. That is cheaper than os/signal, which
// needs a thread of its own and switches between threads twice for each signal that is
// asked for. It sees who sends a fault: the runtime throws for an ABRT or a SEGV that
// somebody has sent, this handler notes it, and only a fault of our own crashes.
//
// No mask holds a signal back in the runtime's threads: each of them opens its mask to what
// would end the process when it begins. [Hold] is how an execve loses none all the same.
//
// Called by the name of package holder, the process never comes to the runtime: it is the
// holder of a program until that has ended (holder_linux.go).
//
// Linked without that entry everything works but for the first two milliseconds, and programs
// have no holders. On other
// architectures there is nothing of this, and Catch says so.
package early
