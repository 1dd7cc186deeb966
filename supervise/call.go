package supervise

import (
	"slipway/supervise/control"
	"slipway/supervise/life"
	"slipway/supervise/server"
)

// call is a call of the control protocol, and the supervisor that it is about.
type call struct {
	*server.Call
	s *Supervisor
}

func (c *call) reply(v control.Value)                    { c.Reply(v) }
func (c *call) fault(code control.Code, detail string)   { c.Fault(code, detail) }
func (c *call) answer(v control.Value, f *control.Fault) { c.Answer(v, f) }

// done is the answer of a method that has nothing to say but that it succeeded.
var done = control.Bool(true)

// process returns the process that the first argument names, or answers BadName.
func (c *call) process() *life.Process {
	group, name := control.SplitName(c.Str(0))
	p := c.s.table.Find(group, name)
	if p == nil {
		c.fault(control.BadName, c.Str(0))
	}
	return p
}

// group returns the group that the first argument names, or answers BadName.
func (c *call) group() *life.Group {
	g := c.s.table.FindGroup(c.Str(0))
	if g == nil {
		c.fault(control.BadName, c.Str(0))
	}
	return g
}

// last is the last argument: what a process and a group have in common with all.
func (c *call) last() control.Value { return c.Args[len(c.Args)-1] }
