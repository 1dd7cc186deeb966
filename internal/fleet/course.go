package fleet

import "time"

// Rules are what a configuration says of the fleet.
type Rules struct {
	// Slots is how many containers may act at one time; 0 for any number.
	Slots int
	// Wait is how long the store may give no answer until a container acts without a slot,
	// and how long one may keep a slot.
	Wait time.Duration
	// Splay is the longest of the random delays before a container does anything.
	Splay time.Duration
	// Shares are those of a rollout; none: there is no rollout. The members of one must be
	// healthy for Hold before the next one begins.
	Shares []Share
	Hold   time.Duration
}

// On reports whether there is anything to decide.
func (r Rules) On() bool { return r.Slots > 0 || r.Splay > 0 || len(r.Shares) > 0 }

// Action is what is to be done about a change.
type Action uint8

// The actions.
const (
	Nothing Action = iota
	Ask            // for a slot; after that, tell Silent, Heard, Held and so on
	Act            // on the change, with or without a slot; after that, tell Acted
	Return         // the slot; after that, there is none
)

// state is how far a container is with a change.
type state uint8

const (
	idle    state = iota
	delayed       // until the splay is over
	asking        // for a slot
	ready         // to act
	acting        // on the change, until it is calm
)

// Course is the course of one container through a change. The zero Course has nothing to do.
type Course struct {
	state  state
	until  time.Time // of delayed
	silent time.Time // since when the store has given no answer; zero: it does
	slot   bool      // it has one
	asked  bool      // it stands in a line, or has a slot
	since  time.Time // when it began to act
	why    string    // it goes on without a slot
}

// Want says that there is a change to act on. delay is a random part of the splay.
func (c *Course) Want(now time.Time, delay time.Duration) {
	switch {
	case c.state == idle:
		c.state, c.until, c.why = delayed, now.Add(delay), ""
	case c.state == acting && c.slot: // a further change, while it has a slot still
		c.state = ready
	case c.state == acting:
		c.state, c.until, c.why = delayed, now, ""
	}
}

// Heard says that the store answers, and the container stands in a line.
func (c *Course) Heard() { c.silent = time.Time{} }

// Silent says that the store gives no answer. Only the first time counts.
func (c *Course) Silent(now time.Time) {
	if c.silent.IsZero() {
		c.silent = now
	}
}

// Held says that the container has a slot.
func (c *Course) Held() {
	c.silent, c.slot = time.Time{}, true
	if c.state == asking {
		c.state = ready
	}
}

// Gone says that the slot, or the place in the line, is lost, and that it is asked for anew.
func (c *Course) Gone() { c.slot = false }

// Denied says that the store does not let the container ask.
func (c *Course) Denied(why string) {
	c.asked, c.slot = false, false
	if c.state == asking {
		c.state, c.why = ready, why
	}
}

// Acted says that the container has acted on all that there was.
func (c *Course) Acted(now time.Time) { c.state, c.since = acting, now }

// Drop forgets a change that was not acted on yet: there is another one, which is wanted anew.
func (c *Course) Drop() {
	if c.Busy() {
		c.state = idle
	}
}

// Calm says that nothing is left to do: all programs are healthy again.
func (c *Course) Calm() {
	if c.state == acting {
		c.state = idle
	}
}

// Busy reports whether there is a change that was not acted on yet.
func (c *Course) Busy() bool { return c.state == delayed || c.state == asking || c.state == ready }

// Waits reports whether the container stands in a line.
func (c *Course) Waits() bool { return c.state == asking }

// Alone says why the container acts without a slot although there are some, "" if it does
// not.
func (c *Course) Alone() string { return c.why }

// Next is what is to be done now, and when to ask again, zero for after the next event.
func (c *Course) Next(r Rules, now time.Time) (Action, time.Time) {
	if c.state == delayed {
		switch {
		case c.until.After(now):
			return Nothing, c.until
		case r.Slots == 0 || c.slot:
			c.state = ready
		default:
			c.state, c.silent = asking, now // until it is heard of
			if !c.asked {
				c.asked = true
				return Ask, now
			}
		}
	}
	if c.state == asking && !c.silent.IsZero() {
		limit := c.silent.Add(r.Wait)
		if limit.After(now) {
			return Nothing, limit
		}
		c.state, c.why = ready, "no answer for "+r.Wait.String()
	}
	switch {
	case c.state == ready:
		return Act, now
	case c.state == idle && c.asked:
		c.asked, c.slot = false, false
		return Return, time.Time{}
	case c.state == acting && c.asked:
		limit := c.since.Add(r.Wait)
		if limit.After(now) {
			return Nothing, limit
		}
		c.asked, c.slot, c.why = false, false, "not healthy for "+r.Wait.String()
		return Return, time.Time{}
	}
	return Nothing, time.Time{}
}
