//go:build linux

package sink

import (
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

// The pauses of a target that does not work, and of the reports about it.
const (
	firstRetry  = 250 * time.Millisecond
	lastRetry   = 10 * time.Second
	reportEvery = time.Minute
)

// fault is what goes wrong with a target: what that costs, how long the target is
// left alone, and what people were told.
type fault struct {
	err    error // nil: it works
	lost   int64 // bytes in all
	unsaid int64 // of them since the last report
	told   bool  // that it does not work, and not yet that it does again
	said   time.Time
	delay  time.Duration
	retry  time.Time
}

// failed notes one more failure at now.
func (x *fault) failed(err error, now time.Time) {
	x.err = err
	x.delay = min(max(2*x.delay, firstRetry), lastRetry)
	x.retry = now.Add(x.delay)
}

// resting reports whether the target is left alone at now.
func (x *fault) resting(now time.Time) bool { return x.err != nil && now.Before(x.retry) }

// lose counts n bytes, and reports them unless there was a report a moment ago.
func (x *fault) lose(n int, now time.Time, title string, report func(string)) {
	x.lost += int64(n)
	x.unsaid += int64(n)
	if !x.said.IsZero() && now.Sub(x.said) < reportEvery {
		return
	}
	x.said = now // first: the report may come back here
	x.tell(title, report)
}

func (x *fault) tell(title string, report func(string)) {
	n := x.unsaid
	x.unsaid, x.told = 0, true
	report("cannot write " + title + ": " + cause(x.err) + "; " + strconv.FormatInt(n, 10) + " bytes lost, trying again")
}

// recovered notes that the target works. A target that comes and goes is not
// reported more often for it.
func (x *fault) recovered(title string, report func(string)) {
	x.err, x.delay = nil, 0
	if !x.told {
		return
	}
	x.told, x.unsaid = false, 0
	report(title + " is written again; " + strconv.FormatInt(x.lost, 10) + " bytes lost in all")
}

// last reports what is unsaid when the target is closed.
func (x *fault) last(title string, report func(string)) {
	if x.unsaid > 0 && x.err != nil {
		x.tell(title, report)
	}
}

// cause is the error for people.
func cause(err error) string {
	if err == unix.ENXIO {
		return "nothing reads from it" // of open(2), for a FIFO
	}
	return err.Error()
}
