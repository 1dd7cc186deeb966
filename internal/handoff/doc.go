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
// Signals: the launch stage makes the execve with them held back ([Signals.Hold]). One that
// came before ends the start, one that comes now is pending for the next image, where
// package supervise/early has a handler for it from the first instruction on. The main
// thread makes it: an execve by another one clears the signal that the process gets when
// its parent dies (PR_SET_PDEATHSIG).
package handoff
