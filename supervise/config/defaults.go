package config

import (
	"time"

	"slipway/supervise/machine"
)

// AddMain adds MainProgram, the program of a command line. The container is there for it and ends with
// it, so it is neither started again nor expected to stay up.
func AddMain(c *Config, argv []string) {
	r := unwritten(programRows)
	p := Process{Name: MainProgram, Group: MainProgram, Program: MainProgram, Command: argv[0], Argv: argv}
	programRows.Each(&p, InOrder, r.fill)
	programRows.Each(&p, PerProcess, r.fill)
	r.d.unset(r, &p)
	p.StartSecs, p.StartRetries, p.Autorestart = 0, 0, machine.RestartNever
	p.OnExit, p.OnFatal = OnExitShutdown, OnFatalShutdown
	c.Slipway.inherit(&p)
	c.Groups = append(c.Groups, Group{Name: MainProgram, Priority: p.Priority, Processes: []Process{p}})
}

// DefaultStopWait is stopwaitsecs of a program that does not say.
func DefaultStopWait() time.Duration {
	var p Process
	unwritten(programRows).fill(programRows.One(&p, "stopwaitsecs"))
	return p.StopWait
}

// DefaultMinfds is minfds of a supervisor that does not say.
func DefaultMinfds() int {
	var s Supervisord
	unwritten(supervisordRows).fill(supervisordRows.One(&s, "minfds"))
	return s.Minfds
}

// unwritten reads a section in which nothing is set, as `slipway run` does.
func unwritten(set optionSet) *reader {
	d := &decoder{doc: new(Document)}
	return &reader{d: d, sec: new(Section), set: set, n: new(names)}
}
