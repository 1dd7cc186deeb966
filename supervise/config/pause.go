package config

import "slipway/supervise/machine"

// unsetPause is the pause of a program that does not say.
var unsetPause = machine.Pause{First: -1}

// UnsetPause has a program take the pause of [slipway].
func (p *Process) UnsetPause() { p.Pause = unsetPause }
