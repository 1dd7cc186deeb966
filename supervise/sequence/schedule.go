package sequence

import (
	"strconv"

	"slipway/supervise/config"
	"slipway/supervise/dialect"
	"slipway/supervise/machine"
	"slipway/supervise/schedule"
)

// Wrong is what is wrong with an option.
type Wrong struct {
	Option string
	Mistake
}

// Mistakes gives the options of a program that hang together their meaning, and what is wrong
// with them.
func Mistakes(p *config.Process, isSet func(option string) bool) (list []Wrong) {
	if m := scheduled(p, isSet); m.Text != "" {
		list = append(list, Wrong{"schedule", m})
	}
	list = append(list, demanded(p, isSet)...)
	list = append(list, names(p)...)
	for _, count := range [...]struct {
		option string
		n      int
	}{{"health_retries", p.Health.Retries}, {"health_successes", p.Health.Successes}} {
		if count.n < 1 && isSet(count.option) {
			list = append(list, Wrong{count.option, Mistake{Text: "expected at least 1, got " + strconv.Itoa(count.n)}})
		}
	}
	if _, ok := machine.ParseRate(p.MaxRestarts); !ok && p.MaxRestarts != "" {
		list = append(list, Wrong{"max_restarts", Mistake{Text: "expected a number of restarts in a time, such as 5 in 1m, got " + dialect.Quote(p.MaxRestarts)}})
	}
	if p.Rolling < 0 {
		list = append(list, Wrong{"rolling", Mistake{Text: "expected a number of processes, got " + strconv.Itoa(p.Rolling)}})
	}
	if p.RestartMode == config.RestartOverlap && (p.Conduct == config.ConductOneshot || p.Conduct == config.ConductForking) {
		list = append(list, Wrong{"restart_mode", Mistake{"expected a program that runs in the foreground until it is stopped, got type = " + p.Conduct.String(), "take restart_mode out"}})
	}
	switch {
	case !p.TTY:
	case p.Numprocs != 1:
		list = append(list, Wrong{"tty", Mistake{"expected a program with one process, got numprocs = " + strconv.Itoa(p.Numprocs), "there is one terminal"}})
	case p.RestartMode == config.RestartOverlap:
		list = append(list, Wrong{"tty", Mistake{"expected a program that is stopped before it is started again, got restart_mode = " + p.RestartMode.String(), "take one of the two out"}})
	}
	for _, m := range append(p.Log.Mistakes(), p.OldLogs.Mistakes()...) {
		list = append(list, Wrong{m.Option, Mistake{m.Text, m.Hint}})
	}
	return list
}

// scheduled makes a program with a schedule a oneshot, which runs at its times alone and whose
// failure is its own, unless its section says otherwise, and says what is wrong with that.
func scheduled(p *config.Process, isSet func(option string) bool) Mistake {
	if p.Schedule == "" {
		return Mistake{}
	}
	_, wrong := schedule.Parse(p.Schedule)
	conduct := p.Conduct
	p.Conduct = config.ConductOneshot
	p.Autostart = p.Autostart && isSet("autostart")
	if !isSet("on_fatal") {
		p.OnFatal = config.OnFatalIgnore
	}
	switch {
	case wrong != "":
		return Mistake{Text: "expected " + wrong}
	case p.Once == config.OnceOnce:
		return Mistake{"expected a program that runs again, got run = " + p.Once.String(), "take one of the two out"}
	case conduct != config.ConductSimple && conduct != config.ConductOneshot:
		return Mistake{"expected a program of type oneshot, got type = " + conduct.String(), "take type out"}
	}
	return Mistake{}
}
