package handoff

import (
	"os"
	"os/signal"
	"sync"
	"syscall"

	"slipway/supervise/early"
)

// asked are the signals by which somebody asks for the end.
var asked = [...]os.Signal{syscall.SIGHUP, syscall.SIGINT, syscall.SIGQUIT, syscall.SIGTERM}

// Signals has HUP, INT, QUIT and TERM.
type Signals struct {
	// C has what has come.
	C chan os.Signal

	mu  sync.Mutex // held while signals are on their way from package early to C
	own bool       // package early has the signals, not os/signal
}

// Catch makes these signals come to a channel. The caller is locked to the main thread.
func Catch() *Signals {
	s := &Signals{C: make(chan os.Signal, 16)}
	s.own = s.catch()
	if !s.own {
		signal.Notify(s.C, asked[:]...)
	}
	return s
}

// pass moves what has come to C.
func (s *Signals) pass() {
	s.mu.Lock()
	defer s.mu.Unlock()
	list, _ := early.Take(nil)
	for _, sig := range list {
		for _, a := range asked {
			if a != sig {
				continue
			}
			select {
			case s.C <- sig:
			default: // sixteen have not been looked at
			}
		}
	}
}

// Hold holds the signals back: one that comes from now on waits, and is there for the next
// image. What came before is in C.
func (s *Signals) Hold() {
	if !s.own {
		s.settle()
		block(true)
		return
	}
	early.Hold() // without /proc another thread may take one: better than no start
	s.pass()
}

// Unhold is the end of Hold. What has come meanwhile is in C.
func (s *Signals) Unhold() {
	if !s.own {
		block(false)
		s.settle()
		return
	}
	early.Unhold()
	s.pass()
}
