package fate

import (
	"strconv"
	"time"

	"slipway/supervise/config"
	"slipway/supervise/life"
	"slipway/supervise/logs"
)

// WarnOfBudget says at the start which programs cannot have their stopwaitsecs, since a stop
// is the wrong moment to learn that. The default value, which nobody has asked for, is not
// worth a warning. A budget of 0 is none.
func WarnOfBudget(t *life.Table, budget, unasked time.Duration, log *logs.Activity) {
	if budget == 0 {
		return
	}
	t.Each(func(p *life.Process) {
		if p.Spec.StopWait > budget && p.Spec.StopWait != unasked {
			log.Warn(p.FullName(), ": stopwaitsecs=", strconv.Itoa(int(p.Spec.StopWait/time.Second)), " is more than an ordered stop may take (stop_budget=",
				budget.String(), "); it will get its share of that")
		}
	})
}

// Tell says what the reading of a configuration has found: warnings, and what is left out.
func Tell(cfg *config.Config, log *logs.Activity) {
	for _, w := range cfg.Warnings {
		log.Warn(w)
	}
	for _, n := range cfg.Notes {
		log.Warn(n.Pos.String(), ": ", n.Text)
	}
	for _, out := range cfg.LeftOut {
		log.Info("left out: ", out.Name, " (", out.Why, ")")
	}
}
