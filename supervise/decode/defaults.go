package decode

import (
	"time"

	"slipway/supervise/config"
	"slipway/supervise/decode/value"
	"slipway/supervise/dialect"
	"slipway/supervise/machine"
)

// AddMain adds MainProgram, the program of a command line. The container is there for it and ends with
// it, so it is neither started again nor expected to stay up.
func AddMain(c *config.Config, argv []string) {
	r := unwritten(config.ProgramRows)
	p := config.Process{Name: config.MainProgram, Group: config.MainProgram, Program: config.MainProgram, Command: argv[0], Argv: argv}
	config.ProgramRows.Each(&p, config.InOrder, r.Fill)
	config.ProgramRows.Each(&p, config.PerProcess, r.Fill)
	unset(r, &p)
	p.StartSecs, p.StartRetries, p.Autorestart = 0, 0, machine.RestartNever
	p.OnExit, p.OnFatal = config.OnExitShutdown, config.OnFatalShutdown
	c.Slipway.Inherit(&p)
	c.Groups = append(c.Groups, config.Group{Name: config.MainProgram, Priority: p.Priority, Processes: []config.Process{p}})
}

// DefaultStopWait is stopwaitsecs of a program that does not say.
func DefaultStopWait() time.Duration {
	var p config.Process
	unwritten(config.ProgramRows).Fill(config.ProgramRows.One(&p, "stopwaitsecs"))
	return p.StopWait
}

// DefaultMinfds is minfds of a supervisor that does not say.
func DefaultMinfds() int {
	var s config.Supervisord
	unwritten(config.SupervisordRows).Fill(config.SupervisordRows.One(&s, "minfds"))
	return s.Minfds
}

// unwritten reads a section in which nothing is set, as `slipway run` does.
func unwritten(set config.OptionSet) *value.Reader {
	c := &value.Context{Doc: new(dialect.Document)}
	return c.Reader(new(dialect.Section), set, new(dialect.Names))
}
