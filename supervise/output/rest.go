package output

import (
	"time"

	"slipway/supervise/logs/sink"
	"slipway/supervise/loop"
)

// Wait says how long the readers of the output are waited for when the supervisor ends.
type Wait struct {
	// Patience is how long they may take nothing before they are given up. It is asked
	// anew after each look and by Hurry.
	Patience func() time.Duration
	// Late reports whether even readers that read are given up now.
	Late func() bool
	// Over is called when they have taken everything, or are given up.
	Over func()
}

// rest is the wait for the readers of what is left.
type rest struct {
	Wait
	timer loop.Timer
	over  bool
}

// Deliver waits until the readers have taken what is left of the output. Nobody but strays
// writes any more. Abandon is for what is left then.
func (c *Carrier) Deliver(w Wait) {
	c.rest = &rest{Wait: w}
	for _, ch := range c.open {
		ch.eldersFirst((*channel).owe)
	}
	c.targets.Reads() // from here on
	c.Hurry()
	c.delivered()
}

// Hurry begins the present wait of Deliver anew, with the patience that there is now.
func (c *Carrier) Hurry() { c.loop.After(&c.rest.timer, c.rest.Patience(), c.lookAtReaders) }

// delivered ends the wait of Deliver when nothing is left.
func (c *Carrier) delivered() {
	if c.rest == nil || c.rest.over {
		return
	}
	if c.owing == 0 && !c.targets.Busy() { // which lets out unfinished lines
		c.rest.end()
	}
}

// lookAtReaders gives the readers up if they have taken nothing since the last look.
func (c *Carrier) lookAtReaders() {
	if !c.targets.Reads() || c.rest.Late() {
		c.rest.end()
		return
	}
	c.Hurry()
}

func (r *rest) end() {
	if !r.over {
		r.over = true
		r.Over()
	}
}

// Abandon gives up the readers that have not taken everything. Nobody waits for anything from
// here on: what is in the pipes still is read if there is room for it, and counted as lost
// else.
func (c *Carrier) Abandon() {
	c.targets.SetPolicy(sink.DropOldest)
	for _, ch := range c.open {
		ch.eldersFirst((*channel).finish)
	}
	c.targets.GiveUp()
}
