package machine

import (
	"strconv"
	"time"
)

// Pause is how long a program that does not stay up rests before it is started again. The
// zero Pause is Supervisor's habit: 1, 2, 3… seconds after failed starts, and one second
// between two starts of a program that keeps ending.
type Pause struct {
	First  time.Duration // the shortest; 0: Supervisor's habit
	Most   time.Duration // the longest
	Factor float64       // by which it grows
	Jitter float64       // the part of it that chance may take off, 0 to 1
}

const (
	// Burst is how many ends in a row are made up for without a longer pause: one that is
	// killed a few times by hand, or by what it depends on, is not at fault.
	Burst = 5
	// healthy is how many times as long as its pause a run must last to make up for one end.
	healthy = 10
	// lateFactor is by how much the pause grows where a file is missing: a volume may come
	// late, and three tries must last longer than three starts that fail.
	lateFactor = 5
)

// String gives the pause as one writes it.
func (p Pause) String() string {
	if !p.isSet() {
		return "fixed"
	}
	return p.First.String() + ", " + p.Most.String() + ", " + number(p.Factor) + ", " + number(p.Jitter)
}

func number(f float64) string { return strconv.FormatFloat(f, 'g', 6, 64) }

// isSet reports whether the pauses grow.
func (p *Pause) isSet() bool { return p.First > 0 }

// after is the pause after the nth failure in a row, from 1, with this factor. chance is
// from 0 to 1.
func (p *Pause) after(n int, factor, chance float64) time.Duration {
	d, most := float64(p.First), float64(max(p.Most, p.First))
	for ; n > 1 && d < most; n-- {
		d *= max(factor, 1)
		if factor <= 1 {
			break
		}
	}
	return time.Duration(min(d, most) * (1 - p.Jitter*chance))
}

// top is the least number of failures in a row that has the longest pause.
func (p *Pause) top() int {
	if p.Factor <= 1 {
		return 1
	}
	n := 1
	for d := float64(p.First); d < float64(p.Most); n++ {
		d *= p.Factor
	}
	return n
}

// afterFailure is the pause after a failed start.
func (m *stepper) afterFailure() time.Duration {
	p := &m.spec.Pause
	switch {
	case !p.isSet():
		return time.Duration(m.Tries) * time.Second
	case m.ev.Kind == SpawnFailed && m.ev.Missing:
		return p.after(m.Tries, lateFactor, m.ev.Chance)
	}
	return p.after(max(m.Tries, m.Streak-Burst), p.Factor, m.ev.Chance)
}

// betweenStarts is the least time between the start of a program that has just ended and
// its next one.
func (m *stepper) betweenStarts() time.Duration {
	p := &m.spec.Pause
	if !p.isSet() {
		return RestartPause
	}
	return p.after(m.Streak-Burst, p.Factor, m.ev.Chance)
}

// count notes an end that nobody has asked for, after a run of d. A long run makes up for
// ends before it, each for as many as it has lasted ten times their pause.
func (m *stepper) count(d time.Duration) {
	p := &m.spec.Pause
	if !p.isSet() {
		return
	}
	for m.Streak > 0 {
		d -= healthy * p.after(m.Streak-Burst, p.Factor, 0)
		if d < 0 {
			break
		}
		m.Streak--
	}
	m.Streak = min(m.Streak+1, Burst+p.top())
}
