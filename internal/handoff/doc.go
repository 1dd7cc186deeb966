// Package handoff carries state over the execve from the launch stage into the
// next one, and makes that execve.
//
// What crosses, and how:
//
//   - the environment for the programs, as the environment of the new image;
//   - the boot snapshot (the environment as it was captured, the merged values
//     with their origins, the notes) in a sealed memfd, whose number is in
//     SLIPWAY_BOOT_FD. Its pages are on no disk, it needs no writable path, and
//     only processes of the same user that may trace the holder can open it;
//   - what to run, as arguments. A value is never an argument.
//
// Every other descriptor from 3 up is closed by the execve, whoever opened it.
// The heap of the launch stage, with its decrypted secrets, is dropped by the
// kernel. The process id stays the same.
//
// Signals: the launch stage has to look for a signal right before Exec, after
// [Settle], so that none that came before is overlooked. In PID 1
// of a container the kernel drops one that arrives after that and before the next
// image has its handlers. Blocking it over the execve does not help: the Go runtime
// unblocks HUP, INT, QUIT and TERM a moment before it installs its handlers, so
// what was pending is dropped then. The window is that of the execve and of the
// runtime's first steps, about a millisecond on an idle machine.
package handoff
