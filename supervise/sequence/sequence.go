// Package sequence says what a configuration means for the order of its programs: who has
// which place, and what is wrong with what they wait for. It reads the configuration and
// decides nothing that happens later; package order does.
package sequence

import (
	"errors"
	"slices"

	"slipway/supervise/config"
	"slipway/supervise/dialect"
	"slipway/supervise/machine"
	"slipway/supervise/order"
)

// Member is the place of a process in the order, as its configuration says it.
func Member(g *config.Group, c *config.Process) order.Member {
	return order.Member{
		Program: c.Program, Group: c.Group, Name: c.Name, Needs: order.ParseNeeds(c.DependsOn),
		Priority: g.Priority, Wait: c.StopWait,
	}
}

// Check returns an error for a configuration whose processes cannot be ordered.
func Check(cfg *config.Config) error {
	var members []*order.Member
	var places []dialect.Pos
	for g, p := range cfg.Processes() {
		m := Member(g, p)
		members = append(members, &m)
		places = append(places, p.Pos)
	}
	err := order.Check(members)
	var bad *order.Unordered
	if errors.As(err, &bad) && places[bad.Member].File != "" {
		return errors.New(places[bad.Member].String() + ": " + err.Error())
	}
	return err
}

// Settle has a word of depends_on that is the whole name of a process mean that, though it
// ends like one with a condition: a group may have a process called "started". Known are all
// names, sorted.
func Settle(cfg *config.Config, known []string) {
	for _, p := range cfg.Processes() {
		for i, word := range p.DependsOn {
			if order.ParseNeed(word).Name == word {
				continue
			}
			if _, is := slices.BinarySearch(known, word); is {
				p.DependsOn = slices.Clone(p.DependsOn) // the processes of a program share it
				p.DependsOn[i] = word + ":" + order.Ready.String()
			}
		}
	}
}

// Mistake is what is wrong with what a program waits for. The zero Mistake is nothing.
type Mistake struct{ Text, Hint string }

// Wrong says what is wrong with a need whose name is known: a program that never ends, or
// of whose health nothing is known, would be waited for without an end.
func Wrong(cfg *config.Config, need order.Need) Mistake {
	for g, p := range cfg.Processes() {
		m := Member(g, p)
		switch {
		case need.Until != order.Healthy && !need.Until.IsEnd() || !m.Is(need.Name):
		case need.Until == order.Healthy && p.Health.Probe.Kind == config.ProbeNone:
			return Mistake{"expected a program with a health option, got " + dialect.Quote(need.String()) + ", and " + p.Program + " has none",
				"write " + dialect.Quote(need.Name) + ", which waits until it is ready"}
		case need.Until.IsEnd() && p.Life().Autorestart == machine.RestartAlways:
			return Mistake{"expected a program that comes to its end, got " + dialect.Quote(need.String()) + ", and " + p.Program + " is always started again",
				"give " + p.Program + " autorestart = unexpected, or false"}
		}
	}
	return Mistake{}
}
