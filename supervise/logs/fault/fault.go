// Package fault is what goes wrong with a target of output: what that costs, how long the
// target is left alone, and what people are told, which is at most once a minute.
package fault

import (
	"strconv"
	"syscall"
	"time"
)

// The pauses of a target that does not work, and of the reports about it.
const (
	FirstRetry  = 250 * time.Millisecond
	LastRetry   = 10 * time.Second
	ReportEvery = time.Minute
)

// Fault is that of one target. The zero value is none.
type Fault struct {
	Err    error // nil: it works
	Lost   int64 // bytes in all
	unsaid int64 // of them since the last report
	told   bool  // that it does not work, and not yet that it does again
	said   time.Time
	delay  time.Duration
	retry  time.Time
}

// Failed notes one more failure at now.
func (x *Fault) Failed(err error, now time.Time) {
	x.Err = err
	x.delay = min(max(2*x.delay, FirstRetry), LastRetry)
	x.retry = now.Add(x.delay)
}

// Resting reports whether the target is left alone at now.
func (x *Fault) Resting(now time.Time) bool { return x.Err != nil && now.Before(x.retry) }

// Lose counts n bytes, and reports them unless there was a report a moment ago.
func (x *Fault) Lose(n int, now time.Time, title string, report func(string)) {
	x.Lost += int64(n)
	x.unsaid += int64(n)
	if !x.said.IsZero() && now.Sub(x.said) < ReportEvery {
		return
	}
	x.said = now // first: the report may come back here
	x.tell(title, report)
}

func (x *Fault) tell(title string, report func(string)) {
	n := x.unsaid
	x.unsaid, x.told = 0, true
	report("cannot write " + title + ": " + cause(x.Err) + "; " + strconv.FormatInt(n, 10) + " bytes lost, trying again")
}

// Recovered notes that the target works. A target that comes and goes is not
// reported more often for it.
func (x *Fault) Recovered(title string, report func(string)) {
	x.Err, x.delay = nil, 0
	if !x.told {
		return
	}
	x.told, x.unsaid = false, 0
	report(title + " is written again; " + strconv.FormatInt(x.Lost, 10) + " bytes lost in all")
}

// Last reports what is unsaid when the target is closed.
func (x *Fault) Last(title string, report func(string)) {
	if x.unsaid > 0 && x.Err != nil {
		x.tell(title, report)
	}
}

// cause is the error for people.
func cause(err error) string {
	if err == syscall.ENXIO {
		return "nothing reads from it" // of open(2), for a FIFO
	}
	return err.Error()
}
