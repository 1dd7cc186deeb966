// Package ownership keeps the holders of programs: PID 1's side of the protocol of package
// holder.
//
// # Who owns what
//
// A Holder belongs to one run of a command, and tells its Owner what becomes of it. It owns
// its socket, and what is left of the run when the main process has ended. Holders are those
// that there are, their loss, and the killing of what is left, which goes on when nobody
// waits for it any more.
//
// # What must not happen
//
// Nobody waits for a holder: everything that it says comes by the loop, in its time. And
// nobody signals a process below a holder by its number alone, since only its holder knows
// whose the number is by now.
package ownership
