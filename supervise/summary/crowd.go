package summary

import (
	"slipway/supervise/logs"
	"slipway/supervise/loop"
)

// Crowd is the lines about programs that end again and again: some are told, and the rest is
// summed up every minute.
type Crowd struct {
	teller
	ends  Ends
	timer loop.Timer
	how   func() map[string]string // how each program has ended last
}

// NewCrowd returns a Crowd that writes to log.
func NewCrowd(clock Clock, l *loop.Loop, log *logs.Activity, how func() map[string]string) *Crowd {
	return &Crowd{teller: teller{clock, l, log}, how: how}
}

// Tell reports whether a line about a program is to be told. With loglevel = debug all are.
func (c *Crowd) Tell(name string, end bool) bool {
	if c.log.Enabled(logs.Debug) {
		return true
	}
	if !c.timer.IsSet() {
		c.loop.After(&c.timer, Every, c.say)
	}
	return c.ends.Tell(name, end)
}

// say sums up a minute of ends.
func (c *Crowd) say() {
	ends := c.how()
	if text := c.ends.Sum(func(name string) string { return ends[name] }); text != "" {
		c.log.Warn(text)
	}
}
