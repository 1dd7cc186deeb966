package sequence

import (
	"slipway/supervise/config"
	"slipway/supervise/schedule"
)

// Scheduled makes a program with a schedule a oneshot, which runs at its times alone and whose
// failure is its own, unless its section says otherwise, and says what is wrong with that.
func Scheduled(p *config.Process, isSet func(option string) bool) Mistake {
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
	case conduct != config.ConductSimple && conduct != config.ConductOneshot:
		return Mistake{"expected a program of type oneshot, got type = " + conduct.String(), "take type out"}
	}
	return Mistake{}
}
