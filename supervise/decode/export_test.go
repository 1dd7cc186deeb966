package decode

import "slipway/supervise/config"

// WithProgramOption gives an input whose sections of programs have one option more.
func WithProgramOption(in Input, o config.Option, bind func(*config.Process) any) Input {
	in.programs = append(append(config.Rows[config.Process]{}, config.ProgramRows...), config.Row[config.Process]{Option: o, Bind: bind})
	return in
}

// TablesOf gives the tables by which an input is read.
func TablesOf(in Input) []config.Table { return config.TablesWith(in.programs) }

// TestInput is a machine with one file, f.
var TestInput = input
