//go:build linux

package sink

import (
	"slipway/supervise/config"
)

// Destination says where one output of a process goes.
type Destination struct {
	Process  string // name of the process, for sinks that show it
	Logfile  string // "" for none
	Private  bool   // an AUTO log: for its owner only
	Rotation Rotation
	config.Destinations
}

// kinds are the kinds of sinks, in the order in which an output is written to them. A new
// one is a file with its Sink and a row here.
var kinds = [...]struct {
	wanted func(d *Destination) bool
	open   func(t *Targets, d *Destination) Sink
}{
	{func(d *Destination) bool { return d.Logfile != "" }, (*Targets).logfile},
	{wantsCopy, (*Targets).copy},
	{func(d *Destination) bool { return d.Syslog }, (*Targets).processSyslog},
}

// Open opens the sinks of a destination. It always succeeds: a file that cannot be opened
// now is tried again, its output counted as lost until then.
func (t *Targets) Open(d *Destination) []Sink {
	var list []Sink
	for _, k := range kinds {
		if k.wanted(d) {
			list = append(list, k.open(t, d))
		}
	}
	return list
}

// Inherited returns the descriptor, 1 or 2, that d is, and nothing beside; 0 for anything
// else.
func (t *Targets) Inherited(d *Destination) int {
	n := 0
	for _, k := range kinds {
		if k.wanted(d) {
			n++
		}
	}
	if n != 1 {
		return 0
	}
	return t.FD(d.Logfile)
}

// shared is a connection that several sinks of a kind have in common.
type shared interface {
	loss() Loss
	close()
}
