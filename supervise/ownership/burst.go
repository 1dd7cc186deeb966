package ownership

import "time"

// The bounds of what is told of orphans one by one.
const (
	burstTold = 10
	// BurstTime is how long a burst is counted before it is summed up.
	BurstTime = 10 * time.Second
)

// Burst is the orphans that have ended lately: some are told, the others counted. Twenty
// thousand of them are not worth twenty thousand lines. The zero value is ready.
type Burst struct {
	began time.Time
	told  int
	more  int
}

// Tell reports whether one more is told; it is counted else, and to be summed up.
func (b *Burst) Tell(now time.Time) bool {
	if b.more == 0 && now.Sub(b.began) >= BurstTime {
		b.began, b.told = now, 0
	}
	if b.told >= burstTold {
		b.more++
		return false
	}
	b.told++
	return true
}

// Sum returns how many were counted, and in what time; then all begins anew.
func (b *Burst) Sum(now time.Time) (more int, in time.Duration) {
	more, in = b.more, now.Sub(b.began).Round(time.Second)
	*b = Burst{}
	return more, in
}
