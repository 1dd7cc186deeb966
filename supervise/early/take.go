package early

import (
	"math/bits"
	"sync/atomic"
	"syscall"
)

// noted has bit n set if signal n has arrived, and bit 0 if the entry was ours. The
// handler sets its bits, in assembly.
var noted uint64

// linked is the bit of noted that says that the process began at our entry.
const linked = 1

// Take returns the signals that have arrived before the runtime had its handlers, and
// forgets them. Ask after signal.Notify, so that none falls between the two.
func Take() []syscall.Signal {
	var list []syscall.Signal
	for set := atomic.AndUint64(&noted, linked) &^ linked; set != 0; set &= set - 1 {
		list = append(list, syscall.Signal(bits.TrailingZeros64(set)))
	}
	return list
}
