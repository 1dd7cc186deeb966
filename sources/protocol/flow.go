package protocol

import "time"

// Flow bounds what somebody may send for as long as it likes: so much in a minute, and as much
// at once. The zero value of its other fields is one that nothing has come through.
type Flow struct {
	PerMinute int64

	used int64 // of what the last minute allowed
	last time.Time
}

// Take notes that n more have come, and reports whether they may.
func (f *Flow) Take(n int64) bool { return f.take(n, time.Now()) }

func (f *Flow) take(n int64, now time.Time) bool {
	if !f.last.IsZero() {
		f.used = max(0, f.used-int64(float64(f.PerMinute)*now.Sub(f.last).Minutes()))
	}
	f.last = now
	f.used += n
	return f.used <= f.PerMinute
}
