package output

import (
	"slipway/supervise/logs/sink"
	"slipway/supervise/loop"
)

// grace has the loop look again when a target has been full for so long that it takes more,
// although its reader has taken nothing. It is one look for each time that something was
// passed on, so that a target that nobody reads wakes nobody.
type grace struct {
	timer loop.Timer
	asked bool // once more, since the timer was set
}

// ask asks for a look.
func (g *grace) ask(c *Carrier) {
	if g.timer.IsSet() {
		g.asked = true
		return
	}
	c.loop.After(&g.timer, sink.Grace, func() {
		if g.asked { // what is full now may be so for less than the time
			g.asked = false
			g.ask(c)
		}
	})
}
