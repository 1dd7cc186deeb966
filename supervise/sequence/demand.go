package sequence

import (
	"slipway/supervise/config"
	"slipway/supervise/dialect"
)

// demanded has a program with start = on-demand not started by itself, unless its section says
// so, and says what is wrong with that. Any other value of start means nothing where there are
// no sockets: a file may have the key for reasons of its own.
func demanded(p *config.Process, isSet func(option string) bool) (list []Wrong) {
	wrong := func(option, text, hint string) { list = append(list, Wrong{option, Mistake{text, hint}}) }
	if !p.OnDemand() {
		if p.Start != "" && len(p.Sockets) > 0 {
			wrong("start", "expected "+config.StartOnDemand+", got "+dialect.Quote(p.Start), "")
		}
		if p.IdleStop != 0 {
			wrong("idle_stop", "expected start = "+config.StartOnDemand+" beside it", "what is started with the supervisor is not stopped when it is idle")
		}
		return list
	}
	p.Autostart = p.Autostart && isSet("autostart")
	switch {
	case len(p.Sockets) == 0:
		wrong("start", "expected a sockets option beside "+config.StartOnDemand, "write [socket:NAME] with a listen option, and sockets = NAME in the section of the program")
	case p.Schedule != "":
		wrong("start", "expected no schedule beside "+config.StartOnDemand, "take one of the two out")
	case p.Conduct == config.ConductOneshot:
		wrong("start", "expected a program that runs until it is stopped, got type = "+p.Conduct.String(), "take type out: what ends by itself is started by the next connection")
	}
	if p.IdleStop < 0 {
		wrong("idle_stop", "expected a duration such as 5m, got "+p.IdleStop.String(), "")
	}
	return list
}
