//go:build linux

package sink

import "slipway/supervise/logs/syslog"

// A Sink takes output. None of its methods waits for anything.
type Sink interface {
	// Write takes all of p, which it does not keep: what cannot be
	// delivered is counted as lost.
	Write(p []byte)
	// Full reports that the sink holds as much as it wants to. The owner
	// then stops reading the pipe that feeds it, and goes on when
	// Options.Wake is called. A sink that rather loses output is never full.
	Full() bool
	// Reopen opens the destination anew, by its name.
	Reopen()
	// Clear empties a regular file. Anything else has nothing to clear,
	// which is not an error.
	Clear() error
	// Close delivers what the sink holds back and releases it. The sink is
	// not used afterwards.
	Close()
}

// Dropper is what a Sink may be beside: Drop counts p as lost, in place of a Write.
type Dropper interface{ Drop(p []byte) }

var (
	_ Dropper = (*File)(nil)
	_ Dropper = (*Source)(nil)
	_ Dropper = (*syslog.Lines)(nil)
)

var (
	_ Sink = (*File)(nil)
	_ Sink = (*Source)(nil)
	_ Sink = (*syslog.Lines)(nil)
)
