package holder

import (
	"encoding/binary"
	"syscall"
)

// Name is the argument zero of a holder, by which the first instructions know it. The
// arguments after it are the number of its socket, with a comma and that of the folder of the
// program's control group where there is one, the path of the program, and the program's
// arguments; the environment is the program's.
const Name = "slipway-holder"

// Size is the length of a record in bytes: it is written and read as a whole.
const Size = 16

// Kind is what a record says.
type Kind uint32

// What a holder says. PID is the main process, where none other is named.
const (
	Born      Kind = iota + 1 // PID: the program's process is there, and not executed yet; A: see Needs
	Failed                    // A: the row of the table, or RowExec, RowFork or RowTable; B: the error number
	Running                   // PID: it has been executed; A: a sum of Adopts and InCgroup
	Died                      // PID, A: the raw wait status; B: 1 if descendants are left
	Empty                     // nothing is left, and the holder ends
	Stopped                   // PID, A: by that signal
	Continued                 // PID
	Chosen                    // PID: it is the main process from now on
	Refused                   // A: the kind that was asked for; B: the error number; PID as asked for
	Received                  // A: a signal that somebody has sent to the holder; PID: who
)

// What Running says more.
const (
	Adopts   = 1 // orphans come to the holder
	InCgroup = 2 // the program is in its control group
)

// Needs are the system calls without which there is no holder. Where one is refused, the
// process that was to be the holder becomes the program: A of Born is the number of the call
// here, B the error number, and that it was executed is said by the end of the socket. It is 0
// of a program that has a holder.
var Needs = [...]string{"", "signalfd4", "ppoll", "recvfrom", "sendto", "wait4"}

// What a holder is told.
const (
	Signal Kind = iota + 65 // A: the signal for the main process; B: 1 for its group
	Main                    // PID: a child of the holder, the main process from now on
	Go                      // there is no main process any more: reap
	Leave                   // end; what is left is PID 1's
)

// Rows of Failed that are none of the table.
const (
	RowExec  = -1 // the execve
	RowFork  = -2 // the process could not be made
	RowTable = -3 // the table could not be read
)

// Record is one of them.
type Record struct {
	Kind Kind
	PID  int32
	A, B int32
}

// Append appends a record as it is sent.
func (r Record) Append(b []byte) []byte {
	for _, v := range [...]uint32{uint32(r.Kind), uint32(r.PID), uint32(r.A), uint32(r.B)} {
		b = binary.NativeEndian.AppendUint32(b, v)
	}
	return b
}

// Read takes the first record of b. It reports false if there is not all of one.
func Read(b []byte) (r Record, rest []byte, ok bool) {
	if len(b) < Size {
		return Record{}, b, false
	}
	word := func(i int) uint32 { return binary.NativeEndian.Uint32(b[4*i:]) }
	return Record{Kind(word(0)), int32(word(1)), int32(word(2)), int32(word(3))}, b[Size:], true
}

// Err is the error number in B as an error.
func (r Record) Err() error { return syscall.Errno(r.B) }
