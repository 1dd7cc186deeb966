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
// Signals: the launch stage looks for one right before the execve, after [Settle], so
// that none that came before is overlooked, and makes it in [Holding], so that one that
// comes now is pending for the next image. Package supervise/early is there to let it in:
// by itself the Go runtime unblocks these signals a moment before it installs handlers,
// and in PID 1 of a container the kernel drops what has none. What is left is the first
// part of the execve, in which the other threads of the launch stage may still take a
// signal: a tenth of a millisecond or so.
package handoff
