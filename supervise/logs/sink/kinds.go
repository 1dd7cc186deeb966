//go:build linux

package sink

import (
	"slipway/supervise/config"
	"slipway/supervise/logs/rotation"
	"slipway/supervise/logs/syslog"
)

// Destination says where one output of a process goes.
type Destination struct {
	Process  string // name of the process, for sinks that show it
	Logfile  string // "" for none
	Private  bool   // an AUTO log: for its owner only
	Rotation Rotation
	Old      *rotation.Rule // what more is done with its old files; nil: nothing
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

// SendSyslogTo says where [Targets.Syslog] sends to; it comes before the first use.
func (t *Targets) SendSyslogTo(server syslog.Server) { t.opts.Syslog = server }

// Syslog returns a sink that sends every line, with prefix before it, to the syslog
// daemon. While there is none the lines are counted as lost.
func (t *Targets) Syslog(prefix string) Sink {
	if t.syslog == nil {
		t.syslog = syslog.New(syslog.Options{Server: t.opts.Syslog, Ident: t.opts.Ident, Now: t.sys.Now, Report: t.opts.Report})
	}
	return t.syslog.Lines(prefix)
}

// processSyslog is the syslog of a destination: the name of the process comes before each
// line.
func (t *Targets) processSyslog(d *Destination) Sink { return t.Syslog(d.Process + " ") }
