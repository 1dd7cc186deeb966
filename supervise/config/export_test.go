package config

// WithProgramOption gives an input whose sections of programs have one option more.
func WithProgramOption(in Input, o Option, bind func(*Process) any) Input {
	in.programs = append(append(Rows[Process]{}, programRows...), Row[Process]{Option: o, Bind: bind})
	return in
}

// TablesOf gives the tables by which an input is read.
func TablesOf(in Input) []Table { return tablesWith(in.programs) }

// TestInput is a machine with one file, f.
var TestInput = input
