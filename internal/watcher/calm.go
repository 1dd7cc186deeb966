package watcher

import "time"

// calm says when changes have come to rest: when there was none for quiet, or when the
// first of them is as old as longest.
type calm struct {
	quiet, longest time.Duration
	first, last    time.Time // of the changes that nothing was done about; zero: none
}

// note takes a change down.
func (c *calm) note(now time.Time) {
	if c.first.IsZero() {
		c.first = now
	}
	c.last = now
}

// settled takes a change down that has come to rest already. What is not at rest yet is
// waited for with it.
func (c *calm) settled(now time.Time) {
	if c.first.IsZero() {
		c.first, c.last = now.Add(-c.longest), now.Add(-c.quiet)
	}
}

// due is when something is to be done; zero: never.
func (c *calm) due() time.Time {
	at, limit := c.last.Add(c.quiet), c.first.Add(c.longest)
	switch {
	case c.first.IsZero():
		return time.Time{}
	case limit.Before(at):
		return limit
	}
	return at
}

// done says that something was done about all of it.
func (c *calm) done() { c.first, c.last = time.Time{}, time.Time{} }
