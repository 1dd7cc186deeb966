// Package beside brings a changed group into force while it stays: where each process that
// differs is restarted beside itself (restart_mode=overlap), nobody has to be stopped first. It
// also says what the configuration of groups is that are active, and that are to come.
package beside

import (
	"slipway/supervise/config"
	"slipway/supervise/config/changes"
	"slipway/supervise/life"
	"slipway/supervise/machine"
	"slipway/supervise/sequence"
)

// Active is a configuration with the groups that are active in the place of its own.
func Active(c *config.Config, groups []*life.Group) *config.Config {
	cfg := *c
	cfg.Groups = make([]config.Group, 0, len(groups))
	for _, g := range groups {
		cfg.Groups = append(cfg.Groups, g.Config)
	}
	return &cfg
}

// Coming is what takes the place of groups that are being stopped.
func Coming(groups []*life.Group) *config.Config {
	cfg := &config.Config{}
	for _, g := range groups {
		if g.Successor != nil {
			cfg.Groups = append(cfg.Groups, *g.Successor)
		}
	}
	return cfg
}

// Change gives a group the configuration that c has for it, and returns the processes that
// differ, which run on as they are until somebody restarts them. It returns none, and changes
// nothing, where that cannot be done without a stop: see [changes.Beside]. Nor can it be where
// one does not run, since only the process that comes beside it is made from the configuration.
func Change(c *config.Config, g *life.Group, to config.Group) (differ []*life.Process) {
	numbers, ok := changes.Beside(c, &g.Config, &to)
	if !ok || g.Removing || g.HasBeside() || len(g.Processes) != len(to.Processes) {
		return nil
	}
	for _, i := range numbers {
		p := g.Processes[i]
		if p.Life.State != machine.Running || p.HasHeir() {
			return nil
		}
		differ = append(differ, p)
	}
	g.Config = to
	for n, i := range numbers {
		p := differ[n]
		p.Config = &g.Config.Processes[i]
		p.Place.Member.Wait = sequence.Member(&g.Config, p.Config).Wait
	}
	return differ
}
