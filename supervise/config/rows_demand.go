package config

import "time"

// Demand says whether a program waits for somebody to connect. The type stands with the rows
// of its options.
type Demand struct {
	Start    string
	IdleStop time.Duration // 0: it is not stopped
}

// StartOnDemand is the value of start that means something. Others mean nothing: the key is
// new, and files may have it for reasons of their own.
const StartOnDemand = "on-demand"

// OnDemand reports whether the program is started when somebody connects.
func (d *Demand) OnDemand() bool { return d.Start == StartOnDemand }

// demandRows are the rows of Demand.
var demandRows = Rows[Process]{
	{Option: Option{Name: "start", Type: TypeString, Own: true,
		Doc: "on-demand: it is not started with the supervisor, unless autostart says so, but when the first connection or datagram arrives at one of its sockets, and again after it has ended. Stopped by hand it stays stopped. It needs `sockets` that no other process has. For example: `start = on-demand`."},
		Bind: func(p *Process) any { return &p.Start }},
	{Option: Option{Name: "idle_stop", Type: TypeDuration, Default: "0s", Own: true,
		Doc: "Time without a connection after which a program with start = on-demand is stopped, until the next one comes. A connection counts that is open when the supervisor looks, ten times in that time but once a second at most, or that it sees waiting to be accepted. 0: it is not stopped. For example: `idle_stop = 5m`."},
		Bind: func(p *Process) any { return &p.IdleStop }},
}
