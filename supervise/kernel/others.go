package kernel

import (
	"os"
	"os/signal"
	"slices"
	"sync"
	"syscall"
)

// others has the signals where package early has no handler: those that os/signal gives.
type others struct {
	mu   sync.Mutex // between its goroutine and the loop
	list []syscall.Signal
}

// catchOthers asks os/signal for every signal but that of the runtime's own preemption;
// wake is called for each that comes. A PIPE is of a write of ours, mostly, and is dropped;
// the runtime would end the process by one of standard error that nobody asks for.
func catchOthers(wake func()) *others {
	o := new(others)
	come := make(chan os.Signal, 128)
	for sig := syscall.Signal(1); sig <= 64; sig++ {
		if sig != syscall.SIGURG {
			signal.Notify(come, sig)
		}
	}
	// It ends with the process. It waits for nothing but the channel.
	go func() {
		for s := range come {
			if s == syscall.SIGPIPE {
				continue
			}
			o.mu.Lock()
			if sig := s.(syscall.Signal); !slices.Contains(o.list, sig) {
				o.list = append(o.list, sig)
			}
			o.mu.Unlock()
			wake()
		}
	}()
	return o
}

// take appends what has come to a list, and forgets it.
func (o *others) take(list []syscall.Signal) []syscall.Signal {
	o.mu.Lock()
	defer o.mu.Unlock()
	list = append(list, o.list...)
	o.list = o.list[:0]
	return list
}
