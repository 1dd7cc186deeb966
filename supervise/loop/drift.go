package loop

import "time"

// Drift follows how far the clock on the wall is from the time that passes. Timers know the
// latter only; what shows times of day, and other machines, know the former. The zero value
// is ready.
type Drift struct {
	now  time.Time // with its monotonic reading
	wall time.Time // without one
}

const (
	// leastJump is the least jump that is worth telling.
	leastJump = time.Second
	// slew is the part of a time by which a clock may differ because it is being set slowly:
	// twice what NTP does.
	slew = 1000
)

// Jump returns by how much the clock has jumped since the last call; 0 if it has not. now
// has a monotonic reading, wall is the time of day at that moment.
func (d *Drift) Jump(now, wall time.Time) time.Duration {
	wall = wall.Round(0)
	passed, shown, first := now.Sub(d.now), wall.Sub(d.wall), d.now.IsZero()
	jump := shown - passed
	d.now, d.wall = now, wall
	if first || jump.Abs() < leastJump+passed/slew {
		return 0
	}
	return jump
}
