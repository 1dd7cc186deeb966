//go:build linux

package logs

import "time"

// paceEvery is how long a program that prints little by little is left alone
// between two reads.
const paceEvery = time.Millisecond

// Pace keeps a program that writes line by line, as fast as it can, from costing a
// wake-up for every line: a pipe that gave little, and gave something a moment ago
// as well, is left alone for a millisecond while it fills. The first output after a
// pause, and floods that fill the loop's buffer, are read at once. One Pace belongs
// to one pipe; the zero value is ready.
type Pace struct{ last time.Time }

// After is told that n bytes of the room there was were read at now, and returns
// for how long the pipe should not be watched; 0: watch on.
func (p *Pace) After(n, room int, now time.Time) time.Duration {
	hot := now.Sub(p.last) < 2*paceEvery
	p.last = now
	if hot && n < room/2 {
		return paceEvery
	}
	return 0
}
